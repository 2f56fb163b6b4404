"""What every measurement promises, whatever it measures."""

from __future__ import annotations

import math
import re
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from engine.measurement import Category, Measurement, Number, Value, YesNo
from engine.measurements.catalogue import CATALOGUE, FAMILIES, measure
from engine.measurements.view import View
from engine.picture import FileFacts, Picture

KINDS = {Number: float, YesNo: bool, Category: str}

#: numbers that cannot leave these bounds, whatever the image
BOUNDS = {
    "0–255": (0, 255),
    "share of pixels": (0, 1),
    "share of variance": (0, 1),
    "share of the area": (0, 1),
    "share of edge strength": (0, 1),
    "share of the width": (0, 1),
    "share of the height": (0, 1),
    "correlation, −1 to 1": (-1.0000001, 1.0000001),
    "1–100": (1, 100),
}


def phrases(measurement: Measurement) -> tuple[str, str]:
    if isinstance(measurement, Number):
        return measurement.high, measurement.low
    if isinstance(measurement, Category):
        return measurement.phrase, measurement.opposite
    return measurement.yes, measurement.no


def bare(rgb: np.ndarray, crop: np.ndarray | None = None) -> Picture:
    facts = FileFacts("PNG", 100, rgb.shape[1], rgb.shape[0], "RGB")
    return Picture(rgb=rgb, crop=rgb if crop is None else crop, facts=facts)


def test_names_are_unique_and_plain() -> None:
    names = [measurement.name for measurement in CATALOGUE.measurements]
    assert len(names) == len(set(names))
    assert all(re.fullmatch(r"[a-z][a-z0-9_]*", name) for name in names)
    titles = [measurement.title for measurement in CATALOGUE.measurements]
    assert len(titles) == len(set(titles)), "a reader must be able to tell two apart"


@pytest.mark.parametrize("measurement", CATALOGUE.measurements, ids=lambda item: item.name)
def test_a_measurement_can_be_put_into_a_report(measurement: Measurement) -> None:
    yes, no = phrases(measurement)
    assert yes != no
    for phrase in (yes, no):
        assert phrase == phrase.strip()
        assert not phrase.endswith("."), "a phrase is part of a sentence"
        assert phrase[0].islower() or phrase.startswith("JPEG")
        assert ("{value}" in phrase) == isinstance(measurement, Category)
    assert measurement.title
    assert measurement.source.endswith("."), "where a definition comes from is a sentence"
    if isinstance(measurement, Number):
        assert measurement.unit
    assert CATALOGUE[measurement.name] is measurement


def test_every_family_answers_for_all_of_its_measurements_and_no_others(
    picture: Callable[..., Picture], photo: Callable[..., Image.Image]
) -> None:
    view = View(picture(photo()))
    for family in FAMILIES:
        assert set(family.measure(view)) == {item.name for item in family.MEASUREMENTS}


def assert_sound(values: dict[str, Value]) -> None:
    assert list(values) == [measurement.name for measurement in CATALOGUE.measurements]
    for measurement in CATALOGUE.measurements:
        value = values[measurement.name]
        if value is None:
            continue
        assert type(value) is KINDS[type(measurement)], measurement.name
        if isinstance(measurement, Number):
            assert isinstance(value, float)
            assert math.isfinite(value), measurement.name
            low, high = BOUNDS.get(measurement.unit, (-math.inf, math.inf))
            assert low <= value <= high, measurement.name


def test_a_photograph_is_measured_and_measured_the_same_again(
    picture: Callable[..., Picture], photo: Callable[..., Image.Image]
) -> None:
    example = picture(photo())
    before = example.rgb.copy(), example.crop.copy()
    values = measure(example)
    assert_sound(values)
    assert measure(example) == values
    assert np.array_equal(before[0], example.rgb)
    assert np.array_equal(before[1], example.crop)
    from_pixels = {
        item.name
        for family in FAMILIES
        for item in family.MEASUREMENTS
        if family.__name__.rpartition(".")[2] in {"light", "colour", "sharpness", "composition"}
    }
    assert not [name for name in from_pixels if values[name] is None], "a photo tells all of it"


SHAPES = [(1, 1), (1, 256), (256, 1), (2, 2), (3, 3), (7, 9), (15, 17), (16, 16), (24, 256)]


@pytest.mark.parametrize("shape", [*SHAPES, (256, 256)], ids=str)
@pytest.mark.parametrize("kind", ["black", "white", "grey", "two colours", "noise", "dots"])
def test_degenerate_pictures_give_sound_values_or_none(shape: tuple[int, int], kind: str) -> None:
    pixels = np.zeros((*shape, 3), dtype=np.uint8)
    if kind == "white":
        pixels += 255
    elif kind == "grey":
        pixels += 128
    elif kind == "two colours":
        pixels[: (shape[0] + 1) // 2] = (255, 0, 0)
        pixels[:, shape[1] // 2 :] = (0, 0, 255)
    elif kind == "noise":
        pixels = np.random.default_rng(0).integers(0, 256, (*shape, 3), dtype=np.uint8)
    elif kind == "dots":  # every difference over two pixels is zero
        pixels[::2, ::2] = pixels[1::2, 1::2] = 255
    assert_sound(measure(bare(pixels)))


@settings(max_examples=60, deadline=None)
@given(
    height=st.integers(1, 60),
    width=st.integers(1, 60),
    levels=st.sampled_from([1, 2, 30, 256]),
    cell=st.sampled_from([1, 2, 8, 20]),
    frame=st.integers(0, 12),
    seed=st.integers(0, 2**16),
)
def test_any_picture_gives_sound_values(
    *, height: int, width: int, levels: int, cell: int, frame: int, seed: int
) -> None:
    random = np.random.default_rng(seed)
    cells = random.integers(0, levels, (height // cell + 1, width // cell + 1, 3))
    scaled = np.uint8(cells * (255 // max(1, levels - 1)) % 256)
    pixels = scaled.repeat(cell, axis=0).repeat(cell, axis=1)[:height, :width]
    crop = np.ascontiguousarray(pixels)
    if frame:
        pixels = pixels.copy()
        pixels[:frame] = pixels[-frame:] = pixels[:, :frame] = pixels[:, -frame:] = 255
    assert_sound(measure(bare(np.ascontiguousarray(pixels), crop)))


def test_the_version_names_families_versions_and_names(monkeypatch: pytest.MonkeyPatch) -> None:
    from engine.measurements import catalogue, light

    assert catalogue._version() == CATALOGUE.version
    monkeypatch.setattr(light, "VERSION", light.VERSION + 1)
    assert catalogue._version() != CATALOGUE.version
