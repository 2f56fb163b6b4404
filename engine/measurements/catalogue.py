"""The catalogue of measurements: every family, in one fixed order, and one call for all of them.

A family is one module beside this one, with VERSION, MEASUREMENTS and `measure(view)`; adding one
is adding its file and its name to FAMILIES. Reads no file and keeps no result.
"""

from __future__ import annotations

import hashlib
import json
import math
from typing import Protocol

from engine.measurement import Catalogue, Measurement, Value
from engine.measurements import (
    camera,
    colour,
    composition,
    compression,
    date,
    frame,
    geometry,
    light,
    place,
    sharpness,
    text,
)
from engine.measurements.view import View
from engine.picture import CROP_SIDE_PX, WORK_SIDE_PX, Picture


class Family(Protocol):
    """What a family's module offers."""

    __name__: str
    VERSION: int  # raised with every change that gives another value for some picture
    MEASUREMENTS: tuple[Measurement, ...]

    def measure(self, view: View, /) -> dict[str, Value]:
        """A value for each of MEASUREMENTS, None where it is unknown; bool, float or str."""


#: in the order in which a reader meets them: what is shown first, how it was stored last
FAMILIES: tuple[Family, ...] = (
    light,
    colour,
    sharpness,
    composition,
    frame,
    geometry,
    compression,
    camera,
    date,
    place,
    text,
)


def _version() -> str:
    """A digest of everything that decides a stored value: families, versions, names, sizes."""
    families = [
        [family.__name__, family.VERSION, [item.name for item in family.MEASUREMENTS]]
        for family in FAMILIES
    ]
    described = json.dumps([WORK_SIDE_PX, CROP_SIDE_PX, families])
    return hashlib.blake2s(described.encode(), digest_size=8).hexdigest()


CATALOGUE = Catalogue(
    measurements=tuple(item for family in FAMILIES for item in family.MEASUREMENTS),
    version=_version(),
)


def measure(picture: Picture) -> dict[str, Value]:
    """Every measurement of CATALOGUE, by name and in its order; None where it is unknown.

    A number that is not finite is unknown. Deterministic; changes nothing in the picture.
    """
    view = View(picture)
    found: dict[str, Value] = {}
    for family in FAMILIES:
        found |= family.measure(view)
    return {item.name: _known(found[item.name]) for item in CATALOGUE.measurements}


def _known(value: Value) -> Value:
    return None if isinstance(value, float) and not math.isfinite(value) else value
