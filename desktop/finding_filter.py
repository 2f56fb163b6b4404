"""Which findings of a comparison a person wants to see. Plain values, no Qt."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from engine.vocabulary import Finding, Side


@dataclass(frozen=True, slots=True)
class FindingFilter:
    """All parts must hold."""

    side: Side | None = None  # None: both directions
    significant_only: bool = False
    text: str = ""  # each word must occur in the phrase, its opposite or a merged phrase

    def accepts(self, finding: Finding) -> bool:
        if self.side is not None and finding.side is not self.side:
            return False
        if self.significant_only and not finding.significant:
            return False
        if not self.text.strip():
            return True
        place = "\n".join((finding.description, finding.opposite, *finding.also)).casefold()
        return all(word in place for word in self.text.casefold().split())


@dataclass(frozen=True, slots=True)
class FindingCounts:
    """How many findings each filter would show."""

    all: int
    a: int
    b: int
    significant: int


def count(findings: Iterable[Finding]) -> FindingCounts:
    listed = list(findings)
    a = sum(f.side is Side.A for f in listed)
    return FindingCounts(
        all=len(listed),
        a=a,
        b=len(listed) - a,
        significant=sum(f.significant for f in listed),
    )


def null_half_width(n_a: int, n_b: int) -> float:
    """Half the width of the region around 0.5 in which chance alone puts 95 % of AUROCs.

    From the variance of the Mann–Whitney statistic when both sets come from one population
    and scores have no ties, (n_a + n_b + 1) / (12 n_a n_b); with ties the region is narrower.
    """
    if n_a < 1 or n_b < 1:
        return 0.5
    return float(min(0.5, 1.96 * ((n_a + n_b + 1) / (12 * n_a * n_b)) ** 0.5))
