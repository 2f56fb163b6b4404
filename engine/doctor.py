"""What works on this machine, as checks a person can read. Changes nothing."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from typing import Any

from engine import privacy
from engine.storage.paths import Place
from engine.storage.store import Store
from engine.versions import versions
from engine.workers.pool import WorkerPool

LOW_SPACE_BYTES = 1_000_000_000  # free space from which a warning is due

Check = dict[str, Any]


def checks(place: Place, store: Store, pool: Callable[[], WorkerPool]) -> tuple[Check, ...]:
    """Each: {name, ok, text, hint}; the network lock first."""
    return (
        *(
            _check(f"Network lock: {layer.name}", layer.ok, layer.text, layer.hint)
            for layer in privacy.status()
        ),
        *(
            _check(f"Attempt: {attempt.name}", attempt.ok, attempt.text, attempt.hint)
            for attempt in privacy.attempt()
        ),
        _data_folder(place, store),
        _space(place),
        _workers(pool),
        _formats(),
        _check("Models", True, "None needed: recipe “measured”.", ""),
        _check("Versions", True, ", ".join(f"{k} {v}" for k, v in versions().items()), ""),
        _check("System", True, f"{sys.platform}", ""),
    )


def _check(name: str, ok: bool, text: str, hint: str) -> Check:
    return {"name": name, "ok": ok, "text": text, "hint": hint}


def _data_folder(place: Place, store: Store) -> Check:
    used = sum(store.usage().values())
    kept = "kept in memory until the end" if place.ephemeral else str(place.root)
    return _check("Data folder", True, f"{kept}, {used / 1e6:.1f} MB used", "")


def _space(place: Place) -> Check:
    free = shutil.disk_usage(place.root).free
    return _check(
        "Free space",
        free >= LOW_SPACE_BYTES,
        f"{free / 1e9:.1f} GB free where comparisons are kept",
        "Free some space, or choose another folder with --data-dir.",
    )


def _workers(pool: Callable[[], WorkerPool]) -> Check:
    count = pool().processes
    return _check("Workers", True, f"{count} processes read images side by side", "")


def _formats() -> Check:
    from PIL import features

    wanted = {
        "jpg": "JPEG",
        "zlib": "PNG",
        "libtiff": "TIFF",
        "webp": "WebP",
        "jpg_2000": "JPEG 2000",
        "avif": "AVIF",
    }
    missing = [title for name, title in wanted.items() if not features.check(name)]
    try:
        import pi_heif  # noqa: F401 - only whether it loads
    except ImportError:
        missing.append("HEIC")
    return _check(
        "Image formats",
        not missing,
        "all" if not missing else f"without {', '.join(missing)}",
        "Install Twofold again with its pinned versions.",
    )
