"""Where light and detail lie, on pictures drawn so that the answer is known."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFilter, ImageOps

from engine.measurement import Value

Measured = Callable[..., dict[str, Value]]
Drawn = Callable[..., Image.Image]


def number(value: Value) -> float:
    assert isinstance(value, float)
    return value


def canvas(level: int = 128) -> Image.Image:
    return Image.new("RGB", (240, 160), (level, level, level))


def test_a_mirrored_image_has_the_greatest_symmetry(values: Measured, photo: Drawn) -> None:
    half = photo(128, 192)
    mirrored = Image.new("RGB", (256, 192))
    mirrored.paste(half, (0, 0))
    mirrored.paste(ImageOps.mirror(half), (128, 0))
    found = values(mirrored)
    assert found["symmetry_left_right"] == pytest.approx(1)
    assert number(found["symmetry_top_bottom"]) < 0.9
    turned = values(mirrored.rotate(90, expand=True))
    assert turned["symmetry_top_bottom"] == pytest.approx(1)


def test_a_dark_half_beside_a_light_one_is_the_opposite_of_symmetry(values: Measured) -> None:
    image = canvas(40)
    image.paste((200, 200, 200), (120, 0, 240, 160))
    found = values(image)
    assert found["symmetry_left_right"] == pytest.approx(-1)
    assert found["symmetry_top_bottom"] == pytest.approx(1)
    assert values(canvas())["symmetry_left_right"] is None


def test_symmetry_does_not_depend_on_brightness_or_size(values: Measured, photo: Drawn) -> None:
    image = photo(512, 384)
    found = number(values(image)["symmetry_left_right"])
    darker = image.point(lambda level: level // 2)
    assert values(darker)["symmetry_left_right"] == pytest.approx(found, abs=0.01)
    smaller = image.resize((256, 192), Image.Resampling.BOX)
    assert values(smaller)["symmetry_left_right"] == pytest.approx(found, abs=0.01)


def test_a_bright_sky_makes_the_top_brighter(values: Measured) -> None:
    image = canvas(60)
    image.paste((220, 220, 220), (0, 0, 240, 53))
    assert values(image)["brighter_top"] == pytest.approx(160)
    assert values(ImageOps.flip(image))["brighter_top"] == pytest.approx(-160)
    assert values(ImageOps.mirror(image))["brighter_top"] == pytest.approx(160)


def test_a_lit_subject_makes_the_middle_brighter(values: Measured) -> None:
    image = canvas(50)
    image.paste((150, 150, 150), (60, 40, 180, 120))
    assert values(image)["brighter_middle"] == pytest.approx(100)
    assert values(ImageOps.invert(image))["brighter_middle"] == pytest.approx(-100)


def test_more_edges_make_a_busier_image(values: Measured, photo: Drawn) -> None:
    calm, busy = canvas(), canvas()
    ImageDraw.Draw(calm).rectangle((80, 50, 160, 110), fill=(20, 20, 20))
    for left in range(0, 240, 20):
        ImageDraw.Draw(busy).rectangle((left, 0, left + 9, 160), fill=(20, 20, 20))
    few, many = values(calm), values(busy)
    assert 0 < number(few["edge_density"]) < number(many["edge_density"])
    assert number(few["smooth_share"]) > number(many["smooth_share"])
    assert number(few["complexity"]) < number(many["complexity"])
    blurred = photo().filter(ImageFilter.GaussianBlur(8))
    for name in ("edge_density", "complexity"):
        assert number(values(blurred)[name]) < number(values(photo())[name])


def test_a_uniform_image_is_all_smooth_and_has_no_place_for_detail(values: Measured) -> None:
    found = values(canvas())
    assert found["edge_density"] == 0
    assert found["smooth_share"] == 1
    assert found["complexity"] == 0
    for name in ("detail_in_middle", "detail_across", "detail_down", "horizontal_lines"):
        assert found[name] is None


def textured(box: tuple[int, int, int, int]) -> Image.Image:
    image = canvas()
    width, height = box[2] - box[0], box[3] - box[1]
    cells = np.random.default_rng(4).integers(0, 256, (height // 4, width // 4, 3), np.uint8)
    image.paste(Image.fromarray(cells).resize((width, height), Image.Resampling.NEAREST), box[:2])
    return image


def test_detail_is_found_where_it_lies(values: Measured) -> None:
    middle = values(textured((80, 60, 160, 100)))
    assert middle["detail_in_middle"] == pytest.approx(1)
    assert middle["detail_across"] == pytest.approx(0.5, abs=0.02)
    assert middle["detail_down"] == pytest.approx(0.5, abs=0.02)
    corner = values(textured((160, 120, 240, 160)))
    assert number(corner["detail_in_middle"]) < 0.1
    assert number(corner["detail_across"]) == pytest.approx(200 / 240, abs=0.03)
    assert number(corner["detail_down"]) == pytest.approx(140 / 160, abs=0.03)
    everywhere = values(textured((0, 0, 240, 160)))
    assert number(everywhere["detail_in_middle"]) == pytest.approx(0.25, abs=0.03)


def lines(angle: float) -> Image.Image:
    """Soft stripes whose lines run at this angle to the horizontal."""
    down, across = np.mgrid[:160, :240]
    along = down * np.cos(np.radians(angle)) + across * np.sin(np.radians(angle))
    grey = np.uint8(128 + 100 * np.sin(along / 3))
    return Image.fromarray(np.repeat(grey[..., None], 3, axis=2))


@pytest.mark.parametrize(
    ("angle", "horizontal", "vertical"),
    [(0, 1, 0), (10, 1, 0), (45, 0, 0), (80, 0, 1), (90, 0, 1), (30, 0, 0)],
)
def test_the_direction_of_lines(
    values: Measured, angle: float, horizontal: float, vertical: float
) -> None:
    found = values(lines(angle))
    assert found["horizontal_lines"] == pytest.approx(horizontal, abs=0.05)
    assert found["vertical_lines"] == pytest.approx(vertical, abs=0.05)


def test_an_image_without_a_direction_has_a_sixth_of_each(values: Measured) -> None:
    down, across = np.mgrid[-128:128, -128:128]
    radius = np.hypot(down, across)
    rings = np.uint8(128 + 100 * np.sin(radius / 4) * (radius < 120))
    found = values(np.repeat(rings[..., None], 3, axis=2))
    assert found["horizontal_lines"] == pytest.approx(1 / 6, abs=0.02)
    assert found["vertical_lines"] == pytest.approx(1 / 6, abs=0.02)
