"""Writing a comparison down: the form, what it may show, where it goes, and how that went."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QProcess, QStandardPaths, Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import (
    QButtonGroup,
    QDialog,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from desktop import figures
from desktop.file_dialogs import BrowseDialog
from desktop.safe_text import isolated
from desktop.session import Session
from desktop.state import Change
from desktop.state_parts import Work
from desktop.widgets.check_box import CheckBox
from desktop.widgets.notice import Notice
from desktop.widgets.text import Text
from engine.protocol import ReportOptions
from engine.vocabulary import Comparison, Finding

WITH_PICTURES = ("pdf", "html")
_UNWELCOME = '<>:"/\\|?*'  # in file names, on one system or another
NAME_LIMIT = 80  # characters of a suggested file name


class Segments(QFrame):
    """A choice of one among a few, side by side."""

    def __init__(self, name: str, choices: Sequence[tuple[str, str]]) -> None:
        super().__init__()
        self.setProperty("role", "sunken")
        self.setAccessibleName(name)
        self._group = QButtonGroup(self)
        self._keys: list[str] = []
        row = QHBoxLayout(self)
        row.setContentsMargins(3, 3, 3, 3)
        row.setSpacing(2)
        for key, text in choices:
            button = QPushButton(text)
            button.setObjectName(f"{key}")
            button.setProperty("kind", "segment")
            button.setCheckable(True)
            button.setAutoDefault(False)
            button.setAccessibleName(f"{name}: {text}")
            # bold must not move its neighbours
            button.setMinimumWidth(button.fontMetrics().horizontalAdvance(text) + 40)
            self._group.addButton(button, len(self._keys))
            self._keys.append(key)
            row.addWidget(button)
        self._group.button(0).setChecked(True)
        self.changed = self._group.idToggled

    @property
    def choice(self) -> str:
        return self._keys[self._group.checkedId()]


class ExportDialog(QDialog):
    def __init__(
        self,
        session: Session,
        comparison: Comparison,
        shown_findings: Sequence[Finding],
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.setWindowTitle(self.tr("Export"))
        self.setMinimumWidth(600)
        self._session = session
        self._shown_findings = tuple(finding.id for finding in shown_findings)
        significant = sum(finding.significant for finding in comparison.findings)
        session.forget_export()
        self._format = Segments(
            self.tr("Form"), (("pdf", "PDF"), ("html", "HTML"), ("csv", "CSV"), ("json", "JSON"))
        )
        self._about = Text("", "small", wrap=True)
        self._findings = Segments(
            self.tr("Findings"),
            (
                ("significant", self.tr("Significant ({n})").format(n=figures.count(significant))),
                (
                    "shown",
                    self.tr("As listed now ({n})").format(
                        n=figures.count(len(self._shown_findings))
                    ),
                ),
            ),
        )
        self._thumbnails = Segments(
            self.tr("Images"),
            (
                ("full", self.tr("Thumbnails")),
                ("blurred", self.tr("Blurred")),
                ("none", self.tr("None")),
            ),
        )
        self._names = CheckBox(self.tr("Show file names"))
        self._names.setObjectName("fileNames")
        self._names_hint = Text(
            self.tr("Names within the chosen folders; never whole paths."), "small"
        )
        self._paper = Segments(
            self.tr("Paper"), (("a4", "A4"), ("us-letter", self.tr("US Letter")))
        )
        self._path = QLineEdit(_suggested(comparison))
        self._path.setObjectName("exportPath")
        self._path.setAccessibleName(self.tr("Save as"))
        self._path.setAcceptDrops(False)
        self._path.textChanged.connect(self._path_changed)
        self._exists = Text("", "small")
        self._exists.setProperty("tone", "warn")
        self._notice = Notice(closable=False)
        self._go = QPushButton(self.tr("Export"))
        self._go.setObjectName("go")
        self._go.setProperty("kind", "primary")
        self._go.setDefault(True)
        self._go.clicked.connect(self._export)
        self._close = QPushButton(self.tr("Close"))
        self._close.setAutoDefault(False)
        self._close.clicked.connect(self.reject)
        self._open = QPushButton(self.tr("Open"))
        self._open.setObjectName("openFile")
        self._open.setAutoDefault(False)
        self._open.clicked.connect(self._open_file)
        self._show = QPushButton(self.tr("Show in folder"))
        self._show.setAutoDefault(False)
        self._show.clicked.connect(self._show_in_folder)
        self._build()
        self._format.changed.connect(self._form_changed)
        session.changed.connect(self._on_change)
        self._form_changed()
        self._show_work()

    @property
    def notice(self) -> Notice:
        return self._notice

    # --- what it shows ------------------------------------------------------------------------

    def _on_change(self, changes: set[Change]) -> None:
        if Change.EXPORT in changes:
            self._show_work()

    def _show_work(self) -> None:
        export = self._session.state.export
        busy = export.work is Work.BUSY
        self._go.setEnabled(not busy and bool(self._path.text().strip()))
        self._go.setText(self.tr("Writing…") if busy else self.tr("Export"))
        done = export.work is Work.DONE
        self._open.setVisible(done)
        self._show.setVisible(done)
        if done:
            name = isolated(Path(export.path).name)
            self._notice.show_words("good", self.tr("Saved as “{name}”.").format(name=name))
        elif export.work is Work.FAILED:
            self._notice.show_failure(export.failure)
        else:
            self._notice.show_failure(None)
        self._path_changed()

    def _form_changed(self) -> None:
        chosen = self._format.choice
        self._about.setText(
            {
                "pdf": self.tr("A report to read, print and sign, with the evidence."),
                "html": self.tr("The same report as one self-contained page for a browser."),
                "csv": self.tr("One row a finding, for a spreadsheet. No images."),
                "json": self.tr(
                    "Everything, for programs: also the full paths of files that were left out."
                ),
            }[chosen]
        )
        report = chosen in WITH_PICTURES
        for part in (*self._report_only, self._thumbnails, self._names, self._names_hint):
            part.setEnabled(report)
        self._paper.setEnabled(chosen == "pdf")
        self._paper_label.setEnabled(chosen == "pdf")
        path = Path(self._path.text())
        if path.suffix.lower() in (".pdf", ".html", ".csv", ".json"):
            self._path.setText(str(path.with_suffix(f".{chosen}")))

    def _path_changed(self) -> None:
        text = self._path.text().strip()
        self._go.setEnabled(bool(text) and self._session.state.export.work is not Work.BUSY)
        path = self._target()
        written = self._session.state.export.path
        there = bool(text) and path.is_file() and str(path) != written
        self._exists.setText(
            self.tr("A file of this name exists; it will be replaced.") if there else " "
        )

    # --- what the person does -----------------------------------------------------------------

    def _target(self) -> Path:
        return Path(self._path.text().strip()).expanduser().absolute()

    def _export(self) -> None:
        chosen = self._format.choice
        path = self._target()
        if path.suffix.lower() != f".{chosen}":
            path = path.with_name(f"{path.name}.{chosen}")
            self._path.setText(str(path))
        options = ReportOptions(
            thumbnails=self._thumbnails.choice,
            file_names=self._names.isChecked(),
            paper=self._paper.choice,
            findings=self._shown_findings if self._findings.choice == "shown" else (),
        )
        self._session.export(str(path), chosen, options)

    def _browse(self) -> None:
        target = self._target()
        dialog = BrowseDialog(self, "save", self.tr("Save the export"), str(target.parent))
        dialog.selectFile(target.name)
        dialog.fileSelected.connect(self._path.setText)
        dialog.open()

    def _open_file(self) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(self._session.state.export.path))

    def _show_in_folder(self) -> None:
        path = self._session.state.export.path
        if sys.platform == "win32":
            QProcess.startDetached("explorer", ["/select,", str(Path(path))])
        elif sys.platform == "darwin":
            QProcess.startDetached("open", ["-R", path])
        else:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(Path(path).parent)))

    # --- building -----------------------------------------------------------------------------

    def _build(self) -> None:
        grid = QGridLayout()
        grid.setHorizontalSpacing(24)
        grid.setVerticalSpacing(12)
        grid.setColumnStretch(1, 1)
        left = Qt.AlignmentFlag.AlignLeft
        form = Text(self.tr("Form"), "strong")
        self._images_label = Text(self.tr("Images"), "strong")
        self._paper_label = Text(self.tr("Paper"), "strong")
        self._report_only = (self._images_label,)
        names = QHBoxLayout()
        names.setSpacing(8)
        names.addWidget(self._names)
        names.addWidget(self._names_hint)
        names.addStretch(1)
        grid.addWidget(form, 0, 0)
        grid.addWidget(self._format, 0, 1, left)
        grid.addWidget(self._about, 1, 1)
        grid.addWidget(Text(self.tr("Findings"), "strong"), 2, 0)
        grid.addWidget(self._findings, 2, 1, left)
        grid.addWidget(self._images_label, 3, 0)
        grid.addWidget(self._thumbnails, 3, 1, left)
        grid.addLayout(names, 4, 1)
        grid.addWidget(self._paper_label, 5, 0)
        grid.addWidget(self._paper, 5, 1, left)
        save_as = Text(self.tr("Save as"), "strong")
        save_as.setContentsMargins(0, 6, 0, 0)  # on the line of the field beside it
        grid.addWidget(save_as, 6, 0, Qt.AlignmentFlag.AlignTop)
        grid.addLayout(self._where(), 6, 1)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addWidget(self._open)
        buttons.addWidget(self._show)
        buttons.addStretch(1)
        buttons.addWidget(self._close)
        buttons.addWidget(self._go)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 24, 24, 24)
        column.setSpacing(16)
        column.addWidget(Text(self.tr("Export"), "title"))
        column.addLayout(grid)
        column.addWidget(self._notice)
        column.addLayout(buttons)

    def _where(self) -> QVBoxLayout:
        browse = QPushButton(self.tr("Browse…"))
        browse.setAutoDefault(False)
        browse.clicked.connect(self._browse)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self._path, 1)
        row.addWidget(browse)
        where = QVBoxLayout()
        where.setSpacing(2)
        where.addLayout(row)
        where.addWidget(self._exists)
        return where


def _suggested(comparison: Comparison) -> str:
    """A file in the documents folder, named after the two sets."""
    name = f"{comparison.a.label} - {comparison.b.label}"
    clean = "".join(c if c.isprintable() and c not in _UNWELCOME else "_" for c in name)
    clean = clean[:NAME_LIMIT].strip(" .") or "comparison"
    folder = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
    place = Path(folder) if folder and Path(folder).is_dir() else Path.home()
    return str(place / f"{clean}.pdf")
