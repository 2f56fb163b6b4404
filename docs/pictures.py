"""Draws every screen of the window to PNG files, with prepared data and a stand-in engine.

    python docs/pictures.py FOLDER [--only NAME] [--size 1280x800] [--scale 1] [--dark]

Without options: all screens, light and dark, two sizes, at one and two pixels a point. Needs
no display. The README's pictures are made by this script.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import msgspec  # noqa: E402 - after the path is set
from PySide6.QtCore import Qt  # noqa: E402
from PySide6.QtGui import QFont, QFontDatabase  # noqa: E402
from PySide6.QtTest import QTest  # noqa: E402
from PySide6.QtWidgets import (  # noqa: E402
    QApplication,
    QCheckBox,
    QDialog,
    QLineEdit,
    QPushButton,
    QWidget,
)

from desktop import theme  # noqa: E402
from desktop.app import prepare  # noqa: E402
from desktop.engine_process import EngineProcess  # noqa: E402
from desktop.look import wear  # noqa: E402
from desktop.main_window import MainWindow  # noqa: E402
from desktop.session import Session  # noqa: E402
from desktop.sources import Look  # noqa: E402
from desktop.state_parts import Phase  # noqa: E402
from desktop.widgets.header import Page  # noqa: E402
from docs.model_scenes import MODEL_SCENES, settle  # noqa: E402
from engine.vocabulary import Side  # noqa: E402
from tests.fakes import sample_comparison as sample  # noqa: E402
from tests.fakes.model_comparison import model_comparison  # noqa: E402

SIZES = ("1280x800", "1440x900")
SCALES = ("1", "2")
FONT_CHOICES = ("Inter", "Segoe UI", "SF Pro Text", "Cantarell", "Noto Sans")
PATIENCE_S = 20.0


class Stage:
    """One window with its engine, and the means to wait for what it shows."""

    def __init__(self, place: Place, command: list[str], install_command: list[str]) -> None:
        self.place = place
        self.session = Session(EngineProcess(command, str(place.folder)), install_command)
        self.window = MainWindow(self.session)
        self.window.resize(place.width, place.height)
        self.window.show()
        self.session.start()

    def until(self, holds: Callable[[], object]) -> None:
        end = time.monotonic() + PATIENCE_S
        while not holds():
            if time.monotonic() > end:
                raise TimeoutError("the scene did not come about")
            settle(0.02)
        settle(0.3)

    def ready(self) -> None:
        self.until(lambda: self.session.state.entries is not None)

    def dialog(self) -> QWidget:
        settle(0.3)
        return next(d for d in self.window.findChildren(QDialog) if d.isVisible())


# --- scenes -------------------------------------------------------------------------------------


def compare_empty(stage: Stage) -> None:
    stage.ready()


def compare_half(stage: Stage) -> None:
    stage.session.give(Side.A, [str(stage.place.folders[0])])
    stage.until(lambda: stage.session.state.sides[Side.A].look is Look.DONE)


def compare_filled(stage: Stage) -> None:
    stage.session.give(Side.A, [str(folder) for folder in stage.place.folders])
    sides = stage.session.state.sides.values()
    stage.until(lambda: all(part.look is Look.DONE for part in sides))


def compare_parent(stage: Stage) -> None:
    stage.session.give(Side.A, [str(stage.place.folders[0].parent)])
    stage.until(lambda: stage.session.state.sides[Side.A].look is Look.DONE)


def compare_table(stage: Stage) -> None:
    file = stage.place.folder / "groups of visits.csv"
    file.write_text("path,group\n", encoding="utf-8")
    stage.ready()
    stage.session.give(Side.A, [str(file)])


def compare_missing(stage: Stage) -> None:
    stage.ready()
    stage.session.give_text(Side.A, "/home/ada/Pictures/not here")


def compare_failed(stage: Stage) -> None:
    compare_filled(stage)
    stage.session.compare()
    stage.until(lambda: stage.session.state.run_failure)


def compare_down(stage: Stage) -> None:
    stage.until(lambda: stage.session.state.engine.phase is Phase.DOWN)
    for button in stage.window.compare_view.notice.findChildren(QPushButton):
        if button.isCheckable():
            button.setChecked(True)


def compare_nothing_kept(stage: Stage) -> None:
    stage.ready()
    box = stage.window.findChild(QCheckBox, "keepNothing")
    assert box is not None
    box.click()
    stage.until(lambda: stage.session.state.engine.phase is Phase.READY)


def compare_options(stage: Stage) -> None:
    compare_filled(stage)
    button = stage.window.findChild(QPushButton, "advanced")
    assert button is not None
    button.click()


def compare_focus(stage: Stage) -> None:
    compare_filled(stage)
    stage.window.activateWindow()
    settle(0.2)
    field = stage.window.findChild(QLineEdit, "labelB")
    assert field is not None
    field.setFocus()
    for _ in range(3):
        QTest.keyClick(stage.window.windowHandle(), Qt.Key.Key_Tab)


def progress_reading(stage: Stage) -> None:
    compare_filled(stage)
    stage.session.compare()
    state = stage.session.state
    stage.until(lambda: state.run and sum(state.run.skipped.values()))


def progress_loading(stage: Stage) -> None:
    compare_filled(stage)
    stage.session.compare()
    state = stage.session.state
    stage.until(lambda: state.run and state.run.aside == "load" and state.run.aside_state.done)


def progress_captions(stage: Stage) -> None:
    compare_filled(stage)
    stage.session.compare()
    state = stage.session.state
    stage.until(lambda: state.run and "caption" in state.run.stages and not state.run.aside)


def progress_findings(stage: Stage) -> None:
    compare_filled(stage)
    stage.session.compare()
    state = stage.session.state
    stage.until(lambda: state.run and state.run.findings)


def findings(stage: Stage) -> None:
    state = stage.session.state
    stage.until(lambda: state.entries)
    assert state.entries
    stage.session.open(state.entries[0].id)
    stage.until(lambda: state.comparison)
    settle(0.6)


def findings_yes_no(stage: Stage) -> None:
    findings(stage)
    stage.window.findings_view.table.select_row(3)
    settle(0.6)


def findings_weak(stage: Stage) -> None:
    findings(stage)
    stage.window.findings_view.table.select_row(12)
    settle(0.6)


def findings_end(stage: Stage) -> None:
    findings(stage)
    bar = stage.window.findings_view.detail.verticalScrollBar()
    bar.setValue(bar.maximum())


def findings_similar(stage: Stage) -> None:
    findings(stage)
    stage.window.findings_view.table.select_row(0)
    settle(0.6)
    stage.window.findings_view.banner.caution_buttons[-1].setChecked(True)


def findings_skipped(stage: Stage) -> None:
    findings(stage)
    stage.window.findings_view.banner.caution_buttons[-1].setChecked(True)


def history(stage: Stage) -> None:
    stage.ready()
    stage.window.go(Page.HISTORY)


def dialog_export(stage: Stage) -> QWidget:
    findings(stage)
    stage.window.open_export()
    return stage.dialog()


def dialog_exported(stage: Stage) -> QWidget:
    dialog = dialog_export(stage)
    button = dialog.findChild(QPushButton, "go")
    assert button is not None
    button.click()
    settle(0.5)
    return dialog


def dialog_privacy(stage: Stage) -> QWidget:
    stage.ready()
    stage.window.open_privacy()
    return stage.dialog()


def dialog_image(stage: Stage) -> QWidget:
    findings(stage)
    stage.window.findings_view.detail.strips[Side.A, True].opened.emit(1)
    return stage.dialog()


def dialog_keys(stage: Stage) -> QWidget:
    stage.ready()
    stage.window.open_shortcuts()
    return stage.dialog()


def dialog_forget(stage: Stage) -> QWidget:
    stage.ready()
    stage.window.ask_to_forget("*")
    return stage.dialog()


#: picture -> scene, the comparison that is shown, further options of the stand-in engine, and
#: behind "--" those of the stand-in installer
SCENES: dict[str, tuple[Callable[[Stage], QWidget | None], str, tuple[str, ...]]] = {
    "compare-empty": (compare_empty, "sample", ()),
    "compare-half": (compare_half, "sample", ()),
    "compare-filled": (compare_filled, "sample", ()),
    "compare-parent": (compare_parent, "sample", ()),
    "compare-table": (compare_table, "sample", ()),
    "compare-missing": (compare_missing, "sample", ()),
    "compare-failed": (compare_failed, "sample", ("--behave", "fail")),
    "compare-down": (compare_down, "sample", ("--behave", "die")),
    "compare-unlocked": (compare_empty, "sample", ("--lock", "")),
    "compare-nothing-kept": (compare_nothing_kept, "sample", ()),
    "compare-options": (compare_options, "sample", ()),
    "compare-options-models": (
        compare_options,
        "sample",
        ("--recipes", "workstation,laptop,measured"),
    ),
    "progress-reading": (progress_reading, "sample", ("--pace", "0.4")),
    "progress-loading": (progress_loading, "models", ("--pace", "0.15")),
    "progress-captions": (progress_captions, "models", ("--pace", "0.15")),
    "progress-findings": (progress_findings, "sample", ("--hold", "--pace", "0.1")),
    "findings": (findings, "sample", ()),
    "findings-yes-no": (findings_yes_no, "sample", ()),
    "findings-weak": (findings_weak, "sample", ()),
    "findings-end": (findings_end, "sample", ()),
    "findings-skipped": (findings_skipped, "sample", ()),
    "findings-models": (findings_similar, "models", ()),
    "findings-models-end": (findings_end, "models", ()),
    "findings-none": (findings, "none", ()),
    "findings-few": (findings, "few", ()),
    "findings-identical": (findings, "identical", ()),
    "history": (history, "sample", ()),
    "dialog-export": (dialog_export, "sample", ()),
    "dialog-exported": (dialog_exported, "sample", ()),
    "dialog-privacy": (dialog_privacy, "sample", ()),
    "dialog-image": (dialog_image, "sample", ()),
    "dialog-keys": (dialog_keys, "sample", ()),
    "dialog-forget": (dialog_forget, "sample", ()),
    **MODEL_SCENES,
    # last: from the first key on, the focus wears its ring
    "compare-focus": (compare_focus, "sample", ()),
}


class Place:
    """Prepared data in a folder of its own."""

    def __init__(self, folder: Path, size: str) -> None:
        self.folder = folder
        self.width, self.height = (int(part) for part in size.split("x"))
        self.pictures = folder / "pictures"
        comparisons = {
            "sample": sample.sample_comparison(),
            "models": model_comparison(),
            "none": sample.no_difference_comparison(),
            "few": sample.too_few_comparison(),
            "identical": sample.identical_comparison(),
        }
        for name, comparison in comparisons.items():
            sample.paint_thumbnails(comparison, self.pictures)
            (folder / f"{name}.json").write_bytes(msgspec.json.encode(comparison))
        above = folder / "mountains"
        self.folders = (above / "mountains 2019", above / "mountains 2024")
        for chosen in self.folders:
            chosen.mkdir(parents=True)
            (chosen / "notes.txt").write_text("x", encoding="utf-8")
        for content_id, side in sample.evidence_content_ids(comparisons["sample"]).items():
            data = (self.pictures / f"{content_id}.jpg").read_bytes()
            chosen = self.folders[0] if side is Side.A else self.folders[1]
            (chosen / f"{content_id[:8]}.jpg").write_bytes(data)

    def command(self, comparison: str, options: tuple[str, ...]) -> list[str]:
        fake = str(ROOT / "tests" / "fakes" / "engine.py")
        prepared = ["--comparison", str(self.folder / f"{comparison}.json")]
        prepared += ["--pictures", str(self.pictures), "--models", str(self.folder / "models")]
        return [sys.executable, fake, *prepared, *_parted(options)[0]]

    def install_command(self, options: tuple[str, ...]) -> list[str]:
        fake = str(ROOT / "tests" / "fakes" / "installer.py")
        return [sys.executable, fake, *_parted(options)[1]]


def _parted(options: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What is for the engine, and behind "--" for the installer."""
    cut = options.index("--") if "--" in options else len(options)
    return options[:cut], options[cut + 1 :]


def draw(chosen: argparse.Namespace) -> None:
    """All screens in one size, scale and theme."""
    app = QApplication(["twofold"])
    families = set(QFontDatabase.families())
    family = next((name for name in FONT_CHOICES if name in families), app.font().family())
    app.setFont(QFont(chosen.font or family, 10))
    prepare(app)
    wear(app, theme.DARK if chosen.dark else theme.LIGHT)
    look = "dark" if chosen.dark else "light"
    with tempfile.TemporaryDirectory(prefix="twofold-pictures-") as folder:
        os.environ["HOME"] = folder  # no name of the person who draws them
        place = Place(Path(folder), chosen.size)
        for name, (scene, comparison, options) in SCENES.items():
            if chosen.only not in name:
                continue
            stage = Stage(place, place.command(comparison, options), place.install_command(options))
            subject = scene(stage) or stage.window
            settle(0.3)
            file = f"{name}-{look}-{chosen.size}@{chosen.scale}.png"
            subject.grab().save(str(chosen.folder / file))
            stage.window.leave()
            stage.window.deleteLater()
            settle(0.05)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--only", default="", help="screens whose name holds this")
    parser.add_argument("--size", default="", help=f"one of {', '.join(SIZES)}, or another")
    parser.add_argument("--scale", default="", help="pixels a point")
    parser.add_argument("--font", default="", help="a font family, to see what it does")
    parser.add_argument("--dark", action="store_true")
    parser.add_argument("--light", action="store_true")
    parser.add_argument("--one", action="store_true", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    chosen.folder.mkdir(parents=True, exist_ok=True)
    if chosen.one:
        draw(chosen)
        return
    themes = ["--dark"] if chosen.dark else ["--light"] if chosen.light else ["--light", "--dark"]
    for size in [chosen.size] if chosen.size else SIZES:
        for scale in [chosen.scale] if chosen.scale else SCALES:
            for look in themes:  # the scale can be set once a process
                options = {"QT_SCALE_FACTOR": scale, "QT_QPA_PLATFORM": "offscreen"}
                command = [sys.executable, __file__, str(chosen.folder), "--one", look]
                command += ["--size", size, "--scale", scale, "--only", chosen.only]
                command += ["--font", chosen.font]
                subprocess.run(command, env={**os.environ, **options}, check=True)


if __name__ == "__main__":
    main()
