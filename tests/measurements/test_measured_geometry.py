"""Size and shape as a person would name them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PIL import Image

from engine.measurement import Value

Measured = Callable[..., dict[str, Value]]
Drawn = Callable[..., Image.Image]


@pytest.mark.parametrize(
    ("size", "orientation", "proportions"),
    [
        ((6000, 4000), "landscape", "3:2"),
        ((3024, 4032), "portrait", "4:3"),
        ((1920, 1080), "landscape", "16:9"),
        ((1920, 1088), "landscape", "16:9"),
        ((800, 1000), "portrait", "5:4"),
        ((512, 512), "square", "1:1"),
        ((1008, 1000), "square", "1:1"),
        ((1030, 1000), "landscape", "unusual"),
        ((1000, 3000), "portrait", "unusual"),
    ],
)
def test_shape(values: Measured, size: tuple[int, int], orientation: str, proportions: str) -> None:
    image = Image.new("RGB", (64, 64))
    found = values(image, width_px=size[0], height_px=size[1])
    assert found["orientation"] == orientation
    assert found["proportions"] == proportions
    assert found["aspect_ratio"] == size[0] / size[1]
    assert found["megapixels"] == size[0] * size[1] / 1e6
    assert found["longer_side"] == max(size)


def test_very_small_images(values: Measured) -> None:
    assert values(Image.new("RGB", (64, 48)))["very_small"] is True
    assert values(Image.new("RGB", (65, 48)))["very_small"] is False


def test_sides_in_steps_of_64(values: Measured) -> None:
    image = Image.new("RGB", (64, 64))
    for size, expected in (((1024, 768), True), ((1024, 1024), True), ((1920, 1080), False)):
        assert values(image, width_px=size[0], height_px=size[1])["sides_of_64"] is expected


@pytest.mark.parametrize("factor", [2, 3, 4, 8])
def test_pixel_art_is_enlarged_into_blocks(values: Measured, photo: Drawn, factor: int) -> None:
    small = photo(160, 120)
    size = small.width * factor, small.height * factor
    assert values(small.resize(size, Image.Resampling.NEAREST))["pixel_blocks"] is True
    assert values(small.resize(size, Image.Resampling.BICUBIC))["pixel_blocks"] is False


def test_photos_plain_images_and_jpegs_have_no_pixel_blocks(
    values: Measured, photo: Drawn, as_jpeg: Drawn
) -> None:
    assert values(photo())["pixel_blocks"] is False
    assert values(as_jpeg(photo(), quality=20))["pixel_blocks"] is False
    assert values(Image.new("RGB", (300, 300), (90, 90, 90)))["pixel_blocks"] is False
    assert values(Image.new("RGB", (9, 9)))["pixel_blocks"] is None
