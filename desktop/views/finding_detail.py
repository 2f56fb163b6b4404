"""One finding in full: the phrase, the numbers, the distributions, the images, and its origin."""

from __future__ import annotations

from itertools import pairwise

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from desktop import figures, finding_wording
from desktop.thumbnail_loader import ThumbnailLoader
from desktop.widgets.evidence_strip import EvidenceStrip
from desktop.widgets.letter_badge import LetterBadge
from desktop.widgets.rate_bars import RateBars
from desktop.widgets.score_plot import ScorePlot
from desktop.widgets.text import Text, set_look
from engine.vocabulary import Comparison, Confound, Finding, Side

ASK_MS = 60  # a finding must stay selected so long before its pictures are asked for
PHRASE_LIMIT = 400  # characters of a phrase in the large type; more is no phrase


class FindingDetail(QScrollArea):
    """wants_pictures(content ids); opened(strip, row): one picture, large."""

    wants_pictures = Signal(list)
    opened = Signal(object, int)

    def __init__(self, loader: ThumbnailLoader) -> None:
        super().__init__()
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.finding: Finding | None = None
        self.strips = {
            (side, most): EvidenceStrip(side, most=most, loader=loader)
            for side in Side
            for most in (True, False)
        }
        self._ask = QTimer(self)
        self._ask.setSingleShot(True)
        self._ask.setInterval(ASK_MS)
        self._ask.timeout.connect(self._ask_for_pictures)
        self._build()

    @property
    def phrase(self) -> str:
        return self._phrase.text()

    def set_finding(self, finding: Finding, comparison: Comparison) -> None:
        if finding is self.finding:
            return
        self.finding = finding
        self._badge.set_side(finding.side)
        phrase = finding_wording.phrase(finding)
        self._phrase.setText(phrase if len(phrase) <= PHRASE_LIMIT else f"{phrase[:PHRASE_LIMIT]}…")
        self._opposite.say(finding_wording.opposite(finding))
        self._statistics.setText(finding_wording.statistics(finding))
        self._pairs.setText(finding_wording.in_pairs(finding))
        self._show_confounds(finding)
        number = finding.kind == "number"
        self._plot.setVisible(number)
        self._bars.setVisible(not number)
        if number:
            self._plot.set_finding(finding)
        else:
            self._bars.set_finding(finding)
        self._scores.setText(
            self.tr("Score of every image") if number else self.tr("How often it is true")
        )
        self._counts.setText(f"A {figures.count(finding.n_a)} · B {figures.count(finding.n_b)}")
        self._means.say(finding_wording.means(finding) if number else "")
        self._show_evidence(finding)
        self._from.setText(finding_wording.where_from(finding, comparison))
        self._trust.setText(finding_wording.why_trust(finding, comparison))
        self.verticalScrollBar().setValue(0)
        self._ask.start()

    def show_thumbnails(self, files: dict[str, str], missing: set[str]) -> None:
        for strip in self.strips.values():
            strip.model.set_files(files, missing)

    def _show_evidence(self, finding: Finding) -> None:
        side = finding.side
        order = ((side, True), (side, False), (side.other, True), (side.other, False))
        for key in order:
            strip = self.strips[key]
            self._evidence.removeWidget(strip)
            self._evidence.addWidget(strip)
            strip.set_finding(finding)
        for before, after in pairwise(order):
            QWidget.setTabOrder(self.strips[before].pictures, self.strips[after].pictures)

    def _show_confounds(self, finding: Finding) -> None:
        while (item := self._confounds.takeAt(0)) is not None:
            old = item.widget()
            if old is not None:
                old.hide()
                old.deleteLater()
        for about in finding.confounds:
            if about.explains:
                self._confounds.addWidget(_confound(finding, about))
        rest = [about for about in finding.confounds if not about.explains]
        self._left.say(finding_wording.left_beside(rest))

    def _ask_for_pictures(self) -> None:
        wanted: list[str] = []
        for strip in self.strips.values():
            if strip.isVisibleTo(self):
                wanted += strip.content_ids[: strip.model.rowCount()]
        if wanted:
            self.wants_pictures.emit(wanted)

    def _build(self) -> None:
        page = QWidget()
        page.setObjectName("plain")
        column = QVBoxLayout(page)
        column.setContentsMargins(24, 24, 24, 24)
        column.setSpacing(8)
        self._build_head(column)
        column.addSpacing(12)
        self._build_scores(column)
        column.addSpacing(12)
        self._evidence = QVBoxLayout()
        self._evidence.setSpacing(20)
        for strip in self.strips.values():
            self._evidence.addWidget(strip)
            strip.pictures.reshaped.connect(self._ask.start)
            strip.opened.connect(lambda row, strip=strip: self.opened.emit(strip, row))
        column.addLayout(self._evidence)
        column.addSpacing(12)
        self._build_origin(column)
        column.addStretch(1)
        self.setWidget(page)

    def _build_head(self, column: QVBoxLayout) -> None:
        self._badge = LetterBadge(Side.A, 32, filled=True)
        self._phrase = Text("", "display", wrap=True, selectable=True)
        self._phrase.setObjectName("phrase")
        self._opposite = Text("", "muted", wrap=True, selectable=True)
        self._statistics = Text("", "strong", wrap=True, selectable=True)
        self._statistics.setObjectName("statistics")
        self._pairs = Text("", "muted", wrap=True, selectable=True)
        self._confounds = QVBoxLayout()
        self._confounds.setSpacing(8)
        title = QHBoxLayout()
        title.setSpacing(12)
        title.addWidget(self._badge, 0, Qt.AlignmentFlag.AlignTop)
        title.addWidget(self._phrase, 1)
        column.addLayout(title)
        column.addWidget(self._opposite)
        column.addWidget(self._statistics)
        column.addWidget(self._pairs)
        column.addLayout(self._confounds)
        self._left = Text("", "muted", wrap=True, selectable=True)
        column.addWidget(self._left)

    def _build_scores(self, column: QVBoxLayout) -> None:
        self._scores = Text("", "strong")
        self._counts = Text("", "small")
        self._plot = ScorePlot()
        self._bars = RateBars()
        self._means = Text("", "small", wrap=True)
        head = QHBoxLayout()
        head.addWidget(self._scores, 1)
        head.addWidget(self._counts)
        column.addLayout(head)
        column.addWidget(self._plot)
        column.addWidget(self._bars)
        column.addWidget(self._means)

    def _build_origin(self, column: QVBoxLayout) -> None:
        self._from = Text("", "muted", wrap=True, selectable=True)
        self._from.setObjectName("whereFrom")
        self._trust = Text("", "muted", wrap=True, selectable=True)
        self._trust.setObjectName("whyTrust")
        column.addWidget(Text(self.tr("Where it comes from"), "strong"))
        column.addWidget(self._from)
        column.addSpacing(4)
        column.addWidget(Text(self.tr("Why you can trust it"), "strong"))
        column.addWidget(self._trust)


def _confound(finding: Finding, about: Confound) -> QFrame:
    frame = QFrame()
    set_look(frame, role="notice", tone="warn")
    text = Text(finding_wording.explained_by(finding, about), "", wrap=True, selectable=True)
    row = QHBoxLayout(frame)
    row.setContentsMargins(12, 8, 12, 8)
    row.addWidget(text)
    return frame
