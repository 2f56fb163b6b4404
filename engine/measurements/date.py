"""Date: when a photograph was taken, by the camera's own clock. Reads no pixel."""

from __future__ import annotations

from datetime import datetime, time

from engine.measurement import Category, Measurement, Number, Value, YesNo
from engine.measurements.view import View

VERSION = 1

SATURDAY = 5  # datetime.weekday

#: by month; named by months, since seasons differ between the hemispheres
QUARTERS = ("December–February", "March–May", "June–August", "September–November")

#: first hour -> part of the day; hours before the first entry belong to the last
DAY_PARTS = ((6, "in the morning"), (12, "in the afternoon"), (18, "in the evening"))
NIGHT = "at night"
NIGHT_FROM = 22

MEASUREMENTS: tuple[Measurement, ...] = (
    YesNo(
        name="has_date",
        title="has a date",
        yes="images whose file says when they were taken",
        no="images whose file does not say when they were taken",
        source="Whether the EXIF data hold a date of exposure.",
        technical=True,
    ),
    Number(
        name="year_taken",
        title="year taken",
        unit="year",
        high="images taken more recently",
        low="images taken longer ago",
        source="Date of exposure in years, the day as a fraction.",
    ),
    Category(
        name="season",
        title="time of the year",
        phrase="images taken in {value}",
        opposite="images taken outside {value}",
        source="Month of exposure, in quarters of a year that follow the seasons.",
    ),
    Category(
        name="time_of_day",
        title="time of day",
        phrase="images taken {value}",
        opposite="images not taken {value}",
        source="Hour of exposure: morning from 6, afternoon from 12, evening from 18, night from "
        "22; unknown at exactly midnight, which stands for a date without a time.",
    ),
    YesNo(
        name="weekend",
        title="taken at the weekend",
        yes="images taken at the weekend",
        no="images taken on weekdays",
        source="Whether the date of exposure is a Saturday or a Sunday.",
    ),
)


def _year(taken: datetime) -> float:
    start, end = datetime(taken.year, 1, 1), datetime(taken.year, 12, 31)
    day = taken.timetuple().tm_yday - 1
    return taken.year + day / ((end - start).days + 1)


def _day_part(taken: datetime) -> str | None:
    if taken.time().replace(microsecond=0) == time():
        return None
    part = NIGHT
    for first_hour, name in DAY_PARTS:
        if first_hour <= taken.hour < NIGHT_FROM:
            part = name
    return part


def measure(view: View) -> dict[str, Value]:
    """Reads FileFacts.taken only."""
    taken = view.facts.taken
    if taken is None:
        return {item.name: False if item.name == "has_date" else None for item in MEASUREMENTS}
    return {
        "has_date": True,
        "year_taken": _year(taken),
        "season": QUARTERS[taken.month % 12 // 3],
        "time_of_day": _day_part(taken),
        "weekend": taken.weekday() >= SATURDAY,
    }
