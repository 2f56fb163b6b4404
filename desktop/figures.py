"""Numbers as the window shows them: those of the engine, set tighter, and local times.

No sentences.
"""

from __future__ import annotations

from datetime import UTC, datetime

from engine import figures
from engine.figures import auroc, count, duration, interval, score, size

__all__ = [
    "auroc",
    "count",
    "duration",
    "interval",
    "local_time",
    "percent",
    "probability",
    "score",
    "short_probability",
    "size",
]

_THIN = "\u202f"  # narrow no-break space, between a number and its sign


def percent(share: float) -> str:
    """A share 0 … 1 as "78 %", never broken over two lines."""
    return figures.percent(share).replace(" ", _THIN)


def probability(symbol: str, value: float) -> str:
    """ "q = 0.03", and "q = 3·10⁻⁸" where it is small."""
    return figures.probability(symbol, value, exact=True)


def short_probability(value: float) -> str:
    """For a narrow column: "< 0.001" or "0.03"."""
    said = figures.probability("", value).strip()
    return said.removeprefix("= ").replace(" ", _THIN)


def local_time(iso_utc: str) -> datetime | None:
    """An ISO time in UTC as the user's local time; None when it is no time."""
    try:
        parsed = datetime.fromisoformat(iso_utc)
    except ValueError:
        return None
    if parsed.tzinfo is None:
        parsed = parsed.replace(tzinfo=UTC)
    return parsed.astimezone()
