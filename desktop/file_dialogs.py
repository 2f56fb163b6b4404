"""File dialogs that leave no trace of where a person's images are.

Qt's own dialog writes the last folders to a settings file in the user's home; here that file
leads nowhere. The desktop's dialogs and their lists of recent files are not used where Qt
offers its own.
"""

from __future__ import annotations

import sys
from pathlib import Path

from PySide6.QtCore import QDir, QObject, QSettings, QUrl
from PySide6.QtWidgets import QFileDialog, QWidget

_SCOPE = QSettings.Scope.UserScope
_NATIVE = sys.platform in ("win32", "darwin")  # there Qt writes nothing, and users expect theirs


def leave_no_trace() -> None:
    """Before the first dialog: whatever Qt wants to remember of it goes nowhere."""
    nowhere = str(Path("/dev/null") / "twofold")  # below a file no folder can be made
    for kind in (QSettings.Format.NativeFormat, QSettings.Format.IniFormat):
        QSettings.setPath(kind, _SCOPE, nowhere)


class BrowseDialog(QFileDialog):
    """A dialog for one purpose: "folder", "images", "table", "model" or "save"."""

    def __init__(self, parent: QWidget, purpose: str, title: str, start: str = "") -> None:
        super().__init__(parent, title, start or QDir.homePath())
        self.setOption(QFileDialog.Option.DontUseNativeDialog, not _NATIVE)
        self.setOption(QFileDialog.Option.DontUseCustomDirectoryIcons)
        self.setSidebarUrls([QUrl.fromLocalFile(QDir.homePath()), QUrl.fromLocalFile("/")])
        if purpose == "folder":
            self.setFileMode(QFileDialog.FileMode.Directory)
            self.setOption(QFileDialog.Option.ShowDirsOnly)
        elif purpose == "images":
            self.setFileMode(QFileDialog.FileMode.ExistingFiles)
        elif purpose == "table":
            self.setFileMode(QFileDialog.FileMode.ExistingFile)
            self.setNameFilter(self.tr("Tables (*.csv *.tsv)"))
        elif purpose == "model":
            self.setFileMode(QFileDialog.FileMode.ExistingFile)
            self.setNameFilter(self.tr("Models (*.gguf)"))
        else:
            self.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
            self.setOption(QFileDialog.Option.DontConfirmOverwrite)  # said beside the button
        self.finished.connect(self._forget)

    def _forget(self) -> None:
        self.setHistory([])
        self.deleteLater()


def owner(widget: QObject) -> QWidget:
    """The window that a dialog belongs to."""
    assert isinstance(widget, QWidget)
    return widget.window()
