"""What works on this machine, as checks a person can read. Changes nothing."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from typing import Any

from engine import privacy
from engine.errors import LibraryMissing
from engine.recipe import AUTO, choose
from engine.runtimes import device
from engine.storage.paths import Place
from engine.storage.store import Store
from engine.versions import versions
from engine.weights.shelf import Shelf
from engine.workers.pool import WorkerPool

LOW_SPACE_BYTES = 1_000_000_000  # free space from which a warning is due

Check = dict[str, Any]


def checks(
    place: Place, store: Store, shelf: Shelf, pool: Callable[[], WorkerPool]
) -> tuple[Check, ...]:
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
        _models(shelf),
        _libraries(),
        _check(
            "Versions", True, ", ".join(f"{k} {v}" for k, v in versions(models=True).items()), ""
        ),
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


def _models(shelf: Shelf) -> Check:
    states = [state for state in shelf.states() if state.state != "missing"]
    damaged = [state.spec for state in states if state.state == "damaged"]
    recipe = choose(AUTO, shelf.has).name
    names = [state.spec.name for state in states if state.state in ("installed", "in_place")]
    own = [state.spec.name for state in states if state.state == "bundled"]
    have = ", ".join(names) if names else "none installed; none is needed to measure and compare"
    if own:
        have += f"; with Twofold came: {', '.join(own)}"
    broken = " ".join(spec.name for spec in damaged)
    if damaged:
        have += f"; damaged: {broken}"
    return _check(
        "Models",
        not damaged,
        f"{have}. Recipe used when none is named: {recipe}.",
        "Install Twofold again."
        if any(spec.bundled for spec in damaged)
        else f"twofold models install {broken}",
    )


def _libraries() -> Check:
    """What runs models, and on what; only where it is installed is it loaded."""
    try:
        found = device.machine()
    except LibraryMissing as error:
        return _check("Model libraries", True, "not installed; only models need them", error.hint)
    free, total = device.gpu_memory()
    card = f", {free / 1e9:.1f} of {total / 1e9:.1f} GB free" if found.kind == "cuda" else ""
    why = f". {found.reason}" if found.reason else ""
    return _check("Model libraries", not found.hint, f"{found.title}{card}{why}", found.hint)


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
