"""Draws the marks and distributions of a report as inline SVG for the HTML page.

Positions come from `plots`, colours from the page's style sheet by class; no style attribute,
no script, no reference to anything outside.
"""

from __future__ import annotations

from html import escape

from engine.report.data import FindingData, Mark, Plot, Tick

MARK_WIDTH, MARK_HEIGHT = 180, 14
PLOT_WIDTH, PLOT_HEIGHT = 380, 100
HEADROOM = 16  # above the plot, for the letters
FOOTROOM = 34  # below it, for the ticks and the unit
MARGIN = 20  # beside it, for half of the outermost tick
APART = 18  # between the two letters, where both distributions have the same middle


def mark(m: Mark, side: str) -> str:
    """The AUROC as a dot with its interval; the text beside it says the same."""
    middle = MARK_HEIGHT / 2

    def bar(css: str, low: float, high: float, thick: float) -> str:
        x, width = MARK_WIDTH * low, max(1.0, MARK_WIDTH * (high - low))
        return (
            f'<rect class="{css}" x="{x:.1f}" y="{middle - thick / 2:.1f}" '
            f'width="{width:.1f}" height="{thick:g}"/>'
        )

    half = MARK_WIDTH * m["half"]
    return (
        f'<svg class="mark" viewBox="0 0 {MARK_WIDTH} {MARK_HEIGHT}" aria-hidden="true">'
        + bar("null", m["null_low"], m["null_high"], 10)
        + bar("scale", 0, 1, 1)
        + f'<line class="half" x1="{half:.1f}" x2="{half:.1f}" y1="0" y2="{MARK_HEIGHT}"/>'
        + bar(f"solid-{side}", m["low"], m["high"], 3)
        + f'<circle class="solid-{side}" cx="{MARK_WIDTH * m["at"]:.1f}" cy="{middle}" r="4"/>'
        + "</svg>"
    )


def scale(ticks: list[Tick]) -> str:
    """The numbers above the marks."""
    texts = "".join(
        f'<text class="tick" x="{MARK_WIDTH * t["at"]:.1f}" y="9">{escape(t["text"])}</text>'
        for t in ticks
    )
    return f'<svg class="mark" viewBox="0 0 {MARK_WIDTH} 11" aria-hidden="true">{texts}</svg>'


def distribution(f: FindingData) -> str:
    """The scores of both sets."""
    plot = f["plot"]
    if plot["kind"] == "none":
        return f'<p class="small">{escape(plot["alt"])}</p>'
    inner = _steps(plot) if plot["kind"] == "steps" else _bars(f)
    height = HEADROOM + PLOT_HEIGHT + FOOTROOM
    return (
        f'<svg class="plot" viewBox="-{MARGIN} 0 {PLOT_WIDTH + 2 * MARGIN} {height}" role="img" '
        f'aria-label="{escape(plot["alt"])}">'
        f'<g transform="translate(0 {HEADROOM})">'
        f'<rect class="ground" width="{PLOT_WIDTH}" height="{PLOT_HEIGHT}"/>{inner}'
        f"{_axis(plot)}</g></svg>"
    )


def _steps(plot: Plot) -> str:
    parts = [_outline(plot["edges"], plot["b"], "B"), _outline(plot["edges"], plot["a"], "A")]
    if plot["threshold"] is not None:
        x = PLOT_WIDTH * plot["threshold"]
        parts.append(
            f'<line class="threshold" x1="{x:.1f}" x2="{x:.1f}" y1="0" y2="{PLOT_HEIGHT}"/>'
        )
    parts.append(_letters(plot))
    return "".join(parts)


def _outline(edges: list[float], heights: list[float], side: str) -> str:
    path = [f"M0 {PLOT_HEIGHT}"]
    for index, height in enumerate(heights):
        y = PLOT_HEIGHT * (1 - 0.94 * height)
        path.append(f"L{PLOT_WIDTH * edges[index]:.1f} {y:.1f}")
        path.append(f"H{PLOT_WIDTH * edges[index + 1]:.1f}")
    path.append(f"V{PLOT_HEIGHT}Z")
    return f'<path class="area-{side}" d="{"".join(path)}"/>'


def _letters(plot: Plot) -> str:
    a, b = _middle(plot["edges"], plot["a"]), _middle(plot["edges"], plot["b"])
    if abs(a - b) < APART:
        between, way = (a + b) / 2, -1 if a < b else 1
        a, b = between + way * APART / 2, between - way * APART / 2
    return "".join(
        f'<text class="letter text-{side}" x="{x:.1f}" y="-4">{side}</text>'
        for side, x in (("A", a), ("B", b))
    )


def _middle(edges: list[float], heights: list[float]) -> float:
    """Where half of a distribution lies on either side."""
    half, seen = sum(heights) / 2, 0.0
    for index, height in enumerate(heights):
        seen += height
        if seen >= half:
            return PLOT_WIDTH * (edges[index] + edges[index + 1]) / 2
    return PLOT_WIDTH / 2


def _bars(f: FindingData) -> str:
    parts = []
    for row, (side, share, rate) in enumerate(
        (("A", f["plot"]["a"][0], f["rate_a"]), ("B", f["plot"]["b"][0], f["rate_b"]))
    ):
        y, thick = PLOT_HEIGHT * (0.17 + 0.39 * row), PLOT_HEIGHT * 0.27
        width = max(1.0, PLOT_WIDTH * share)
        inside = share > 0.72
        x, css = (width - 6, "inside") if inside else (width + 6, f"outside text-{side}")
        parts.append(
            f'<rect class="solid-{side}" y="{y:.1f}" width="{width:.1f}" height="{thick:.1f}"/>'
            f'<text class="rate {css}" x="{x:.1f}" y="{y + thick * 0.7:.1f}">'
            f"{side} {escape(rate)}</text>"
        )
    return "".join(parts)


def _axis(plot: Plot) -> str:
    ticks = "".join(
        f'<text class="tick" x="{PLOT_WIDTH * t["at"]:.1f}" y="{PLOT_HEIGHT + 13}">'
        f"{escape(t['text'])}</text>"
        for t in plot["ticks"]
    )
    unit = (
        f'<text class="tick" x="{PLOT_WIDTH / 2}" y="{PLOT_HEIGHT + 28}">'
        f"{escape(plot['unit'])}</text>"
    )
    return (
        f'<line class="axis" x1="0" x2="{PLOT_WIDTH}" y1="{PLOT_HEIGHT}" y2="{PLOT_HEIGHT}"/>'
        f"{ticks}{unit}"
    )
