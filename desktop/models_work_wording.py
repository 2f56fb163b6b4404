"""The sentences about work on models: what goes on, how it ended, and why nothing can begin.

Facts in, plain text out. Decides nothing.
"""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from desktop import figures
from desktop.models_state import End, Ended, ModelsState, ModelWork, Order, Task
from desktop.models_wording import title
from desktop.safe_text import isolated, shortened
from desktop.state import AppState
from desktop.state_parts import Phase
from desktop.wording import counted

translate = QCoreApplication.translate

PLACE_LIMIT = 60  # characters of a folder in a sentence


def _named(order: Order, models: ModelsState) -> str:
    """ "Laptop", "Qwen3-VL 2B", "3 models"."""
    if len(order.names) != 1:
        return counted(
            len(order.names), translate("models", "1 model"), translate("models", "{n} models")
        )
    name = order.names[0]
    pack = next((pack for pack in models.packs if pack.name == name), None)
    if pack is not None and order.task is Task.INSTALL:
        return isolated(pack.title)
    entry = models.entry(name)
    return isolated(name) if entry is None else title(entry)


def _place(order: Order) -> str:
    return shortened(order.path, PLACE_LIMIT)


def doing(order: Order, models: ModelsState) -> str:
    """What goes on, as a heading."""
    match order.task:
        case Task.INSTALL:
            text = translate("models", "Installing {what}")
        case Task.VERIFY:
            text = translate("models", "Checking {what}")
        case Task.REMOVE:
            text = translate("models", "Removing {what}")
        case Task.IMPORT:
            return translate("models", "Importing models from “{place}”").format(
                place=_place(order)
            )
        case Task.EXPORT:
            text = translate("models", "Copying {what} out")
        case Task.USE:
            text = translate("models", "Looking at {what} where it lies")
    return text.format(what=_named(order, models))


def step(work: ModelWork) -> str:
    """ "Fetching: 1.2 GB of 4.9 GB"."""
    if work.stopping:
        return translate("models", "Stopping…")
    what = {
        "install": translate("models", "Fetching"),
        "verify": translate("models", "Reading every byte once more"),
        "import": translate("models", "Copying"),
        "export": translate("models", "Copying"),
    }.get(work.stage, translate("models", "Getting ready…"))
    if not work.total:
        return what
    return translate("models", "{what}: {done} of {total}").format(
        what=what.rstrip("…"), done=figures.size(work.done), total=figures.size(work.total)
    )


def meanwhile(order: Order) -> str:
    """What else can be done while it goes on."""
    if order.task is Task.INSTALL:
        return translate(
            "models",
            "Fetched by a program of its own that never sees an image. Comparing works meanwhile. "
            "Cancelling keeps what was fetched.",
        )
    return translate(
        "models",
        "Done on this computer, without a network. Comparing waits until it is over.",
    )


def in_short(work: ModelWork, models: ModelsState) -> str:
    """For the status line: "Installing Laptop · 34 %"."""
    what = doing(work.order, models)
    if not work.total:
        return what
    return f"{what} · {figures.percent(work.done / work.total)}"


def ended(end: Ended, models: ModelsState) -> tuple[str, str, str]:
    """Tone, what happened and the next step, of work that did not fail."""
    what = _named(end.order, models)
    if end.end is End.STOPPED:
        kept = {
            Task.INSTALL: translate(
                "models", "What was fetched is kept: install again to go on from there."
            ),
            Task.IMPORT: translate(
                "models", "What was copied is kept: import again to go on from there."
            ),
            Task.EXPORT: translate(
                "models", "What was copied is kept: export again to go on from there."
            ),
        }.get(end.order.task, "")
        return "idle", translate("models", "Stopped."), kept
    match end.order.task:
        case Task.INSTALL:
            return (
                "good",
                translate("models", "{what}: installed, and every byte checked.").format(what=what),
                "",
            )
        case Task.VERIFY:
            return (
                "good",
                translate("models", "{what}: every file is what was installed.").format(what=what),
                "",
            )
        case Task.REMOVE:
            return "good", translate("models", "Removed."), ""
        case Task.IMPORT:
            return (
                "good",
                translate("models", "The models were imported, and every byte checked."),
                "",
            )
        case Task.EXPORT:
            return (
                "good",
                translate("models", "{what}: copied to “{place}”.").format(
                    what=what, place=_place(end.order)
                ),
                translate("models", "On the other computer: Models, Import."),
            )
        case Task.USE:
            return (
                "good",
                translate("models", "{what} is used where it lies.").format(what=what),
                "",
            )


# --- what cannot be done now --------------------------------------------------------------------


def no_install(state: AppState) -> str:
    """Why nothing can be installed now; "" when it can."""
    models = state.models
    if models.work is not None:
        return translate("models", "One thing at a time: other work on models goes on.")
    if not models.root:
        return translate("models", "The engine has not said yet where models are kept.")
    return ""


def no_change(state: AppState) -> str:
    """Why the engine can do nothing about models now; "" when it can."""
    if state.models.work is not None:
        return translate("models", "One thing at a time: other work on models goes on.")
    if state.run is not None:
        return translate("models", "A comparison is running; it may use the models.")
    if state.engine.phase is not Phase.READY:
        return translate("models", "The engine is not running.")
    return ""
