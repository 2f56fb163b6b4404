"""One group of evidence: a title, a row of pictures with their scores, and the rest on demand."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from desktop import finding_wording
from desktop.item_models.image_model import ImageModel, PictureItem
from desktop.thumbnail_loader import ThumbnailLoader
from desktop.widgets.letter_badge import LetterBadge
from desktop.widgets.picture_list import PictureList
from desktop.widgets.text import ElidedText
from engine.vocabulary import EvidenceImage, Finding, Side


class EvidenceStrip(QWidget):
    """opened(row): show this picture large."""

    opened = Signal(int)

    def __init__(self, side: Side, *, most: bool, loader: ThumbnailLoader) -> None:
        super().__init__()
        self.side = side
        self._most = most
        self._images: tuple[EvidenceImage, ...] = ()
        self.model = ImageModel(loader, self)
        self._title = ElidedText("", "strong")
        self._all = QPushButton()
        self._all.setProperty("kind", "link")
        self._all.setCheckable(True)
        self._all.toggled.connect(self._show_all)
        self._pictures = PictureList("", tile_px=96)
        self._pictures.setModel(self.model)
        self._pictures.opened.connect(self.opened)
        self._pictures.reshaped.connect(self._reshaped)
        head = QHBoxLayout()
        head.setSpacing(8)
        head.setContentsMargins(0, 0, -8, 0)  # the words of the link end where the pictures end
        head.addWidget(LetterBadge(side, 20))
        head.addWidget(self._title, 1)
        head.addWidget(self._all)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(head)
        column.addWidget(self._pictures)

    @property
    def pictures(self) -> PictureList:
        return self._pictures

    @property
    def content_ids(self) -> list[str]:
        return [image.content_id for image in self._images]

    def set_finding(self, finding: Finding) -> None:
        evidence = finding.evidence
        self._images = {
            (Side.A, True): evidence.a_most,
            (Side.A, False): evidence.a_least,
            (Side.B, True): evidence.b_most,
            (Side.B, False): evidence.b_least,
        }[self.side, self._most]
        title = finding_wording.evidence_title(self.side, most=self._most, finding=finding)
        self._title.setText(title)
        self._pictures.setAccessibleName(title)
        self._all.setChecked(False)
        self._pictures.show_rows(1)
        self.model.set_items(
            [
                PictureItem(
                    image.content_id,
                    finding_wording.image_caption(finding, image.name, image.score),
                    finding_wording.evidence_score(finding, image.score),
                )
                for image in self._images
            ]
        )
        self.setVisible(bool(self._images))

    def _show_all(self, everything: bool) -> None:
        self._pictures.show_rows(None if everything else 1)

    def _reshaped(self) -> None:
        everything = self._all.isChecked()
        if everything:
            self._all.setText(self.tr("Show fewer"))
        else:
            self._all.setText(self.tr("Show all {n}").format(n=len(self._images)))
        self._all.setVisible(everything or self._pictures.hidden_pictures)
