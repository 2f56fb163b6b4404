"""The desktop program: its options, and the wiring of engine, state and window.

Imports nothing of the engine but its protocol, vocabulary and errors; the engine itself is a
process of its own.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QLocale, QSettings, QSocketNotifier
from PySide6.QtWidgets import QApplication

import engine
from desktop.engine_process import EngineProcess, default_command
from desktop.file_dialogs import leave_no_trace
from desktop.look import follow_system
from desktop.main_window import MainWindow
from desktop.session import Session
from desktop.widgets.focus_ring import FocusRing
from desktop.widgets.logo import app_icon
from engine.vocabulary import Side

DATA_VARIABLE = "TWOFOLD_DATA"  # the engine reads the same one
WINDOW_FILE = "window.ini"


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="twofold-desktop",
        description="Tells two folders of images apart, in words, on your own machine.",
    )
    parser.add_argument("folders", nargs="*", metavar="FOLDER", help="A, then B")
    parser.add_argument("--data-dir", default="", metavar="DIR", help="where comparisons are kept")
    parser.add_argument("--ephemeral", action="store_true", help="keep nothing")
    parser.add_argument("--open", default="", metavar="ID", help="open a comparison by its id")
    parser.add_argument("--version", action="version", version=f"Twofold {engine.__version__}")
    chosen = parser.parse_args(arguments)
    if len(chosen.folders) > 2:
        parser.error("give at most two folders: A and B")
    return chosen


def window_settings(data_dir: str) -> QSettings | None:
    """The file in the data folder that holds the window's size, and nothing else.

    None where the folder cannot be made: the engine will say so in words.
    """
    folder = Path(data_dir or os.environ.get(DATA_VARIABLE) or _default_data_dir())
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError:
        return None
    return QSettings(str(folder / WINDOW_FILE), QSettings.Format.IniFormat)


def _default_data_dir() -> str:
    import platformdirs

    return platformdirs.user_data_dir("Twofold", appauthor=False)


def prepare(app: QApplication) -> None:
    """What every window of the program needs, once."""
    app.setApplicationName("Twofold")
    app.setApplicationDisplayName("Twofold")
    app.setDesktopFileName("twofold")
    app.setWindowIcon(app_icon())
    QLocale.setDefault(QLocale(QLocale.Language.English, QLocale.Country.UnitedKingdom))
    leave_no_trace()
    follow_system(app)
    FocusRing(app)


def close_on_signal(window: MainWindow) -> None:
    """End in good order on Ctrl-C in a terminal and when the system asks; POSIX only."""
    if os.name != "posix":
        return
    heard, told = os.pipe()
    os.set_blocking(told, False)
    signal.set_wakeup_fd(told)
    for kind in (signal.SIGINT, signal.SIGTERM):
        signal.signal(kind, lambda *_: None)  # what follows happens in Qt's loop
    notifier = QSocketNotifier(heard, QSocketNotifier.Type.Read, window)
    notifier.activated.connect(window.leave)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program until its window is closed. Returns the exit status."""
    chosen = parse(sys.argv[1:] if arguments is None else arguments)
    app = QApplication([sys.argv[0]])
    prepare(app)
    data_dir = str(Path(chosen.data_dir).expanduser().absolute()) if chosen.data_dir else ""
    process = EngineProcess(default_command(), data_dir, ephemeral=chosen.ephemeral)
    session = Session(process)
    window = MainWindow(session, None if chosen.ephemeral else window_settings(data_dir))
    close_on_signal(window)
    window.show()
    session.start(chosen.open)
    for side, folder in zip(Side, chosen.folders, strict=False):
        session.give_text(side, folder)
    return app.exec()


if __name__ == "__main__":
    sys.exit(main())
