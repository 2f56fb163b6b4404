"""What the window promises about privacy, and whether everyone can see and reach its parts."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from itertools import product
from pathlib import Path

import psutil
import pytest
from PySide6.QtCore import QPoint, QSettings, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QApplication,
    QDialog,
    QLineEdit,
    QPushButton,
    QSpinBox,
    QWidget,
)
from pytestqt.qtbot import QtBot

from desktop import theme
from desktop.app import parse, window_settings
from desktop.dialogs.privacy import PrivacyDialog
from desktop.look import wear
from desktop.main_window import GEOMETRY, MainWindow
from desktop.widgets.header import Page
from desktop.widgets.text import Text
from engine.vocabulary import Side
from tests.desktop.driving import StartProgram

ROOT = Path(__file__).parents[2]


# --- the lock -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("layers", "tone", "text"),
    [
        (
            "namespace,seccomp,audit",
            "good",
            "Network locked by the kernel — nothing can leave this computer",
        ),
        ("seccomp", "good", "Network locked by the kernel — nothing can leave this computer"),
        ("audit", "warn", "Network refused by the program, not by the kernel: see Privacy"),
        ("", "warn", "Network lock not available on this system: see Privacy"),
    ],
)
def test_the_status_line_says_what_holds(
    start: StartProgram, layers: str, tone: str, text: str
) -> None:
    program = start("--lock", layers)
    assert program.window.status_line.lock_text == "Starting the engine…"
    program.ready()
    line = program.window.status_line
    assert (line.lock_tone, line.lock_text) == (tone, text)


def test_the_lock_leads_to_the_checks(start: StartProgram, qtbot: QtBot) -> None:
    program = start("--lock", "")
    program.ready()
    lock = program.window.findChild(QPushButton, "lock")
    assert isinstance(lock, QPushButton)
    qtbot.mouseClick(lock, Qt.MouseButton.LeftButton)
    box = next(d for d in program.window.findChildren(PrivacyDialog) if d.isVisible())
    program.until(lambda: program.state.checks)
    said = [label.text() for label in box.findChildren(Text) if label.isVisible()]
    assert "Network lock" in said
    assert "no layer holds" in said
    assert "Allow user namespaces on this system." in said
    assert len(program.requests("doctor")) == 1


def test_forgetting_everything_asks_first(start: StartProgram, qtbot: QtBot) -> None:
    program = start()
    program.ready()
    program.window.go(Page.HISTORY)
    forget = program.window.history_view.findChild(QPushButton, "forgetAll")
    assert isinstance(forget, QPushButton)
    for answer, left in (("no", 3), ("yes", 0)):
        qtbot.mouseClick(forget, Qt.MouseButton.LeftButton)
        box = next(d for d in program.window.findChildren(QDialog) if d.isVisible())
        choice = box.findChild(QPushButton, answer)
        assert isinstance(choice, QPushButton)
        qtbot.mouseClick(choice, Qt.MouseButton.LeftButton)
        program.until(lambda left=left: len(program.state.entries or ()) == left)
    assert [r["comparison"] for r in program.requests("forget")] == ["*"]


def test_the_history_opens_and_forgets_by_keyboard(start: StartProgram, qtbot: QtBot) -> None:
    program = start()
    program.ready()
    program.window.activateWindow()
    qtbot.keyClick(program.window, Qt.Key.Key_3, Qt.KeyboardModifier.ControlModifier)
    entries = program.window.history_view.entries
    entries.setCurrentIndex(entries.model().index(1, 0))
    qtbot.keyClick(entries, Qt.Key.Key_Delete)
    box = next(d for d in program.window.findChildren(QDialog) if d.isVisible())
    qtbot.keyClick(box, Qt.Key.Key_Escape)
    assert program.requests("forget") == []
    entries.setCurrentIndex(entries.model().index(0, 0))
    qtbot.keyClick(entries, Qt.Key.Key_Return)
    program.until(lambda: program.window.page is Page.FINDINGS)


# --- traces -------------------------------------------------------------------------------------


def test_only_the_window_s_size_is_remembered(
    start: StartProgram, folders: tuple[Path, Path], tmp_path: Path
) -> None:
    program = start()
    program.ready()
    file = tmp_path / "window.ini"
    settings = QSettings(str(file), QSettings.Format.IniFormat)
    window = MainWindow(program.session, settings)
    window.resize(1040, 711)
    program.fill(*folders)
    window.close()
    assert settings.allKeys() == [GEOMETRY]
    text = file.read_text(encoding="utf-8")
    assert "holiday" not in text
    again = MainWindow(program.session, QSettings(str(file), QSettings.Format.IniFormat))
    assert again.height() == 711
    again.deleteLater()
    window.deleteLater()


def test_the_window_s_file_lies_in_the_data_folder(tmp_path: Path) -> None:
    settings = window_settings(str(tmp_path / "data"))
    assert settings is not None
    assert settings.fileName() == str(tmp_path / "data" / "window.ini")
    assert (tmp_path / "data").stat().st_mode & 0o077 == 0
    blocked = tmp_path / "file"
    blocked.write_text("x", encoding="utf-8")
    assert window_settings(str(blocked / "data")) is None


BROWSE = """
import os, sys
from pathlib import Path
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QMainWindow
from desktop.app import prepare
from desktop.file_dialogs import BrowseDialog
app = QApplication([])
if sys.argv[2] == "careful":
    prepare(app)
window = QMainWindow(); window.show()
dialog = BrowseDialog(window, "folder", "Choose", sys.argv[1])
chosen = []
dialog.filesSelected.connect(chosen.extend)
dialog.open()
dialog.selectFile(sys.argv[1])
QTimer.singleShot(50, dialog.accept)
QTimer.singleShot(150, app.quit)
app.exec()
del dialog
window.close()
print(chosen)
"""


def test_browsing_leaves_no_trace_of_the_folder(tmp_path: Path) -> None:
    folder = tmp_path / "very private folder"
    folder.mkdir()
    home = tmp_path / "home"
    home.mkdir()
    done = subprocess.run(
        [sys.executable, "-c", BROWSE, str(folder), "careful"],
        cwd=ROOT,
        env={"HOME": str(home), "QT_QPA_PLATFORM": "offscreen", "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert str(folder) in done.stdout
    written = [path for path in home.rglob("*") if path.is_file()]
    assert not [path for path in written if b"very private" in path.read_bytes()]


def test_the_window_starts_without_the_heavy_libraries() -> None:
    code = (
        "import sys, desktop.app; heavy = {'numpy', 'pyqtgraph', 'scipy', 'PIL', 'sklearn'};"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_the_window_knows_four_modules_of_the_engine() -> None:
    code = "import sys, desktop.app; print(sorted(m for m in sys.modules if m[:7] == 'engine.'))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    known = ["engine.errors", "engine.figures", "engine.protocol", "engine.vocabulary"]
    assert done.stdout.strip() == str(known)


@pytest.mark.parametrize("kind", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_window_and_its_engine(tmp_path: Path, kind: signal.Signals) -> None:
    command = [sys.executable, "-m", "desktop.app", "--data-dir", str(tmp_path / "data")]
    environment = {**os.environ, "HOME": str(tmp_path), "QT_QPA_PLATFORM": "offscreen"}
    with subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.PIPE) as running:
        window = psutil.Process(running.pid)
        end = time.monotonic() + 20
        while not window.children() and time.monotonic() < end:
            time.sleep(0.05)
        engine = window.children()
        time.sleep(0.5)  # until it is in Qt's loop
        running.send_signal(kind)
        assert running.wait(15) == 0
    _, alive = psutil.wait_procs(engine, timeout=5)
    assert engine
    assert alive == []


def test_options_are_checked(capsys: pytest.CaptureFixture[str]) -> None:
    chosen = parse(["/a", "/b", "--ephemeral", "--open", "abc"])
    assert (chosen.folders, chosen.ephemeral, chosen.open) == (["/a", "/b"], True, "abc")
    with pytest.raises(SystemExit):
        parse(["/a", "/b", "/c"])
    assert "at most two folders" in capsys.readouterr().err


# --- seeing and reaching ------------------------------------------------------------------------


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("look", [theme.LIGHT, theme.DARK], ids=["light", "dark"])
def test_every_text_can_be_read(look: theme.Colours) -> None:
    words = (look.ink, look.muted, look.good, look.warn, look.bad)
    for text, ground in product(words, (look.card, look.ground, look.sunken)):
        assert contrast(text, ground) >= 4.5, (text, ground)
    for side in Side:
        assert contrast(look.side(side), look.card) >= 4.5
        # letters and numbers in bold, never sentences
        assert contrast(look.side(side), look.sunken) >= 4.0
        assert contrast(look.side(side), look.side_tint(side)) >= 3.8
        assert contrast(look.ink, look.side_tint(side)) >= 7.0
        assert contrast(look.card, look.side(side)) >= 4.5
    for tone in ("good", "warn", "bad"):
        text, ground = look.tone(tone)
        assert contrast(text, ground) >= 4.5, tone
        assert contrast(look.ink, ground) >= 7.0, tone
        assert contrast(look.card, text) >= 4.5, tone
    assert contrast(look.on_ink, look.ink) >= 7.0


def test_the_system_s_choice_is_followed_live(app: QApplication) -> None:
    hints = app.styleHints()
    hints.colorSchemeChanged.emit(Qt.ColorScheme.Dark)
    assert theme.colours() is theme.DARK
    hints.colorSchemeChanged.emit(Qt.ColorScheme.Light)
    assert theme.colours() is theme.LIGHT


def test_a_is_blue_and_b_is_burnt_orange() -> None:
    assert (theme.LIGHT.side(Side.A), theme.LIGHT.side(Side.B)) == ("#2b6cb0", "#c05621")


def test_light_and_dark_change_while_it_runs(start: StartProgram, app: QApplication) -> None:
    program = start()
    program.open_first()
    corner = (30, 70)
    try:
        wear(app, theme.DARK)
        QApplication.processEvents()
        assert theme.colours() is theme.DARK
        dark = program.window.grab().toImage().pixelColor(*corner).lightness()
    finally:
        wear(app, theme.LIGHT)
    QApplication.processEvents()
    light = program.window.grab().toImage().pixelColor(*corner).lightness()
    assert dark < 80
    assert light > 180


INTERACTIVE = (QAbstractButton, QLineEdit, QSpinBox, QAbstractItemView)


def nameless(parent: QWidget) -> list[str]:
    """Visible parts that can be used and have no name in words."""
    found = []
    for widget in parent.findChildren(QWidget):
        inside = widget.parentWidget()
        if not isinstance(widget, INTERACTIVE) or isinstance(inside, INTERACTIVE):
            continue  # the parts of a field are named by the field
        words = widget.accessibleName()
        if isinstance(widget, QAbstractButton):
            words = words or widget.text()
        if widget.isVisible() and not words:
            found.append(f"{type(widget).__name__} in {type(inside).__name__}")
    return found


def test_everything_one_can_use_has_a_name(start: StartProgram, folders: tuple[Path, Path]) -> None:
    program = start()
    program.ready()
    assert nameless(program.window) == []
    program.fill(*folders)
    assert nameless(program.window) == []
    program.window.go(Page.HISTORY)
    assert nameless(program.window) == []
    program.open_first()
    assert nameless(program.window) == []
    for open_ in (
        program.window.open_export,
        program.window.open_privacy,
        program.window.open_shortcuts,
    ):
        open_()
        box = next(d for d in program.window.findChildren(QDialog) if d.isVisible())
        assert nameless(box) == []
        box.reject()
        QApplication.processEvents()


def test_the_tab_key_reaches_both_sides_and_the_button(
    start: StartProgram, folders: tuple[Path, Path], qtbot: QtBot
) -> None:
    program = start()
    program.ready()
    program.fill(*folders)
    program.window.activateWindow()
    label = program.window.findChild(QLineEdit, "labelA")
    assert isinstance(label, QLineEdit)
    label.setFocus()
    order = []
    for _ in range(14):
        qtbot.keyClick(program.window.focusWidget(), Qt.Key.Key_Tab)
        focused = program.window.focusWidget()
        order.append(focused.objectName() or focused.accessibleName())
    wanted = ["Clear A", "labelB", "Clear B", "compare"]
    assert [name for name in order if name in wanted] == wanted


def test_the_focus_has_a_ring_when_it_moves_by_keyboard(start: StartProgram) -> None:
    program = start()
    program.ready()
    program.window.activateWindow()
    help_button = next(
        b for b in program.window.findChildren(QPushButton)
        if b.accessibleName() == "Keyboard shortcuts"
    )  # fmt: skip

    def rings() -> list[QWidget]:
        kind = "_Ring"
        return [w for w in program.window.findChildren(QWidget) if type(w).__name__ == kind]

    help_button.setFocus()
    assert rings() == []  # nobody has touched a key
    handle = program.window.windowHandle()
    QTest.keyClick(handle, Qt.Key.Key_Tab)
    focused = program.window.focusWidget()
    assert focused is not help_button
    assert [ring.isVisible() for ring in rings()] == [True]
    assert rings()[0].width() > focused.width()
    QTest.mouseClick(handle, Qt.MouseButton.LeftButton, pos=QPoint(600, 780))
    assert not any(ring.isVisible() for ring in rings())


def test_the_window_keeps_the_focus_while_its_parts_are_built(start: StartProgram) -> None:
    program = start()
    program.ready()
    assert QApplication.activeWindow() is program.window
    assert [w for w in QApplication.topLevelWidgets() if w.isVisible()] == [program.window]


def test_f1_lists_the_keys(start: StartProgram, qtbot: QtBot) -> None:
    program = start()
    program.ready()
    program.window.activateWindow()
    qtbot.keyClick(program.window, Qt.Key.Key_F1)
    box = next(d for d in program.window.findChildren(QDialog) if d.isVisible())
    said = {label.text() for label in box.findChildren(Text)}
    assert {"Ctrl+E", "Ctrl+N", "Esc", "F1   ?"} <= said
