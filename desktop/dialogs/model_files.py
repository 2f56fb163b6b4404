"""Models that lie in files: copy them in, copy them out, or use them where they are."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QDialog,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from desktop import figures, models_wording
from desktop.dialogs.export import Segments
from desktop.file_dialogs import BrowseDialog
from desktop.models_state import INSTALLED, Order, Task
from desktop.session import Session
from desktop.widgets.check_box import CheckBox
from desktop.widgets.choice import Choice
from desktop.widgets.text import Text
from engine.protocol import ModelEntry

WIDTH_PX = 600
LIST_PX = 200  # height of the list of models to copy
NAME_LIMIT = 64  # characters of a model's name


class PathField(QWidget):
    """A path to type or to choose. ways: purpose of a BrowseDialog -> text of its button."""

    changed = Signal()

    def __init__(self, name: str, label: str, ways: dict[str, str]) -> None:
        super().__init__()
        self.field = QLineEdit()
        self.field.setObjectName(name)
        self.field.setAccessibleName(label)
        self.field.setAcceptDrops(False)
        self.field.textChanged.connect(self.changed)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self.field, 1)
        for purpose, text in ways.items():
            button = QPushButton(text)
            button.setAutoDefault(False)
            button.setAccessibleName(f"{text.rstrip('…')}: {label}")
            button.clicked.connect(lambda _=False, purpose=purpose: self._browse(purpose, label))
            row.addWidget(button)

    @property
    def path(self) -> str:
        """Absolute; "" where nothing was typed."""
        text = self.field.text().strip()
        return str(Path(text).expanduser().absolute()) if text else ""

    def _browse(self, purpose: str, title: str) -> None:
        dialog = BrowseDialog(self.window(), purpose, title, self.path)
        dialog.fileSelected.connect(self.field.setText)
        dialog.open()


class _ModelFilesDialog(QDialog):
    """A heading, a sentence, a form, why it cannot go on yet, and two buttons."""

    def __init__(self, session: Session, parent: QWidget, title: str, about: str, go: str) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.setWindowTitle(title)
        self.setMinimumWidth(WIDTH_PX)
        self._session = session
        self._models = session.state.models
        self.form = QGridLayout()
        self.form.setHorizontalSpacing(16)
        self.form.setVerticalSpacing(12)
        self.form.setColumnStretch(1, 1)
        self._reason = Text("", "small")
        self._reason.setObjectName("reason")
        self._go = QPushButton(go)
        self._go.setObjectName("go")
        self._go.setProperty("kind", "primary")
        self._go.setDefault(True)
        self._go.clicked.connect(self._begin)
        close = QPushButton(self.tr("Cancel"))
        close.setAutoDefault(False)
        close.clicked.connect(self.reject)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addWidget(self._reason, 1)
        buttons.addWidget(close)
        buttons.addWidget(self._go)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 24, 24, 24)
        column.setSpacing(16)
        column.addWidget(Text(title, "title"))
        column.addWidget(Text(about, "muted", wrap=True))
        column.addLayout(self.form)
        column.addLayout(buttons)

    def line(self, name: str, field: QWidget, about: str = "") -> tuple[QWidget, ...]:
        """One line of the form; returns its parts."""
        row = self.form.rowCount()
        label = Text(name, "strong")
        label.setBuddy(field)
        if isinstance(field, QFrame):
            self.form.addWidget(label, row, 0, Qt.AlignmentFlag.AlignTop)
        else:
            self.form.addWidget(label, row, 0)
        self.form.addWidget(field, row, 1)
        if not about:
            return label, field
        words = Text(about, "small", wrap=True)
        self.form.addWidget(words, row + 1, 1)
        field.setAccessibleDescription(about)
        return label, field, words

    def check(self) -> None:
        why_not = self.why_not()
        self._reason.setText(why_not)
        self._go.setEnabled(not why_not)
        self._go.setAccessibleDescription(why_not)

    def why_not(self) -> str:
        raise NotImplementedError

    def order(self) -> Order:
        raise NotImplementedError

    def _begin(self) -> None:
        self._session.models.do(self.order())
        self.accept()

    def _nothing_at(self, path: str, kind: Callable[[str], bool]) -> str:
        if not path:
            return self.tr("Say where it is.")
        return "" if kind(path) else self.tr("There is nothing like that at this path.")


class ImportModelsDialog(_ModelFilesDialog):
    def __init__(self, session: Session, parent: QWidget) -> None:
        super().__init__(
            session,
            parent,
            self.tr("Import models"),
            self.tr(
                "From a folder or a USB drive, without any network. Every byte is checked before "
                "a model becomes usable."
            ),
            self.tr("Import"),
        )
        self._folder = PathField(
            "importFolder", self.tr("Folder or drive"), {"folder": self.tr("Browse…")}
        )
        self._folder.changed.connect(self.check)
        self._kind = Segments(
            self.tr("It holds"),
            (
                ("export", self.tr("An export")),
                ("files", self.tr("One model’s files")),
            ),
        )
        self._kind.changed.connect(self._kind_changed)
        self._model = Choice()
        self._model.setObjectName("importModel")
        self._model.setAccessibleName(self.tr("Model"))
        for entry in self._models.entries or ():
            if entry.state not in INSTALLED and entry.repository:
                self._model.addItem(models_wording.title(entry), entry.name)
        self.line(self.tr("Folder or drive"), self._folder)
        row = self.form.rowCount()
        self.form.addWidget(Text(self.tr("It holds"), "strong"), row, 0)
        self.form.addWidget(self._kind, row, 1, Qt.AlignmentFlag.AlignLeft)
        self._which = self.line(self.tr("Model"), self._model)
        self._kind_changed()

    def _kind_changed(self) -> None:
        for part in self._which:
            part.setEnabled(self._kind.choice == "files")
        self.check()

    def why_not(self) -> str:
        if self._kind.choice == "files" and self._model.currentData() is None:
            return self.tr("Every model that Twofold knows is installed.")
        return self._nothing_at(self._folder.path, os.path.isdir)

    def order(self) -> Order:
        one = self._kind.choice == "files"
        names = (str(self._model.currentData()),) if one else ()
        return Order(Task.IMPORT, names, self._folder.path)


class ExportModelsDialog(_ModelFilesDialog):
    def __init__(self, session: Session, parent: QWidget) -> None:
        super().__init__(
            session,
            parent,
            self.tr("Export models"),
            self.tr(
                "Copies them to a folder or a USB drive, with a hash of every file, for a computer "
                "without a network."
            ),
            self.tr("Export"),
        )
        self._boxes: list[tuple[CheckBox, ModelEntry]] = []
        inside = QWidget()
        inside.setObjectName("plain")
        column = QVBoxLayout(inside)
        column.setContentsMargins(12, 8, 12, 8)
        column.setSpacing(4)
        for entry in sorted(self._models.entries or (), key=lambda entry: entry.bundled):
            if entry.state in INSTALLED:
                box = CheckBox(f"{models_wording.title(entry)}   {models_wording.size(entry)}")
                box.setChecked(not entry.bundled)  # the other computer's Twofold has those, too
                box.toggled.connect(self.check)
                self._boxes.append((box, entry))
                column.addWidget(box)
        column.addStretch(1)
        area = QScrollArea()
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidgetResizable(True)
        area.setWidget(inside)
        area.setMinimumHeight(min(LIST_PX, 32 * len(self._boxes) + 24))
        frame = QFrame()
        frame.setProperty("role", "sunken")
        framed = QVBoxLayout(frame)
        framed.setContentsMargins(0, 0, 0, 0)
        framed.addWidget(area)
        self._folder = PathField(
            "exportFolder", self.tr("Folder or drive"), {"folder": self.tr("Browse…")}
        )
        self._folder.changed.connect(self.check)
        self.line(self.tr("Models"), frame)
        self.line(self.tr("Folder or drive"), self._folder)
        self.check()

    def _chosen(self) -> list[ModelEntry]:
        return [entry for box, entry in self._boxes if box.isChecked()]

    def check(self) -> None:
        super().check()
        if not self.why_not():
            size = sum(entry.size_bytes or 0 for entry in self._chosen())
            self._reason.setText(self.tr("{size} in all").format(size=figures.size(size)))

    def why_not(self) -> str:
        if not self._chosen():
            return self.tr("Choose at least one model.")
        if not self._folder.path:
            return self.tr("Say where to.")
        if Path(self._folder.path).is_file():
            return self.tr("That is a file; choose a folder.")
        return ""

    def order(self) -> Order:
        names = tuple(entry.name for entry in self._chosen())
        return Order(Task.EXPORT, names, self._folder.path)


class UseModelDialog(_ModelFilesDialog):
    def __init__(self, session: Session, parent: QWidget) -> None:
        super().__init__(
            session,
            parent,
            self.tr("Use a model you have"),
            self.tr(
                "A GGUF file, or the folder of another program. It is read once and used where it "
                "lies; it is never changed, moved or deleted."
            ),
            self.tr("Use it"),
        )
        ways = {"model": self.tr("File…"), "folder": self.tr("Folder…")}
        self._path = PathField("usePath", self.tr("Where it lies"), ways)
        self._path.changed.connect(self._path_changed)
        self._which = Choice()
        self._which.setObjectName("useWhich")
        self._which.setAccessibleName(self.tr("Which model it is"))
        self._which.addItem(self.tr("One of my own"), "")
        for entry in self._models.entries or ():
            if entry.state not in INSTALLED and entry.repository:
                self._which.addItem(models_wording.title(entry), entry.name)
        self._which.currentIndexChanged.connect(self._which_changed)
        self._name = QLineEdit()
        self._name.setObjectName("useName")
        self._name.setMaxLength(NAME_LIMIT)
        self._name.setAccessibleName(self.tr("Name"))
        self._name.textEdited.connect(self._name_edited)
        self._named = False
        self._role = Choice()
        self._role.setObjectName("useRole")
        self._role.setAccessibleName(self.tr("What it is for"))
        self._role.addItem(self.tr("As its files say"), "")
        for role in models_wording.ROLES:
            self._role.addItem(models_wording.role(role), role)
        self._projector = PathField(
            "useProjector", self.tr("Image projector"), {"model": self.tr("File…")}
        )
        self._projector.changed.connect(self.check)
        self.line(self.tr("Where it lies"), self._path)
        self.line(self.tr("Which model"), self._which)
        about = self.tr("How recipes call it: lower case, digits, dots and dashes.")
        self._own_parts = [
            *self.line(self.tr("Name"), self._name, about),
            *self.line(self.tr("What it is for"), self._role),
        ]
        about = self.tr("Only for a GGUF model that looks at images: its second file, “mmproj”.")
        self.line(self.tr("Image projector"), self._projector, about)
        self._which_changed()

    @property
    def _own(self) -> bool:
        return not self._which.currentData()

    def _path_changed(self) -> None:
        if not self._named:
            self._name.setText(_name_for(self._path.path))
        self.check()

    def _name_edited(self) -> None:
        self._named = True
        self.check()

    def _which_changed(self) -> None:
        for part in self._own_parts:
            part.setEnabled(self._own)
        self.check()

    def why_not(self) -> str:
        nothing = self._nothing_at(self._path.path, os.path.lexists)
        if nothing:
            return nothing
        if self._projector.path and not Path(self._projector.path).is_file():
            return self.tr("The image projector is not there.")
        if self._own and not self._name.text().strip():
            return self.tr("Give it a name.")
        return ""

    def order(self) -> Order:
        role = str(self._role.currentData() or "") if self._own else ""
        name = self._name.text().strip() if self._own else str(self._which.currentData())
        roles = (role,) if role else ()
        return Order(Task.USE, (name,), self._path.path, roles, self._projector.path)


def _name_for(path: str) -> str:
    """A name that will do, made from a file's or folder's own."""
    stem = Path(path).name.lower().removesuffix(".gguf")
    return re.sub(r"[^a-z0-9.]+", "-", stem)[:NAME_LIMIT].strip(".-") if path else ""
