"""Scenes of the models page, for `docs/pictures.py`."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QApplication, QLineEdit, QPushButton, QWidget

from desktop.widgets.header import Page
from tests.fakes.model_shelf import FakeShelf

if TYPE_CHECKING:
    from docs.pictures import Stage


def settle(seconds: float) -> None:
    """Let the window work."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        QApplication.processEvents()
        time.sleep(0.005)


def models(stage: Stage, **states: str) -> None:
    """The page. states: of models; an underscore stands for the dash, two for the dot."""
    shelf = FakeShelf(stage.place.folder / "models")
    for entry in shelf.entries():
        shelf.take(entry.name)
    for name, state in states.items():
        shelf.put(name.replace("__", ".").replace("_", "-"), state)
    stage.ready()
    stage.window.go(Page.MODELS)
    stage.until(lambda: stage.session.state.models.entries)


def models_empty(stage: Stage) -> None:
    models(stage)


def models_installed(stage: Stage) -> None:
    models(
        stage,
        qwen3_vl_2b="installed",
        qwen3__5_4b="installed",
        vit_b_32_laion2b="installed",
        vicuna_13b_v1__5="in_place",
        vit_bigg_14_laion2b="partial",
        blip2_flan_t5_xxl="damaged",
        mine="in_place",
    )


def models_details(stage: Stage) -> None:
    models_installed(stage)
    row = stage.window.models_view.rows["llava-1.5-13b"]
    row.more_button.click()
    settle(0.2)
    stage.window.models_view.ensureWidgetVisible(row, 0, 200)


def models_installing(stage: Stage) -> None:
    models(stage, qwen3_vl_2b="installed")
    stage.window.models_view.cards["laptop"].button.click()
    work = stage.session.state.models
    stage.until(lambda: work.work and work.work.done > work.work.total * 0.3)


def models_failed(stage: Stage) -> None:
    models(stage, qwen3_vl_2b="installed")
    stage.window.models_view.cards["laptop"].button.click()
    stage.until(lambda: stage.session.state.models.ended)


def _dialog(stage: Stage, name: str) -> QWidget:
    models_installed(stage)
    button = stage.window.findChild(QPushButton, name)
    assert button is not None
    button.click()
    return stage.dialog()


def dialog_import(stage: Stage) -> QWidget:
    return _dialog(stage, "importModels")


def dialog_export(stage: Stage) -> QWidget:
    dialog = _dialog(stage, "exportModels")
    field = dialog.findChild(QLineEdit, "exportFolder")
    assert field is not None
    field.setText("/media/usb")
    return dialog


def dialog_use(stage: Stage) -> QWidget:
    return _dialog(stage, "useModel")


MODEL_SCENES: dict[str, tuple[Callable[[Stage], QWidget | None], str, tuple[str, ...]]] = {
    "models-empty": (models_empty, "sample", ()),
    "models-installed": (models_installed, "sample", ()),
    "models-details": (models_details, "sample", ()),
    "models-installing": (models_installing, "sample", ("--", "--pace", "0.2")),
    "models-failed": (models_failed, "sample", ("--", "--behave", "fail")),
    "dialog-models-import": (dialog_import, "sample", ()),
    "dialog-models-export": (dialog_export, "sample", ()),
    "dialog-models-use": (dialog_use, "sample", ()),
}
