"""Work on models that goes on: what it is, how far it has come, and how to stop it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QVBoxLayout

from desktop import models_work_wording, wording
from desktop.models_state import ModelsState, ModelWork
from desktop.widgets.share_bar import ShareBar
from desktop.widgets.text import Text

TICK_MS = 500  # the time left counts down between messages


class ModelWorkCard(QFrame):
    """Hidden while nothing goes on. stop: the person has had enough."""

    stop = Signal()

    def __init__(self, clock: Callable[[], float]) -> None:
        super().__init__()
        self.setProperty("role", "card")
        self._clock = clock
        self._work: ModelWork | None = None
        self._title = Text("", "title")
        self._title.setObjectName("workTitle")
        self._step = Text("")
        self._step.setObjectName("workStep")
        self._time = Text("", "muted")
        self._time.setObjectName("workTime")
        self._bar = ShareBar()
        self._meanwhile = Text("", "small", wrap=True)
        self._cancel = QPushButton(self.tr("Cancel"))
        self._cancel.setObjectName("cancelModels")
        self._cancel.setToolTip("Esc")
        self._cancel.clicked.connect(self.stop)
        said = QHBoxLayout()
        said.setSpacing(16)
        said.addWidget(self._step)
        said.addStretch(1)
        said.addWidget(self._time)
        words = QVBoxLayout()
        words.setSpacing(8)
        words.addWidget(self._title)
        words.addLayout(said)
        words.addWidget(self._bar)
        words.addWidget(self._meanwhile)
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 12, 16, 12)
        row.setSpacing(24)
        row.addLayout(words, 1)
        row.addWidget(self._cancel, 0, Qt.AlignmentFlag.AlignTop)
        self._tick = QTimer(self)
        self._tick.setInterval(TICK_MS)
        self._tick.timeout.connect(self._show_time)
        self.hide()

    def show_work(self, models: ModelsState) -> None:
        work = self._work = models.work
        if work is None:
            self._tick.stop()
            self.hide()
            return
        if not self._tick.isActive():
            self._tick.start()
        self._title.setText(models_work_wording.doing(work.order, models))
        self._step.setText(models_work_wording.step(work))
        self._meanwhile.setText(models_work_wording.meanwhile(work.order))
        self._bar.set_share(work.done / work.total if work.total else 0.0)
        self._bar.setAccessibleName(self._step.text())
        self._cancel.setEnabled(not work.stopping)
        self._show_time()
        self.show()

    def _show_time(self) -> None:
        work = self._work
        if work is None:
            return
        known = bool(work.total) and not work.stopping
        seconds = work.time_left.seconds(self._clock())
        self._time.setText(wording.time_left(seconds) if known else "")
