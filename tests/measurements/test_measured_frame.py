"""Borders, bars and backgrounds: found where they are, and not where they only seem to be."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFilter, ImageOps

from engine.measurement import Value

Measured = Callable[..., dict[str, Value]]
Drawn = Callable[..., Image.Image]

BORDERS = ("border", "white_border", "black_border", "letterbox", "pillarbox")


def said(found: dict[str, Value]) -> set[str]:
    return {name for name in BORDERS if found[name]}


@pytest.mark.parametrize("quality", [None, 95, 75, 40])
@pytest.mark.parametrize("width", [10, 24, 60])
def test_a_straight_white_border_is_found_and_its_share_measured(
    values: Measured, photo: Drawn, as_jpeg: Drawn, width: int, quality: int | None
) -> None:
    image = photo()
    framed = ImageOps.expand(image, width, "white")
    if quality:
        framed = as_jpeg(framed, quality=quality)
    found = values(framed)
    assert said(found) == {"border", "white_border"}
    share = 1 - image.width * image.height / (framed.width * framed.height)
    assert found["border_share"] == pytest.approx(share, abs=0.03)


def test_white_strips_at_two_opposite_sides_are_a_white_border(
    values: Measured, photo: Drawn
) -> None:
    for strips in ((30, 0), (0, 30)):
        found = values(ImageOps.expand(photo(), strips, "white"))
        assert said(found) == {"border", "white_border"}


def test_a_border_may_have_any_colour_and_unequal_sides(values: Measured, photo: Drawn) -> None:
    card = ImageOps.expand(photo(), (20, 20, 20, 80), (236, 224, 190))
    found = values(card)
    assert said(found) == {"border"}
    assert found["plain_background"] is False, "inside the border the image is varied"


@pytest.mark.parametrize("quality", [None, 85, 40])
def test_bars_above_and_below_are_letterboxing(
    values: Measured, photo: Drawn, as_jpeg: Drawn, quality: int | None
) -> None:
    film = ImageOps.expand(photo(512, 220), (0, 60), (4, 4, 4))
    if quality:
        film = as_jpeg(film, quality=quality)
    assert said(values(film)) == {"border", "black_border", "letterbox"}


def test_bars_at_the_sides_are_pillarboxing(values: Measured, photo: Drawn) -> None:
    phone = ImageOps.expand(photo(300, 400), (120, 0), "black")
    assert said(values(phone)) == {"border", "black_border", "pillarbox"}


def test_a_dark_frame_all_round_is_neither(values: Measured, photo: Drawn) -> None:
    assert said(values(ImageOps.expand(photo(), 20, "black"))) == {"border", "black_border"}


@pytest.mark.parametrize("strip", ["top", "bottom", "left", "right"])
def test_one_strip_alone_is_no_border(values: Measured, photo: Drawn, strip: str) -> None:
    sides = {"left": (40, 0, 0, 0), "top": (0, 40, 0, 0), "right": (0, 0, 40, 0)}
    found = values(ImageOps.expand(photo(), sides.get(strip, (0, 0, 0, 40)), "white"))
    assert said(found) == set()
    assert found["border_share"] == 0


def hills(sky: tuple[int, int, int]) -> Image.Image:
    """An even sky over a ridge, and an even snow field below: nothing straight."""
    image = Image.new("RGB", (512, 384), sky)
    draw = ImageDraw.Draw(image)
    ridge = [(x, 150 + 60 * np.sin(x / 70)) for x in range(0, 513, 4)]
    shore = [(x, 300 + 30 * np.sin(x / 50)) for x in range(512, -1, -4)]
    draw.polygon([*ridge, *shore], fill=(70, 80, 60))
    return image


def test_an_overexposed_sky_is_no_border(values: Measured, as_jpeg: Drawn) -> None:
    found = values(as_jpeg(hills((255, 255, 255)), quality=80))
    assert said(found) == set()
    assert found["border_share"] == 0


def test_a_white_sky_down_to_a_straight_horizon_is_no_border(
    values: Measured, photo: Drawn
) -> None:
    sea = Image.new("RGB", (512, 384), "white")
    sea.paste(photo(512, 184), (0, 200))
    assert said(values(sea)) == set()


def test_a_border_is_found_round_a_photo_with_a_white_sky(
    values: Measured, photo: Drawn, as_jpeg: Drawn
) -> None:
    image = photo()
    image.paste((250, 250, 250), (0, 0, 512, 90))
    framed = as_jpeg(ImageOps.expand(image, 30, "white"), quality=85)
    assert values(framed)["white_border"] is True


def test_a_gradient_of_light_is_no_border(values: Measured) -> None:
    fade = np.abs(np.linspace(-1, 1, 384))[:, None, None] * np.full((1, 512, 3), 255.0)
    assert said(values(np.uint8(fade))) == set()
    assert said(values(np.uint8(fade.transpose(1, 0, 2)))) == set()


def test_an_object_on_a_plain_ground_has_a_background_and_no_border(
    values: Measured, as_jpeg: Drawn
) -> None:
    for colour, name in (("white", "white_background"), ("black", "black_background")):
        shown = Image.new("RGB", (512, 384), colour)
        ImageDraw.Draw(shown).ellipse((120, 60, 400, 330), fill=(180, 90, 60))
        ImageDraw.Draw(shown).ellipse((200, 100, 300, 200), fill=(90, 90, 200))
        found = values(as_jpeg(shown.filter(ImageFilter.GaussianBlur(1)), quality=85))
        assert said(found) == set()
        assert found["plain_background"] is True
        assert found[name] is True


def test_a_page_of_text_has_a_white_background_and_no_border(values: Measured) -> None:
    page = Image.new("RGB", (600, 800), "white")
    draw = ImageDraw.Draw(page)
    random = np.random.default_rng(2)
    for line in range(60, 740, 18):
        for left in range(60, 520, 9):
            if random.random() < 0.7:
                draw.rectangle((left, line, left + 4, line + 8), fill=(20, 20, 20))
    found = values(page)
    assert said(found) == set()
    assert found["white_background"] is True


def test_a_photo_fills_its_rectangle(values: Measured, photo: Drawn) -> None:
    found = values(photo())
    assert said(found) == set()
    assert found["plain_background"] is False
    assert found["round_field"] is False


def through_the_eyepiece(image: Image.Image, cut: int = 0) -> Image.Image:
    mask = Image.new("L", image.size, 0)
    middle, radius = image.width // 2, image.width // 2 - 4
    across = image.height // 2
    ImageDraw.Draw(mask).ellipse(
        (middle - radius, across - radius, middle + radius, across + radius), fill=255
    )
    seen = Image.composite(image, Image.new("RGB", image.size, (6, 5, 5)), mask)
    return seen.crop((0, cut, image.width, image.height - cut))


def test_a_round_field_of_view_is_found_whole_and_cut_off(
    values: Measured, photo: Drawn, as_jpeg: Drawn
) -> None:
    slide = photo(400, 400).point(lambda level: 60 + level // 2)
    whole = as_jpeg(through_the_eyepiece(slide), quality=85)
    assert values(whole)["round_field"] is True
    assert values(whole)["border"] is False
    assert values(through_the_eyepiece(slide, cut=40))["round_field"] is True
    dark_middle = slide.copy()
    dark_middle.paste((0, 0, 0), (150, 150, 250, 250))
    assert values(through_the_eyepiece(dark_middle))["round_field"] is True


def test_the_moon_and_a_letterboxed_film_are_no_round_field(values: Measured, photo: Drawn) -> None:
    sky = Image.new("RGB", (400, 300), (3, 3, 8))
    ImageDraw.Draw(sky).ellipse((160, 100, 240, 180), fill=(230, 230, 210))
    assert values(sky)["round_field"] is False
    film = ImageOps.expand(photo(512, 400), (0, 56), "black")
    assert values(film)["round_field"] is False


def test_transparency_is_what_the_file_says(values: Measured, photo: Drawn) -> None:
    assert values(photo(), transparent_share=0.4, has_alpha=True)["transparent"] is True
    assert values(photo(), transparent_share=0.001, has_alpha=True)["transparent"] is False
    assert values(photo())["transparent"] is False


def test_too_small_a_picture_says_nothing_of_borders(values: Measured) -> None:
    found = values(Image.new("RGB", (40, 8), "white"))
    assert [found[name] for name in (*BORDERS, "border_share", "plain_background")] == [None] * 7
