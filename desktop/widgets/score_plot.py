"""The distributions of a score over both sets: A in blue, B in orange, on common bins.

The plotting library is imported when the first plot is shown, not before: the window starts
without it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from desktop import finding_wording
from desktop.theme import Colours, colours, qcolor
from engine.vocabulary import Finding, Side

HEIGHT_PX = 176
HEADROOM = 1.5  # above the highest bin, for the letters and, above them, the threshold


def load_plotting() -> None:
    """Load the plotting library now: it takes a quarter of a second once."""
    import pyqtgraph  # noqa: F401


class ScorePlot(QWidget):
    def __init__(self) -> None:
        super().__init__()
        self._finding: Finding | None = None
        self._plot: Any = None
        self._drawn_dark: bool | None = None
        self.setFixedHeight(HEIGHT_PX)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)

    def set_finding(self, finding: Finding) -> None:
        self._finding = finding
        unit = finding_wording.unit(finding) or self.tr("score")
        self.setAccessibleName(
            self.tr("Distribution of {unit} in A and B. {means}").format(
                unit=unit, means=finding_wording.means(finding)
            )
        )
        self._draw()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.PaletteChange and self._drawn_dark != colours().dark:
            self._draw()

    def _draw(self) -> None:
        if self._finding is None:
            return
        import pyqtgraph as pg

        theme = colours()
        self._drawn_dark = theme.dark
        if self._plot is None:
            self._plot = pg.PlotWidget(background=None)
            # the page scrolls and keeps the keyboard; a picture of numbers takes neither
            self._plot.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
            self._plot.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            self._plot.setMenuEnabled(False)
            self._plot.hideButtons()
            self._plot.setMouseEnabled(x=False, y=False)
            self._plot.hideAxis("left")
            layout = self.layout()
            assert layout is not None
            layout.addWidget(self._plot)
        self._plot.clear()
        self._plot.setBackground(theme.sunken)
        self._style_axis(pg, theme)
        histogram = self._finding.histogram
        edges = list(histogram.edges)
        top = max((*histogram.a, *histogram.b, 1e-9))
        # the side of which it is more true is drawn last, on top
        for side in (self._finding.side.other, self._finding.side):
            self._plot.plot(
                edges,
                list(histogram.a if side is Side.A else histogram.b),
                stepMode="center",
                fillLevel=0,
                brush=qcolor(theme.side(side), 0.28),
                pen=pg.mkPen(qcolor(theme.side(side)), width=1.6),
            )
        self._letters(pg, edges, {Side.A: histogram.a, Side.B: histogram.b}, theme)
        self._threshold(pg, edges, top, theme)
        self._plot.setXRange(edges[0], edges[-1], padding=0.02)
        self._plot.setYRange(0, top * HEADROOM, padding=0)

    def _style_axis(self, pg: Any, theme: Colours) -> None:
        axis = self._plot.getAxis("bottom")
        axis.setPen(pg.mkPen(theme.line_strong))
        axis.setTextPen(pg.mkPen(theme.muted))
        axis.setStyle(tickLength=-4, tickFont=self.font())
        axis.enableAutoSIPrefix(False)
        unit = finding_wording.unit(self._finding) if self._finding is not None else ""
        # the library's label is rich text: a unit is data
        safe = unit.replace("&", "&amp;").replace("<", "&lt;")
        axis.setLabel(safe or None, **{"color": theme.muted})
        axis.showLabel(bool(safe))

    def _letters(
        self,
        pg: Any,
        edges: list[float],
        shares: Mapping[Side, Sequence[float]],
        theme: Colours,
    ) -> None:
        """Each letter above the middle of its side's mass, and never one upon the other."""
        middles = {side: _median_bin(shares[side]) for side in Side}
        apart = max(2, len(edges) // 12)
        left, right = sorted(Side, key=lambda side: middles[side])
        missing = apart - (middles[right] - middles[left])
        if missing > 0:
            middles[left] = max(0, middles[left] - (missing + 1) // 2)
            middles[right] = min(len(edges) - 2, middles[right] + (missing + 1) // 2)
        font = self.font()
        font.setBold(True)
        for side, middle in middles.items():
            text = pg.TextItem(str(side), color=qcolor(theme.side(side)), anchor=(0.5, 1.0))
            text.setFont(font)
            height = max(max(part[max(0, middle - 1) : middle + 2]) for part in shares.values())
            text.setPos((edges[middle] + edges[middle + 1]) / 2, height)
            self._plot.addItem(text)

    def _threshold(self, pg: Any, edges: list[float], top: float, theme: Colours) -> None:
        assert self._finding is not None
        value = self._finding.threshold
        if not edges[0] <= value <= edges[-1]:
            return
        pen = pg.mkPen(theme.muted, width=1, style=Qt.PenStyle.DashLine)
        self._plot.addItem(pg.InfiniteLine(pos=value, angle=90, pen=pen))
        right = value < (edges[0] + edges[-1]) / 2
        label = pg.TextItem(
            finding_wording.threshold(self._finding),
            color=qcolor(theme.muted),
            anchor=(0.0 if right else 1.0, 0.0),
        )
        font = self.font()
        font.setPointSizeF(font.pointSizeF() * 0.88)
        label.setFont(font)
        label.setPos(value, top * HEADROOM)
        self._plot.addItem(label)


def _median_bin(shares: Sequence[float]) -> int:
    """The bin in which half of the mass is reached."""
    seen = 0.0
    for index, share in enumerate(shares):
        seen += share
        if seen >= 0.5:
            return index
    return len(shares) // 2
