"""Light and colour on pictures whose true answer is known."""

from __future__ import annotations

import colorsys
from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image

from engine.measurement import Value

Measured = Callable[..., dict[str, Value]]
Drawn = Callable[..., Image.Image]


def plain(colour: tuple[int, int, int], size: tuple[int, int] = (120, 80)) -> Image.Image:
    return Image.new("RGB", size, colour)


def halves(left: tuple[int, int, int], right: tuple[int, int, int]) -> Image.Image:
    image = plain(left)
    image.paste(right, (60, 0, 120, 80))
    return image


@pytest.mark.parametrize("level", [0, 1, 77, 128, 254, 255])
def test_a_uniform_grey_is_as_bright_as_its_level(values: Measured, level: int) -> None:
    found = values(plain((level, level, level)))
    assert found["brightness"] == level
    assert found["contrast"] == 0
    assert found["dynamic_range"] == 0
    assert found["saturation"] == 0
    assert found["colourfulness"] == 0


def test_green_is_brighter_than_blue(values: Measured) -> None:
    assert values(plain((0, 255, 0)))["brightness"] == pytest.approx(0.587 * 255, abs=0.6)
    assert values(plain((0, 0, 255)))["brightness"] == pytest.approx(0.114 * 255, abs=0.6)


def test_light_does_not_depend_on_resolution(values: Measured, photo: Drawn) -> None:
    large = photo(1024, 768)
    found = values(large)
    # Shrinking to half rounds halves upwards, so each round of it adds up to half a level.
    for size in ((512, 384), (256, 192), (300, 225)):
        smaller = values(large.resize(size, Image.Resampling.BOX))
        assert smaller["brightness"] == pytest.approx(found["brightness"], abs=1)
        assert smaller["saturation"] == pytest.approx(found["saturation"], rel=0.05)
        assert smaller["warmth"] == pytest.approx(found["warmth"], abs=0.3)


def test_contrast_and_range_of_black_beside_white(values: Measured) -> None:
    found = values(halves((0, 0, 0), (255, 255, 255)))
    assert found["contrast"] == pytest.approx(127.5)
    assert found["dynamic_range"] == 255
    assert found["black_share"] == 0.5
    assert found["white_share"] == 0.5
    assert found["night_like"] is False


def test_the_range_leaves_out_the_last_percent_on_both_sides(values: Measured) -> None:
    pixels = np.full((100, 100, 3), 100, dtype=np.uint8)
    pixels[0, :50] = 0
    pixels[0, 50:] = 255
    pixels[50:] = 150
    assert values(pixels)["dynamic_range"] == 50


def test_nearly_black_and_nearly_white_are_not_counted(values: Measured) -> None:
    found = values(halves((12, 12, 12), (240, 240, 240)))
    assert found["black_share"] == 0
    assert found["white_share"] == 0


def test_a_dark_scene_with_lamps_is_night_like_and_a_dusky_one_is_not(values: Measured) -> None:
    night = plain((20, 20, 30))
    night.paste((255, 240, 200), (0, 0, 24, 80))  # a fifth of the image is lit
    assert values(night)["night_like"] is True
    dusk = plain((50, 50, 60))
    dusk.paste((120, 110, 100), (0, 0, 48, 80))
    assert values(dusk)["night_like"] is False


def test_saturation_is_that_of_hsv_on_a_scale_of_255(values: Measured, photo: Drawn) -> None:
    assert values(plain((200, 100, 100)))["saturation"] == pytest.approx(127.5)
    assert values(plain((255, 0, 0)))["saturation"] == 255
    image = photo(256, 192)
    reference = np.asarray(image.convert("HSV"))[..., 1].mean()
    assert values(image)["saturation"] == pytest.approx(reference, abs=1.0)  # Pillow truncates


def test_colourfulness_is_hasler_and_suesstrunks(values: Measured, photo: Drawn) -> None:
    image = photo(200, 150)
    red, green, blue = np.asarray(image, dtype=np.float64).transpose(2, 0, 1)
    opponents = red - green, (red + green) / 2 - blue
    spread = np.hypot(*(part.std() for part in opponents))
    expected = spread + 0.3 * np.hypot(*(part.mean() for part in opponents))
    assert values(image)["colourfulness"] == pytest.approx(expected, rel=1e-4)
    grey = values(image.convert("L").convert("RGB"))
    assert grey["colourfulness"] == 0
    vivid = values(halves((255, 0, 0), (0, 0, 255)))
    assert vivid["colourfulness"] > 150, "extremely colourful begins at 109"


def test_warmth_and_tint(values: Measured) -> None:
    warm = values(plain((200, 120, 60)))
    assert warm["warmth"] == 140
    assert warm["green_tint"] == -10
    cool = values(plain((60, 160, 200)))
    assert cool["warmth"] == -140
    assert cool["green_tint"] == 30


@pytest.mark.parametrize(
    ("hue", "name"),
    [
        (0, "red"),
        (352, "red"),
        (28, "orange or brown"),
        (56, "yellow"),
        (100, "green"),
        (150, "green"),
        (180, "cyan"),
        (225, "blue"),
        (272, "purple"),
        (320, "pink or magenta"),
    ],
)
@pytest.mark.parametrize(("saturation", "value"), [(1.0, 1.0), (0.6, 0.6), (0.5, 0.9)])
def test_a_swatch_has_the_colour_it_has(
    values: Measured, hue: int, name: str, saturation: float, value: float
) -> None:
    colour = colorsys.hsv_to_rgb(hue / 360, saturation, value)
    red, green, blue = (round(255 * part) for part in colour)
    found = values(plain((red, green, blue)))
    assert found["main_colour"] == name
    for share in ("red_share", "green_share", "blue_share"):
        assert found[share] == float(share == f"{name}_share")


def test_wood_is_brown_and_a_street_in_rain_is_grey(values: Measured) -> None:
    assert values(plain((110, 75, 45)))["main_colour"] == "orange or brown"
    assert values(plain((120, 122, 125)))["main_colour"] == "grey, black or white"
    accent = plain((130, 130, 130))
    accent.paste((220, 20, 20), (0, 0, 10, 80))  # a twelfth of the image
    assert values(accent)["main_colour"] == "grey, black or white"


def test_half_of_a_meadow_is_green_and_half_is_blue(values: Measured) -> None:
    found = values(halves((70, 140, 50), (90, 140, 220)))
    assert found["green_share"] == 0.5
    assert found["blue_share"] == 0.5
    assert found["red_share"] == 0


def test_black_and_white_survives_jpeg_and_a_faint_tint_is_a_colour(
    values: Measured, photo: Drawn, as_jpeg: Drawn
) -> None:
    grey = photo().convert("L").convert("RGB")
    assert values(grey)["greyscale"] is True
    assert values(as_jpeg(grey, quality=60))["greyscale"] is True
    assert values(grey)["single_hue"] is False
    assert values(photo())["greyscale"] is False


def sepia(image: Image.Image) -> Image.Image:
    grey = np.asarray(image.convert("L"), dtype=np.float64)[..., None]
    return Image.fromarray(np.uint8(np.clip(grey * (1.0, 0.82, 0.6), 0, 255)))


def test_sepia_and_a_fluorescence_image_are_shades_of_one_colour(
    values: Measured, photo: Drawn, as_jpeg: Drawn
) -> None:
    assert values(sepia(photo()))["single_hue"] is True
    assert values(as_jpeg(sepia(photo()), quality=80))["single_hue"] is True
    stained = np.zeros((150, 200, 3), dtype=np.uint8)
    stained[40:80, 50:120, 1] = 180
    assert values(stained)["single_hue"] is True


def test_a_photo_and_a_grey_page_with_a_red_stamp_are_not(values: Measured, photo: Drawn) -> None:
    assert values(photo())["single_hue"] is False
    assert values(halves((255, 80, 0), (0, 80, 255)))["single_hue"] is False
    page = plain((150, 150, 150))
    page.paste((200, 20, 20), (10, 10, 40, 40))
    assert values(page)["single_hue"] is False


def test_a_drawing_has_few_flat_colours_and_a_photo_has_many(
    values: Measured, photo: Drawn
) -> None:
    drawing = values(halves((250, 250, 250), (200, 30, 30)))
    assert drawing["distinct_colours"] == 2
    assert drawing["flat_colour_share"] == 1
    picture = values(photo())
    assert isinstance(picture["distinct_colours"], float)
    assert isinstance(picture["flat_colour_share"], float)
    assert picture["distinct_colours"] > 500
    assert picture["flat_colour_share"] < 0.3
