"""What a measurement says of itself: its unit, its phrases, its source. Measures nothing.

A measurement reads one plain value off one image. A number gives a score; a yes/no gives 0 or
1; a category gives one yes/no score for each of its values.
"""

from __future__ import annotations

from dataclasses import dataclass

#: what a family's `measure` returns: a number, a yes/no, a category's value, or None if unknown
Value = float | bool | str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Number:
    name: str  # snake_case, unique
    title: str  # for a person: "mean brightness"
    unit: str  # "0–255", "pixels", "bits per pixel", "" for a bare ratio
    high: str  # phrase for the side that scores higher: "brighter images"
    low: str  # phrase for the other side: "darker images"
    source: str  # where the definition comes from, or how it is computed, in one sentence
    technical: bool = False  # about how the file was made or stored rather than what it shows


@dataclass(frozen=True, slots=True, kw_only=True)
class YesNo:
    name: str
    title: str
    yes: str  # phrase for the side of which it is more often true: "images with a white border"
    no: str  # "images without a white border"
    source: str
    technical: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Category:
    name: str
    title: str
    phrase: str  # with {value}: "images saved as {value}"
    opposite: str  # with {value}: "images not saved as {value}"
    source: str
    technical: bool = False


Measurement = Number | YesNo | Category


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Every measurement there is, in a fixed order, and a key that names their exact version."""

    measurements: tuple[Measurement, ...]
    version: str  # changes whenever a stored value would no longer be what is measured now

    def __getitem__(self, name: str) -> Measurement:
        for measurement in self.measurements:
            if measurement.name == name:
                return measurement
        raise KeyError(name)
