"""Place: whether a file says where its image was taken. The position itself is never read."""

from __future__ import annotations

from engine.measurement import Measurement, Value, YesNo
from engine.measurements.view import View

VERSION = 1

MEASUREMENTS: tuple[Measurement, ...] = (
    YesNo(
        name="has_position",
        title="has a position",
        yes="images whose file says where they were taken",
        no="images whose file does not say where they were taken",
        source="Whether the EXIF data hold a GPS position; the position is not read.",
        technical=True,
    ),
)


def measure(view: View) -> dict[str, Value]:
    """Reads FileFacts.has_gps only; unknown where the file could not say."""
    return {"has_position": view.facts.has_gps}
