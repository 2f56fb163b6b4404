"""Every key that does something, in one list."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QGridLayout, QPushButton, QVBoxLayout, QWidget

from desktop.widgets.text import Text


class ShortcutsDialog(QDialog):
    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.setWindowTitle(self.tr("Keyboard shortcuts"))
        grid = QGridLayout()
        grid.setHorizontalSpacing(32)
        grid.setVerticalSpacing(8)
        for row, (keys, meaning) in enumerate(
            (
                ("Ctrl+V", self.tr("Paste a folder or a path into the next empty side")),
                ("Ctrl+Enter", self.tr("Compare")),
                ("Esc", self.tr("Cancel a comparison, or work on models; close a dialog")),
                ("J   ↓", self.tr("Next finding")),
                ("K   ↑", self.tr("Finding before")),
                ("/", self.tr("Filter the findings")),
                ("Enter", self.tr("Show the chosen image large")),
                ("Ctrl+E", self.tr("Export")),
                ("Ctrl+N", self.tr("New comparison")),
                ("Ctrl+1  2  3  4", self.tr("Compare, findings, history, models")),
                ("Delete", self.tr("Forget the chosen comparison (in the history)")),
                ("F1   ?", self.tr("This list")),
                ("Ctrl+Q", self.tr("Quit")),
            )
        ):
            grid.addWidget(Text(keys, "strong"), row, 0)
            grid.addWidget(Text(meaning), row, 1)
        close = QPushButton(self.tr("Close"))
        close.setDefault(True)
        close.clicked.connect(self.accept)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 24, 24, 24)
        column.setSpacing(16)
        column.addWidget(Text(self.tr("Keyboard shortcuts"), "title"))
        column.addLayout(grid)
        column.addSpacing(8)
        column.addWidget(close, 0, Qt.AlignmentFlag.AlignRight)
