"""Brings the libraries that run models in, so that a wish to stop is heard meanwhile.

They take seconds from a warm disk and far longer from a cold one, and an import cannot be broken
off. So it goes on in a thread of its own, even when nobody waits for it any more. Loads no model.
"""

from __future__ import annotations

import importlib
import threading
from contextlib import suppress

from engine.job import JobControl
from engine.model import InstalledModel, Loader

#: loader -> modules that it will ask for; what they are is decided where they are used
_MODULES: dict[Loader, tuple[str, ...]] = {
    Loader.BLIP2: (
        "torch",
        "accelerate",
        "transformers",
        "transformers.models.blip_2.modeling_blip_2",
        "transformers.models.blip_2.processing_blip_2",
    ),
    Loader.LLAVA: (
        "torch",
        "accelerate",
        "transformers",
        "transformers.models.auto.modeling_auto",
        "transformers.models.auto.processing_auto",
        "transformers.models.llava.modeling_llava",
    ),
    Loader.OPEN_CLIP: ("torch", "accelerate", "open_clip"),
    Loader.GGUF: ("torch", "llama_cpp"),
    Loader.GGUF_VISION: ("torch", "llama_cpp"),
}
_TICK_S = 0.1


def bring_in(model: InstalledModel, job: JobControl) -> None:
    """Returns when they are there, or cannot be: that is said by whoever needs them.

    Raises Cancelled.
    """
    thread = threading.Thread(
        target=_import_all, args=(_MODULES[model.spec.loader],), name="libraries", daemon=True
    )
    thread.start()
    while thread.is_alive():
        job.check_cancelled()
        thread.join(_TICK_S)
    job.check_cancelled()


def _import_all(names: tuple[str, ...]) -> None:
    for name in names:
        with suppress(Exception):  # what is wrong with it comes up again when it is used
            importlib.import_module(name)
