"""Failures that the window itself notices, in words: what happened, and the next step."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QCoreApplication

from desktop.engine_process import Cause, Death
from desktop.safe_text import isolated, shortened, shown
from desktop.sources import Failure, Unusable

translate = QCoreApplication.translate


def engine_gone(death: Death) -> Failure:
    """Why the engine is gone, and what happens next."""
    log = "\n".join(shown(line) for line in death.log.splitlines())
    match death.cause:
        case Cause.NOT_STARTED:
            return Failure(
                "engine_died",
                translate("failure", "The engine could not be started."),
                translate("failure", "Install Twofold again; a part of it is missing."),
                log,
            )
        case Cause.OTHER_PROTOCOL:
            return Failure(
                "protocol_mismatch",
                translate("failure", "The engine is of another version ({build}).").format(
                    build=isolated(death.build)
                ),
                translate("failure", "Install Twofold again so that its parts fit together."),
                log,
            )
        case Cause.SILENT:
            return Failure(
                "engine_died",
                translate("failure", "The engine did not answer after it was started."),
                translate("failure", "Start it again; if it stays silent, restart the computer."),
                log,
            )
        case Cause.GARBLED:
            return Failure(
                "protocol_mismatch",
                translate("failure", "The engine sent something that is not understood."),
                translate("failure", "Start it again; if that repeats, install Twofold again."),
                log,
            )
        case Cause.REFUSED if death.refusal is not None:
            return Failure(
                death.refusal.code, shown(death.refusal.message), shown(death.refusal.hint), log
            )
        case _:
            return _died(death, log)


def _died(death: Death, log: str) -> Failure:
    if death.exit_code is None:
        what = translate("failure", "The engine was ended from outside or crashed.")
    else:
        what = translate("failure", "The engine ended unexpectedly (exit status {code}).").format(
            code=death.exit_code
        )
    if death.comes_back:
        step = translate(
            "failure", "It has been started again. What was read is kept: compare once more."
        )
    else:
        step = translate(
            "failure", "It ended twice within a minute, so it was not started a third time."
        )
    return Failure("engine_died", what, step, log)


def installer_gone(death: Death) -> Failure:
    """Why an installation ended without a word of the installer's own."""
    log = "\n".join(shown(line) for line in death.log.splitlines())
    match death.cause:
        case Cause.NOT_STARTED:
            what = translate("failure", "The installer could not be started.")
            step = translate("failure", "Install Twofold again; a part of it is missing.")
        case Cause.GARBLED:
            what = translate("failure", "The installer sent something that is not understood.")
            step = translate("failure", "Install Twofold again so that its parts fit together.")
        case _:
            what = (
                translate("failure", "The installer was ended from outside or crashed.")
                if death.exit_code is None
                else translate(
                    "failure", "The installer ended unexpectedly (exit status {code})."
                ).format(code=death.exit_code)
            )
            step = translate("failure", "Try again: what was fetched so far is kept for that.")
    return Failure("install_failed", what, step, log)


def unusable(why: Unusable, culprit: str = "") -> Failure:
    """Why what was dropped, pasted or typed cannot be a side."""
    match why:
        case Unusable.MISSING:
            return Failure(
                "missing_path",
                translate("failure", "There is nothing at “{path}”.").format(
                    path=shortened(culprit, 80)
                ),
                translate("failure", "Check the spelling, or choose it with Browse…"),
            )
        case Unusable.REMOTE:
            return Failure(
                "missing_path",
                translate("failure", "That is an address on a network."),
                translate("failure", "Copy the images to this computer first, then drop them."),
            )
        case Unusable.UNSPEAKABLE:
            return Failure(
                "missing_path",
                translate("failure", "The name “{path}” is not valid text.").format(
                    path=shortened(culprit, 80)
                ),
                translate("failure", "Rename the folder, or choose the folder above it."),
            )
        case Unusable.NOTHING:
            return Failure(
                "missing_path",
                translate("failure", "That holds no file or folder."),
                translate("failure", "Drop a folder from your file manager, or use Browse…"),
            )


def empty_answer() -> Failure:
    """An engine that says "done" without the answer breaks the protocol."""
    return Failure(
        "internal",
        translate("failure", "The engine ended without an answer."),
        translate("failure", "Try again; if that repeats, install Twofold again."),
    )


def worded(failure: Failure) -> Failure:
    """Completes a failure that was noticed where no sentences are written, or no next step."""
    if not failure.message:
        return empty_answer()
    if not failure.hint:
        return replace(failure, hint=_next_step(failure.code))
    return failure


def _next_step(code: str) -> str:
    """What to do about a model that cannot be used; "" for any other failure."""
    return {
        "model": translate("failure", "Install the model again, or choose another recipe."),
        "unknown_model": translate("failure", "Correct the name of the model in the recipe."),
        "model_missing": translate(
            "failure", "Install the model, or choose a recipe whose models are installed."
        ),
        "model_damaged": translate("failure", "Remove the model and install it again."),
        "model_refused": translate(
            "failure", "Take the model from its own repository, as safetensors or GGUF."
        ),
        "wrong_model": translate("failure", "Name a model of the right kind in the recipe."),
        "bad_manifest": translate("failure", "Correct the entry, or take it out."),
        "not_enough_memory": translate(
            "failure", "Close other programs, or choose a recipe with smaller models."
        ),
        "library_missing": translate("failure", "Install Twofold again, with models."),
        "model_failed": translate(
            "failure",
            "Compare once more. If it fails again, renew the graphics driver or choose a recipe "
            "with smaller models.",
        ),
        "shelf_busy": translate(
            "failure", "Wait until the other program is done with the models, then try again."
        ),
        "install_failed": translate(
            "failure", "Try again: what was fetched so far is kept for that."
        ),
    }.get(code, "")
