"""A comparison that is running: its stages, the time left, what was left out, what was found."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, QTimer
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from desktop import figures, finding_wording, wording
from desktop.safe_text import shown
from desktop.session import Session
from desktop.state import Change
from desktop.state_parts import STAGES, RunState, StageState
from desktop.theme import colours
from desktop.widgets.glyphs import draw_glyph
from desktop.widgets.letter_badge import LetterBadge
from desktop.widgets.share_bar import ShareBar
from desktop.widgets.text import ElidedText, Text, card, rule, set_look
from engine.vocabulary import Finding, Side

WIDTH_PX = 800
TICK_MS = 500  # the time left counts down between the engine's messages
PREVIEW = 6  # findings listed while it runs


class _StageMark(QWidget):
    """Waiting: a ring. Under way: a disc. Done: a disc with a check."""

    def __init__(self) -> None:
        super().__init__()
        self.look = "waiting"
        self.setFixedSize(QSize(18, 18))

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = colours()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect()).adjusted(1.5, 1.5, -1.5, -1.5)
        if self.look == "done":
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(theme.good))
            painter.drawEllipse(box)
            draw_glyph(painter, "check", box.adjusted(3, 3, -3, -3), QColor(theme.card))
            return
        painter.setPen(QColor(theme.ink if self.look == "now" else theme.line_strong))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawEllipse(box)
        if self.look == "now":
            painter.setBrush(QColor(theme.ink))
            painter.drawEllipse(box.adjusted(4, 4, -4, -4))


class _StageRow:
    """The widgets of one stage."""

    def __init__(self, grid: QGridLayout, row: int, name: str) -> None:
        self.mark = _StageMark()
        self.name = Text(wording.stage(name))
        self.bar = ShareBar()
        self.count = Text("", "small")
        self.count.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.count.setMinimumWidth(120)
        grid.addWidget(self.mark, row, 0)
        grid.addWidget(self.name, row, 1)
        grid.addWidget(self.bar, row, 2)
        grid.addWidget(self.count, row, 3)

    def show_stage(self, look: str, stage: StageState | None) -> None:
        self.mark.look = look
        self.mark.update()
        set_look(self.name, role="muted" if look == "waiting" else "strong")
        done, total = (stage.done, stage.total) if stage is not None else (0, 0)
        share = min(1.0, done / total) if total else 0.0
        over = look == "done"
        self.bar.set_share(1.0 if over else share, over=over)
        self.count.setText(wording.stage_progress(done, total))
        self.name.setAccessibleDescription(self.count.text())

    def set_visible(self, visible: bool) -> None:
        for widget in (self.mark, self.name, self.bar, self.count):
            widget.setVisible(visible)


class ProgressView(QScrollArea):
    def __init__(self, session: Session) -> None:
        super().__init__()
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._session = session
        self._title = {side: ElidedText("", "strong") for side in Side}
        self._time = Text("", "display")
        self._time.setObjectName("timeLeft")
        self._aside = Text("", "muted")
        self._aside.setObjectName("aside")
        self._skipped = Text("", "muted", wrap=True)
        self._skipped.setObjectName("skipped")
        self._found = Text("", "muted")
        self._found.setObjectName("found")
        self._rows: dict[str, _StageRow] = {}
        self._preview = QVBoxLayout()
        self._preview.setSpacing(4)
        self._previewed = 0
        self._cancel = QPushButton(self.tr("Cancel"))
        self._cancel.setObjectName("cancel")
        self._cancel.setToolTip("Esc")
        self._cancel.clicked.connect(session.stop)
        self._build()
        self._tick = QTimer(self)
        self._tick.setInterval(TICK_MS)
        self._tick.timeout.connect(self._show_time)
        session.changed.connect(self._on_change)
        self.show_run(session.state.run)

    def _on_change(self, changes: set[Change]) -> None:
        if Change.RUN in changes:
            self.show_run(self._session.state.run)

    def show_run(self, run: RunState | None) -> None:
        if run is None:
            self._tick.stop()
            self._clear_preview()
            return
        if not self._tick.isActive():
            self._tick.start()
        for side, label in ((Side.A, run.label_a), (Side.B, run.label_b)):
            self._title[side].setText(shown(label) or self.tr("from the table"))
        reached = STAGES.index(run.stage) if run.stage in STAGES else -1
        for place, name in enumerate(STAGES):
            look = "done" if place < reached else "now" if place == reached else "waiting"
            self._rows[name].show_stage(look, run.stages.get(name))
            self._rows[name].set_visible(name in run.expected)
        far = run.aside_state
        # a blank keeps its line: what stands below must not jump when it comes and goes
        self._aside.setText(wording.aside(run.aside, far.done, far.total) or "\u00a0")
        self._skipped.setText(wording.skipped_so_far(run.skipped[Side.A], run.skipped[Side.B]))
        set_look(self._skipped, tone="warn" if sum(run.skipped.values()) else "idle")
        self._found.setText(wording.found_so_far(len(run.findings)))
        for finding in run.findings[self._previewed : PREVIEW]:
            self._preview.addWidget(_preview_row(finding))
            self._previewed += 1
        self._cancel.setEnabled(not run.stopping)
        self._show_time()

    def _show_time(self) -> None:
        run = self._session.state.run
        if run is None:
            return
        if run.stopping:
            self._time.setText(self.tr("Stopping…"))
        else:
            self._time.setText(
                wording.time_left(run.time_left.seconds(self._session.state.clock()))
            )

    def _clear_preview(self) -> None:
        self._previewed = 0
        while (item := self._preview.takeAt(0)) is not None:
            old = item.widget()
            if old is not None:
                old.deleteLater()

    def _build(self) -> None:
        frame = card()
        frame.setMaximumWidth(WIDTH_PX)
        head = QHBoxLayout()
        head.setSpacing(8)
        for side in Side:
            head.addWidget(LetterBadge(side, 24))
            head.addWidget(self._title[side], 1)
            if side is Side.A:
                head.addSpacing(16)
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(16)
        grid.setColumnStretch(2, 1)
        for row, name in enumerate(STAGES):
            self._rows[name] = _StageRow(grid, row, name)
        column = QVBoxLayout(frame)
        column.setContentsMargins(32, 32, 32, 24)
        column.setSpacing(16)
        column.addLayout(head)
        now = QHBoxLayout()
        now.setSpacing(16)
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(self._time)
        words.addWidget(self._aside)
        now.addLayout(words, 1)
        now.addWidget(self._cancel, 0, Qt.AlignmentFlag.AlignTop)
        column.addLayout(now)
        column.addSpacing(4)
        column.addLayout(grid)
        column.addSpacing(8)
        column.addWidget(self._skipped)
        column.addWidget(rule())
        column.addWidget(self._found)
        column.addLayout(self._preview)
        column.addWidget(rule())
        column.addWidget(Text(self.tr("Stopping loses nothing that was read so far."), "small"))
        page = QWidget()
        page.setObjectName("ground")
        outer = QVBoxLayout(page)
        outer.setContentsMargins(48, 32, 48, 32)
        middle = QHBoxLayout()
        middle.addStretch(1)
        middle.addWidget(frame, 100)
        middle.addStretch(1)
        outer.addLayout(middle)
        outer.addStretch(1)
        self.setWidget(page)


def _preview_row(finding: Finding) -> QWidget:
    widget = QWidget()
    row = QHBoxLayout(widget)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(8)
    row.addWidget(LetterBadge(finding.side, 20))
    row.addWidget(ElidedText(finding_wording.phrase(finding)), 1)
    row.addWidget(Text(f"AUROC {figures.auroc(finding.auroc)}", "small"))
    return widget
