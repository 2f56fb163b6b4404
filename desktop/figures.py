"""Numbers as people read them: counts, shares, AUROC, q-values, scores, sizes, times.

Rounds for reading and never across a boundary that means something: 0.997 is not shown as 1,
nor 0.0496 as 0.05. Plain text with the signs of good typesetting; no sentences.
"""

from __future__ import annotations

import math
from datetime import UTC, datetime

_SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_LEVELS = (0.001, 0.01, 0.05, 0.1, 1.0)  # that a reader compares a probability with
_THIN = "\u202f"  # narrow no-break space, between a number and its sign
SMALLEST = 1e-300  # below this a double cannot be trusted to hold a probability


def count(number: int) -> str:
    """4812 → "4,812"."""
    return f"{number:,}"


def percent(share: float) -> str:
    """A share 0 … 1 as "78 %"; only a true 0 or 1 reads "0 %" or "100 %"."""
    if not math.isfinite(share):
        return "–"
    value = 100 * share
    if 0 < value < 0.1:
        return f"<{_THIN}0.1{_THIN}%"
    if 99.9 < value < 100:
        return f">{_THIN}99.9{_THIN}%"
    digits = 1 if 0 < value < 0.95 or 99 < value < 100 else 0
    return f"{value:.{digits}f}{_THIN}%"


def auroc(value: float) -> str:
    """Two decimals, and three where two would read 1.00 or 0.00 without being so."""
    if 0.995 <= value < 1:
        return f"{min(value, 0.999):.3f}"
    if 0 < value < 0.005:
        return f"{max(value, 0.001):.3f}"
    return f"{value:.2f}"


def interval(low: float, high: float) -> str:
    """(0.851, 0.909) → "[0.85, 0.91]"."""
    return f"[{auroc(low)}, {auroc(high)}]"


def short_probability(value: float) -> str:
    """For a narrow column: "< 0.001" or "0.03"."""
    return f"<{_THIN}0.001" if value < 0.001 else _rounded(value)


def probability(symbol: str, value: float) -> str:
    """ "q = 0.03", and "q = 3·10⁻⁸" where it is small."""
    if value < SMALLEST:
        return f"{symbol} < 10⁻³⁰⁰"
    if value < 0.001:
        digit, exponent = f"{value:.0e}".split("e")
        return f"{symbol} = {digit}·10{str(int(exponent)).translate(_SUPERSCRIPT)}"
    return f"{symbol} = {_rounded(value)}"


def score(value: float, unit: str = "") -> str:
    """A score, threshold or mean with about three significant digits; a year as a year."""
    if not math.isfinite(value):
        return "–"
    if unit == "year":
        return f"{value:.0f}"
    size_of = abs(value)
    if value == 0:
        text = "0"
    elif size_of >= 1e7 or size_of < 1e-3:
        digit, exponent = f"{size_of:.1e}".split("e")
        text = f"{digit}·10{str(int(exponent)).translate(_SUPERSCRIPT)}"
    elif size_of == round(size_of) or size_of >= 100:
        text = f"{size_of:,.0f}"
    else:
        text = f"{size_of:.{1 if size_of >= 10 else 2 if size_of >= 1 else 3}f}"
    return f"−{text}" if value < 0 else text


def size(size_bytes: int) -> str:
    """Decimal units, as file managers show them: "3.4 MB"."""
    value = float(size_bytes)
    for unit in ("bytes", "kB", "MB", "GB"):
        if value < 999.5:
            digits = 0 if unit == "bytes" or value >= 10 else 1
            return f"{value:.{digits}f} {unit}"
        value /= 1000
    return f"{value:,.1f} TB"


def duration(seconds: float) -> str:
    """ "0.4 s", "12 s", "3 min 20 s", "2 h 5 min"."""
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def local_time(iso_utc: str) -> datetime | None:
    """An ISO time in UTC as the user's local time; None when it is no time."""
    try:
        parsed = datetime.fromisoformat(iso_utc)
    except ValueError:
        return None
    if parsed.tzinfo is None:
        parsed = parsed.replace(tzinfo=UTC)
    return parsed.astimezone()


def _rounded(value: float) -> str:
    for digits in (2, 3, 4):
        text = f"{value:.{digits}g}"
        if all((float(text) < level) == (value < level) for level in _LEVELS):
            break
    return text
