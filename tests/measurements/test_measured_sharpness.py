"""Sharpness, noise and fine detail against copies that were blurred, enlarged or made noisy."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image, ImageFilter

from engine.measurement import Value

Measured = Callable[..., dict[str, Value]]
Drawn = Callable[..., Image.Image]


def number(value: Value) -> float:
    assert isinstance(value, float)
    return value


def with_noise(image: Image.Image, sigma: float) -> Image.Image:
    noise = np.random.default_rng(7).normal(0, sigma, (image.height, image.width, 1))
    return Image.fromarray(np.uint8(np.clip(np.round(np.asarray(image) + noise), 0, 255)))


def test_the_more_blur_the_less_sharpness(values: Measured, photo: Drawn) -> None:
    image = photo()
    copies = [image.filter(ImageFilter.GaussianBlur(sigma)) for sigma in (0, 0.7, 1.5, 3)]
    found = [number(values(copy)["sharpness"]) for copy in copies]
    assert found == sorted(found, reverse=True)
    assert found[0] - found[-1] > 1, "more than tenfold"


def test_sharpness_does_not_depend_on_brightness_or_contrast(
    values: Measured, photo: Drawn
) -> None:
    image = photo()
    faded = image.point(lambda level: level // 2 + 60)
    assert values(faded)["sharpness"] == pytest.approx(values(image)["sharpness"], abs=0.05)


def test_a_flat_middle_says_nothing_of_sharpness(values: Measured) -> None:
    found = values(Image.new("RGB", (400, 300), (90, 120, 150)))
    assert found["sharpness"] is None
    assert found["pixel_detail"] is None
    assert found["fine_texture"] is None


@pytest.mark.parametrize("sigma", [2, 5, 10, 20])
def test_noise_of_known_strength_is_recovered_on_a_smooth_ground(
    values: Measured, smooth: Drawn, sigma: float
) -> None:
    found = number(values(with_noise(smooth(), sigma))["noise"])
    assert found == pytest.approx(sigma, rel=0.15)


@pytest.mark.parametrize("sigma", [5, 10])
def test_noise_of_known_strength_is_recovered_beside_edges(
    values: Measured, smooth: Drawn, sigma: float
) -> None:
    image = smooth()
    for left in range(0, 512, 64):  # hard lines across a third of the image
        image.paste((40, 40, 40), (left, 0, left + 20, 130))
    assert number(values(with_noise(image, sigma))["noise"]) == pytest.approx(sigma, rel=0.15)


def test_a_clean_image_has_no_noise_and_a_clipped_one_says_nothing(
    values: Measured, smooth: Drawn
) -> None:
    assert number(values(smooth())["noise"]) < 0.5
    assert values(Image.new("RGB", (300, 300), (255, 255, 255)))["noise"] is None


@pytest.mark.parametrize("factor", [1.5, 2, 3])
@pytest.mark.parametrize("filter_", ["BILINEAR", "BICUBIC", "LANCZOS"])
def test_an_enlarged_copy_lacks_detail_at_the_pixel_level(
    values: Measured, as_jpeg: Drawn, photo: Drawn, factor: float, filter_: str
) -> None:
    image = photo()
    size = round(image.width * factor), round(image.height * factor)
    enlarged = as_jpeg(image.resize(size, Image.Resampling[filter_]), quality=90)
    original = as_jpeg(image, quality=90)
    lost = number(values(original)["pixel_detail"]) - number(values(enlarged)["pixel_detail"])
    assert lost > 2, "decibels"


def test_leaves_have_finer_texture_than_hills(values: Measured, photo: Drawn) -> None:
    image = photo()
    hills = image.filter(ImageFilter.GaussianBlur(12))
    leaves = Image.fromarray(np.random.default_rng(3).integers(0, 256, (96, 128, 3), np.uint8))
    fine = number(values(leaves.resize((256, 192), Image.Resampling.NEAREST))["fine_texture"])
    assert fine > 0.8
    assert number(values(hills)["fine_texture"]) < 0.15
    assert number(values(hills)["fine_texture"]) < number(values(image)["fine_texture"]) < fine
