"""Says whether a phrase names a true difference: fully, in part, or not. Needs no model.

The phrase is read as claims about attributes (`reading`), and they are compared with the truth:

- 1.0: it names the true value and nothing wrong. A synonym, another number or the bare value
  will do: “striped”, “stripy cars”, “a car with stripes”.
- 0.5: it names something broader that the other side has not (“animals” for dogs against cars),
  one of several true values (“dogs” for animals), the true value among wrong ones, or the true
  value together with a claim that is not the difference (“red cars in the snow”).
- 0.0: it does not name the dimension, names a wrong value, names the other side's, or something
  that both sides have (“animals” for dogs against cats).

That an image is a photograph, or taken by day, is no claim unless it is the difference. What is
not understood is passed over, so a phrase without any known word scores 0.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from engine.bench.rendered.difference import Difference
from engine.bench.rendered.reading import Claim, Reading, read
from engine.bench.rendered.world import Count, Dimension, Light, Style, Value

__all__ = ["Verdict", "Why", "judge"]

_NO_CLAIM = frozenset({Style.PHOTO, Light.DAYLIGHT})


class Why(StrEnum):
    """What decided."""

    EXACT = "names the true value"
    BROADER = "names something broader"
    NARROWER = "names one of several true values"
    MIXED = "names the true value among wrong ones"
    OVERSTATED = "names the true value and more that is not the difference"
    SILENT = "says nothing about what differs"
    SHARED = "names what both sides have"
    REVERSED = "names the other side's value"
    WRONG = "names a wrong value"


@dataclass(frozen=True, slots=True)
class Verdict:
    """A score of 1, 0.5 or 0, and why."""

    score: float
    why: Why


def judge(phrase: str, truth: Difference) -> Verdict:
    """Compares a phrase, said of the side that the truth is about, with the truth."""
    reading = read(phrase)
    about = reading.of(truth.dimension)
    if not about:
        return Verdict(0.0, Why.SILENT)
    true, against = frozenset(truth.values), frozenset(truth.against)
    named = [_compare(claim.values, true, against) for claim in about]
    if Why.REVERSED in named:
        return Verdict(0.0, Why.REVERSED)
    narrow = frozenset[Value]().union(
        *(claim.values for claim, why in zip(about, named, strict=True) if why is Why.NARROWER)
    )
    exact = Why.EXACT in named or narrow == true
    rest = _rest(reading, truth)
    if exact:
        if Why.WRONG in named:
            return Verdict(0.5, Why.MIXED)
        return Verdict(0.5, Why.OVERSTATED) if rest is not None else Verdict(1.0, Why.EXACT)
    if Why.NARROWER in named or Why.BROADER in named:
        if rest is Why.WRONG or Why.WRONG in named:
            return Verdict(0.0, Why.WRONG)
        return Verdict(0.5, Why.NARROWER if Why.NARROWER in named else Why.BROADER)
    return Verdict(0.0, Why.WRONG if Why.WRONG in named else Why.SHARED)


def _compare(values: frozenset[Value], true: frozenset[Value], against: frozenset[Value]) -> Why:
    """What one claim about the dimension amounts to."""
    if values & against:
        return Why.SHARED if values & true else Why.REVERSED
    if not values & true:
        return Why.WRONG
    if values == true:
        return Why.EXACT
    return Why.NARROWER if values < true else Why.BROADER


def _rest(reading: Reading, truth: Difference) -> Why | None:
    """What the other claims amount to: WRONG against what both sides are, OVERSTATED, or None."""
    common = {dimension: frozenset(values) for dimension, values in truth.common}
    worst: Why | None = None
    for claim in reading.claims:
        if claim in reading.of(truth.dimension) or claim.values & _NO_CLAIM:
            continue
        if claim.dimension is Dimension.COUNT and claim.values == {Count.ONE}:
            continue  # one dog is a dog
        known = common.get(claim.dimension) if _owned(claim) else None
        if known is not None and not claim.values & known:
            return Why.WRONG
        if known is None or not claim.values >= known:
            worst = Why.OVERSTATED
    return worst


def _owned(claim: Claim) -> bool:
    """Whether the claim is about what the common rule is about, not about a second thing."""
    return not claim.second or claim.dimension is Dimension.OTHER
