"""Numbers as people read them: counts, shares, AUROC, p-values, scores, sizes, times.

Plain text with the signs of good typesetting (− · × …) and no markup. Rounds for reading and
never across a boundary that means something: 0.999 is not shown as 1, nor 0.0496 as 0.05.
"""

from __future__ import annotations

import math

_SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_BOUNDARIES = (0.0001, 0.001, 0.01, 0.05, 0.1, 1.0)  # levels a reader compares a p-value with
UNKNOWN = "–"  # in the place of a number that is not finite
SMALLEST = 1e-300  # below this a double cannot be trusted to hold a p-value


def count(number: int) -> str:
    """4812 → "4,812"."""
    return f"{number:,}"


def counted(number: int, noun: str, plural: str = "") -> str:
    """(1, "image") → "1 image"; (4812, "image") → "4,812 images"."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def percent(share: float) -> str:
    """A share 0 … 1 as "78 %"; only a true 0 or 1 reads "0 %" or "100 %"."""
    if not math.isfinite(share):
        return UNKNOWN
    value = 100 * share
    if 0 < value < 0.1:
        return "< 0.1 %"
    if 99.9 < value < 100:
        return "> 99.9 %"
    if 0 < value < 1 or 99 < value < 100:
        return f"{value:.1f} %"
    return f"{value:.0f} %"


def auroc(value: float) -> str:
    """Two decimals, and three where two would read 1.00 (or 0.00) without being so."""
    if 0.995 <= value < 1:
        return f"{min(value, 0.999):.3f}"
    if 0 < value < 0.005:
        return f"{max(value, 0.001):.3f}"
    return f"{value:.2f}"


def interval(low: float, high: float) -> str:
    """(0.851, 0.909) → "[0.85, 0.91]"."""
    return f"[{auroc(low)}, {auroc(high)}]"


def of_100_pairs(value: float) -> str:
    """An AUROC as pairs out of a hundred: "88 of 100", "more than 99 of 100"."""
    if 0.995 <= value < 1:
        return "more than 99 of 100"
    if 0 < value < 0.005:
        return "fewer than 1 of 100"
    return f"{100 * value:.0f} of 100"


def probability(symbol: str, value: float, *, exact: bool = False) -> str:
    """A p- or q-value: "q = 0.03", "q < 0.001"; with `exact`, "q = 3·10⁻⁸"."""
    if value < SMALLEST:
        return f"{symbol} < 10⁻³⁰⁰" if exact else f"{symbol} < 0.001"
    if value < 0.001 and not exact:
        return f"{symbol} < 0.001"
    if value < 0.0001:
        return f"{symbol} = {scientific(value)}"
    for digits in (2, 3, 4, 6):
        text = f"{value:.{digits}g}"
        if all((float(text) < b) == (value < b) for b in _BOUNDARIES):
            break
    return f"{symbol} = {text}"


def scientific(value: float) -> str:
    """3.1e-8 → "3·10⁻⁸": one digit, for orders of magnitude."""
    digit, exponent = f"{value:.0e}".split("e")
    return f"{digit}·10{str(int(exponent)).translate(_SUPERSCRIPT)}"


def score(value: float) -> str:
    """A score, threshold or mean with about three significant digits."""
    if not math.isfinite(value):
        return UNKNOWN
    size = abs(value)
    if value == 0:
        text = "0"
    elif size >= 1e7 or size < 1e-3:
        digit, exponent = f"{size:.1e}".split("e")
        text = f"{digit}·10{str(int(exponent)).translate(_SUPERSCRIPT)}"
    elif size == round(size) or size >= 100:
        text = f"{size:,.0f}" if size >= 10_000 else f"{size:.0f}"  # a year is no 2,024
    else:
        text = f"{size:.{1 if size >= 10 else 2 if size >= 1 else 3}f}"
    return f"−{text}" if value < 0 else text


def size(size_bytes: int) -> str:
    """Decimal units, as file managers show them: "3.4 MB"."""
    value = float(size_bytes)
    for unit in ("bytes", "kB", "MB", "GB"):
        if value < 999.5:
            return (
                f"{value:.0f} {unit}" if unit == "bytes" or value >= 10 else f"{value:.1f} {unit}"
            )
        value /= 1000
    return f"{value:,.1f} TB"


def duration(seconds: float) -> str:
    """ "0.4 s", "12 s", "3 min 20 s", "2 h 5 min"."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"
