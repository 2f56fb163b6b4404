"""Rendered scenes: the same picture each time, at any size, and every attribute shows."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from engine.bench.rendered.draw import draw_scene
from engine.bench.rendered.kinds import FACTS
from engine.bench.rendered.scene import Scene, random_scene
from engine.bench.rendered.sheet import every_value
from engine.bench.rendered.world import (
    Activity,
    Colour,
    Count,
    Frame,
    Kind,
    Light,
    Place,
    Relation,
    Setting,
    Style,
    Weather,
)

BUS = Scene(kind=Kind.BUS, colour=Colour.RED, setting=Setting.STREET, seed=5)


def _apart(one: Scene, other: Scene, size_px: int = 64) -> float:
    """Mean difference of the pictures, of 255."""
    a, b = (draw_scene(scene, size_px).astype(np.int16) for scene in (one, other))
    return float(np.abs(a - b).mean())


def test_the_same_scene_gives_the_same_picture() -> None:
    rng = np.random.default_rng(2)
    for _ in range(20):
        scene = random_scene(rng)
        assert np.array_equal(draw_scene(scene, 64), draw_scene(replace(scene), 64))


def test_another_seed_gives_another_picture_of_the_same_scene() -> None:
    assert _apart(BUS, replace(BUS, seed=6)) > 2


@pytest.mark.parametrize("size_px", [16, 64, 96, 200, 513])
def test_pictures_have_the_size_that_was_asked(size_px: int) -> None:
    for frame in Frame:
        picture = draw_scene(replace(BUS, frame=frame), size_px)
        assert picture.shape == (size_px, size_px, 3)
        assert picture.dtype == np.uint8


def test_too_small_a_picture_is_refused() -> None:
    with pytest.raises(ValueError, match="16"):
        draw_scene(BUS, 15)


def test_a_large_picture_is_the_small_one_in_detail() -> None:
    large = Image.fromarray(draw_scene(BUS, 512)).resize((64, 64), Image.Resampling.BOX)
    small = draw_scene(BUS, 64).astype(float)
    alike = np.corrcoef(np.asarray(large, dtype=float).ravel(), small.ravel())[0, 1]
    assert alike > 0.97


def test_every_value_of_every_dimension_can_be_drawn() -> None:
    scenes = list(every_value(np.random.default_rng(0)))
    pictures = {draw_scene(scene, 32).tobytes() for scene in scenes}
    assert len(pictures) == len(scenes)
    assert {scene.kind for scene in scenes} == set(Kind)
    assert {scene.relation for scene in scenes} == set(Relation)


@pytest.mark.parametrize("kind", [kind for kind in Kind if FACTS[kind].alive])
def test_activities_look_different(kind: Kind) -> None:
    scenes = [
        Scene(kind, FACTS[kind].colours[0], activity=activity, setting=Setting.WATER, seed=1)
        if activity is Activity.SWIMMING
        else Scene(kind, FACTS[kind].colours[0], activity=activity, seed=1)
        for activity in FACTS[kind].activities
    ]
    for k, one in enumerate(scenes):
        assert all(_apart(one, other) > 0.6 for other in scenes[k + 1 :])


@pytest.mark.parametrize("style", [Style.SKETCH, Style.BLACK_AND_WHITE])
def test_styles_without_colour_have_none(style: Style) -> None:
    picture = draw_scene(replace(BUS, style=style), 64).astype(np.int16)
    assert np.abs(picture[..., 0] - picture[..., 2]).max() == 0


def test_colours_are_those_of_the_scene() -> None:
    red = draw_scene(replace(BUS, colour=Colour.RED), 64).astype(np.int16)
    blue = draw_scene(replace(BUS, colour=Colour.BLUE), 64).astype(np.int16)
    more_red = (red[..., 0] - red[..., 2]) - (blue[..., 0] - blue[..., 2])
    assert more_red.max() > 150
    assert (more_red > 80).mean() > 0.04


def test_light_and_weather_change_the_brightness() -> None:
    def bright(scene: Scene) -> float:
        return float(draw_scene(scene, 64).mean())

    assert bright(replace(BUS, light=Light.NIGHT)) < 0.6 * bright(BUS)
    assert bright(replace(BUS, weather=Weather.STORMY)) < bright(BUS)
    assert bright(replace(BUS, weather=Weather.FOGGY)) > bright(BUS)


def test_place_and_count_put_the_colour_where_it_belongs() -> None:
    ball = Scene(Kind.BALL, Colour.RED, setting=Setting.SNOW, seed=3)

    def red(scene: Scene) -> np.ndarray:
        picture = draw_scene(scene, 96).astype(np.int16)
        return np.asarray((picture[..., 0] - picture[..., 2]) > 90)

    columns = np.arange(96)[None, :]
    left, right = (red(replace(ball, place=place)) for place in (Place.LEFT, Place.RIGHT))
    assert (left * columns).sum() / left.sum() < 35
    assert (right * columns).sum() / right.sum() > 61
    five = red(replace(ball, count=Count.FIVE))
    assert five[:48].sum() > 0.25 * five.sum()
    assert five[48:].sum() > 0.25 * five.sum()


def test_frames_are_as_white_or_black_as_they_say() -> None:
    for frame, low, high in ((Frame.WHITE, 240, 255), (Frame.BLACK, 0, 40)):
        picture = draw_scene(replace(BUS, frame=frame), 96)
        rim = np.concatenate([picture[:4].reshape(-1, 3), picture[:, -4:].reshape(-1, 3)])
        assert low <= rim.min() <= rim.max() <= high
    polaroid = draw_scene(replace(BUS, frame=Frame.POLAROID), 96)
    assert polaroid[84:94, 6:90].min() > 235
