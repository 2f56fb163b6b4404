"""Traces of compression, against files that were saved with known settings."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PIL import Image

from engine.measurement import Value

Measured = Callable[..., dict[str, Value]]
Drawn = Callable[..., Image.Image]


def tables(image: Image.Image) -> tuple[tuple[int, ...], ...]:
    quantisation: dict[int, list[int]] = getattr(image, "quantization", {})
    return tuple(tuple(table) for table in quantisation.values())


@pytest.mark.parametrize("quality", [1, 10, 30, 50, 75, 90, 95, 100])
def test_jpeg_quality_is_recovered_from_the_file(
    values: Measured, photo: Drawn, as_jpeg: Drawn, quality: int
) -> None:
    saved = as_jpeg(photo(64, 64), quality=quality)
    found = values(saved, format="JPEG", jpeg_tables=tables(saved))
    assert found["jpeg_quality"] == pytest.approx(quality, abs=3)
    assert found["standard_jpeg_table"] is True


def test_the_order_of_a_table_does_not_matter(
    values: Measured, photo: Drawn, as_jpeg: Drawn
) -> None:
    saved = as_jpeg(photo(64, 64), quality=82)
    table = tables(saved)[0]
    for order in (table, table[::-1], tuple(sorted(table))):
        assert values(saved, format="JPEG", jpeg_tables=(order,))["jpeg_quality"] == 82


def test_a_makers_own_table_is_told_and_still_given_a_quality(
    values: Measured, photo: Drawn, as_jpeg: Drawn
) -> None:
    own = [2 + (place % 8 + place // 8) // 2 for place in range(64)]  # flatter than the standard
    saved = as_jpeg(photo(64, 64), qtables=[own, own])
    found = values(saved, format="JPEG", jpeg_tables=tables(saved))
    assert found["standard_jpeg_table"] is False
    assert isinstance(found["jpeg_quality"], float)
    assert 85 < found["jpeg_quality"] < 100


def test_other_formats_have_no_jpeg_quality(values: Measured, photo: Drawn) -> None:
    found = values(photo(64, 64), format="WEBP", progressive=None)
    assert found["jpeg_quality"] is None
    assert found["standard_jpeg_table"] is None
    assert found["progressive"] is None


def test_blocks_show_in_strongly_compressed_images(
    values: Measured, photo: Drawn, as_jpeg: Drawn
) -> None:
    image = photo()
    found = [values(as_jpeg(image, quality=q))["blockiness"] for q in (5, 20, 60)]
    untouched = values(image)["blockiness"]
    assert all(isinstance(value, float) for value in found)
    assert found == sorted(found, key=lambda value: -float(value or 0))
    assert float(found[0] or 0) > 1.8
    assert untouched == pytest.approx(1, abs=0.05)
    assert values(Image.new("RGB", (300, 300), (9, 99, 9)))["blockiness"] is None


def test_size_and_bits_per_pixel(values: Measured) -> None:
    image = Image.new("RGB", (100, 50))
    found = values(image, size_bytes=5000)
    assert found["file_size"] == 5
    assert found["bits_per_pixel"] == 8
    assert values(image, size_bytes=5000, frames=4)["bits_per_pixel"] == 2


def test_how_a_file_is_stored(values: Measured) -> None:
    image = Image.new("RGB", (100, 50))
    found = values(image, format="TIFF", mode="I;16", bits=16, frames=3)
    assert found["file_format"] == "TIFF"
    assert found["colour_mode"] == "greyscale of 16 bits"
    assert found["channel_bits"] == 16
    assert found["several_frames"] is True
    plain = values(image, format="JPEG", progressive=True)
    assert plain["colour_mode"] == "RGB colour"
    assert plain["several_frames"] is False
    assert plain["progressive"] is True
    assert values(image, mode="SOMETHING")["colour_mode"] == "SOMETHING"
