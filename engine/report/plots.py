"""The geometry of the drawings of a finding: its AUROC mark and its two distributions.

Turns numbers into positions 0 … 1, so that every renderer draws the same picture. Draws
nothing and chooses no colour.
"""

from __future__ import annotations

import math
from itertools import pairwise

from engine import figures
from engine.report import detectable, terms
from engine.report.data import Mark, Plot, Tick
from engine.report.names import displayable
from engine.vocabulary import Finding

SCALE_LOW, SCALE_HIGH = 0.4, 1.0  # of the AUROC; a little below 0.5 shows the null region whole
MAX_TICKS = 6
_Z95 = 1.959964


def scale() -> list[Tick]:
    """The labelled positions of the AUROC scale."""
    return [Tick(at=_on_scale(v), text=f"{v:g}") for v in (0.5, 0.6, 0.7, 0.8, 0.9, 1.0)]


def mark(finding: Finding) -> Mark:
    """The AUROC of a finding, its interval and its null region; clipped to the scale."""
    null = _Z95 * _null_spread(finding)
    return Mark(
        at=_on_scale(finding.auroc),
        low=_on_scale(finding.auroc_low),
        high=_on_scale(finding.auroc_high),
        null_low=_on_scale(0.5 - null),
        null_high=_on_scale(0.5 + null),
        half=_on_scale(0.5),
        text=figures.auroc(finding.auroc),
        interval=figures.interval(finding.auroc_low, finding.auroc_high),
    )


def _null_spread(finding: Finding) -> float:
    n_a, n_b = finding.n_a, finding.n_b
    if finding.kind != "yes_no" or n_a + n_b == 0:
        return detectable.null_spread(n_a, n_b)
    share_true = (n_a * finding.rate_a + n_b * finding.rate_b) / (n_a + n_b)
    return detectable.null_spread(n_a, n_b, share_true)


def distribution(finding: Finding) -> Plot:
    """The scores of A and B: a bar of the rate each for yes/no, steps of a histogram else."""
    if finding.kind == "yes_no":
        return _bars(finding)
    histogram = finding.histogram
    edges, a, b = histogram.edges, histogram.a, histogram.b
    widths = [high - low for low, high in pairwise(edges)]
    drawable = (
        len(edges) == len(a) + 1 == len(b) + 1 > 1
        and all(math.isfinite(v) for v in (*edges, *a, *b))
        and min(widths) > 0
    )
    if not drawable:
        return _nothing(finding)
    low, span = edges[0], edges[-1] - edges[0]
    density_a = [share / width for share, width in zip(a, widths, strict=True)]
    density_b = [share / width for share, width in zip(b, widths, strict=True)]
    top = max(*density_a, *density_b)
    if top <= 0:
        return _nothing(finding)
    at = (finding.threshold - low) / span
    return Plot(
        kind="steps",
        edges=[_place((edge - low) / span) for edge in edges],
        a=[_place(height / top) for height in density_a],
        b=[_place(height / top) for height in density_b],
        ticks=[
            Tick(at=_place((value - low) / span), text=_tick(value))
            for value in round_values(low, edges[-1])
        ],
        threshold=_place(at) if 0 <= at <= 1 else None,
        unit=_unit(histogram.unit),
        alt=(
            f"Distribution of the scores. Mean {figures.score(finding.mean_a)} in A, "
            f"{figures.score(finding.mean_b)} in B."
        ),
    )


def round_values(low: float, high: float) -> list[float]:
    """At most MAX_TICKS round values from low to high: multiples of 1, 2 or 5 × 10ⁿ."""
    if not (math.isfinite(low) and math.isfinite(high) and high > low):
        return []
    power = 10.0 ** math.floor(math.log10(high - low))
    steps = [power * factor for factor in (0.1, 0.2, 0.5, 1, 2, 5)]
    for step in steps:
        first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
        if last - first < MAX_TICKS:
            return [round(index * step, 12) for index in range(first, last + 1)]
    return []


def _tick(value: float) -> str:
    return f"{value:,.10g}".replace("-", "−")


def _bars(finding: Finding) -> Plot:
    return Plot(
        kind="bars",
        edges=[],
        a=[_place(finding.rate_a)],
        b=[_place(finding.rate_b)],
        ticks=[Tick(at=v, text=f"{100 * v:.0f} %") for v in (0.0, 0.25, 0.5, 0.75, 1.0)],
        threshold=None,
        unit=_unit(finding.unit),
        alt=(
            f"Two bars: true of {figures.percent(finding.rate_a)} of A and of "
            f"{figures.percent(finding.rate_b)} of B."
        ),
    )


def _nothing(finding: Finding) -> Plot:
    return Plot(
        kind="none",
        edges=[],
        a=[],
        b=[],
        ticks=[],
        threshold=None,
        unit=_unit(finding.unit),
        alt="No distribution was stored for this finding.",
    )


def _unit(unit: str) -> str:
    return terms.UNITS.get(unit, displayable(unit, 60))


def _on_scale(auroc: float) -> float:
    return _place((auroc - SCALE_LOW) / (SCALE_HIGH - SCALE_LOW))


def _place(share: float) -> float:
    """Clipped to 0 … 1; rounded to what a page can show, which keeps files small."""
    return round(min(max(share, 0.0), 1.0), 4) if math.isfinite(share) else 0.0
