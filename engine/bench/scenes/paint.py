"""One scene, painted: the only place that knows in which order things are put on the canvas."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from engine.bench.scenes.buildings import (
    TOWER_HEIGHT,
    draw_boat,
    draw_cottage,
    draw_lighthouse,
)
from engine.bench.scenes.canvas import Easel, Spot
from engine.bench.scenes.ground import grass_of, paint_land, soften_ridges
from engine.bench.scenes.growth import (
    draw_boulder,
    draw_conifer,
    draw_flower,
    draw_grass,
    draw_gull,
    draw_leafy_tree,
)
from engine.bench.scenes.light import Light, light_of
from engine.bench.scenes.noise import Colours, Plane
from engine.bench.scenes.scene import Scene
from engine.bench.scenes.sea import paint_water
from engine.bench.scenes.sky import paint_sky
from engine.bench.scenes.terrain import (
    Camera,
    Setting,
    View,
    camera_of,
    look,
    near_heights,
    shape_of,
)

_ATTEMPTS = 16  # at a spot apart from the others, before any spot will do
_STONES = {"meadow": 1, "beach": 5, "rocks": 26, "snow": 3}  # boulders on the near shore
#: where only the nearest ground is free, a full-grown thing would fill the picture: metres
#: from which it is drawn to scale
_NEVER_LARGER_THAN_AT = {"cottage": 38.0, "tree": 27.0}

Pixel = tuple[int, int]  # row, column


def paint(scene: Scene) -> Colours:
    """The scene as (3, height_px, width_px) float32 sRGB, about 0 … 1, before any camera."""
    rng = np.random.default_rng(scene.seed)
    light = light_of(scene, rng)
    camera = camera_of(scene, rng)
    shape = shape_of(scene, rng)
    up, across = _rays(camera)
    sky = paint_sky(scene, light, up, across, rng)
    view = look(scene, shape, camera, _sun_direction(scene, light))
    setting = Setting(scene, light, camera, shape, view, across)
    picture = paint_land(setting, sky, rng)
    soften_ridges(picture, view)
    easel = Easel(picture, light, scene.lateness, rng)
    taken = _put_lighthouse(easel, setting) if scene.lighthouse else []
    paint_water(setting, picture, rng)
    taken += _put_boats(easel, setting)
    _put_things_on_land(easel, setting, taken)
    for _ in range(scene.birds):
        across_px = rng.uniform(0.06, 0.94) * camera.width_px
        down_px = rng.uniform(0.08, 0.66) * camera.horizon_px
        span_px = rng.uniform(0.016, 0.04) * camera.width_px
        draw_gull(easel, Spot((across_px, down_px), span_px, distance=60.0))
    return picture


def _rays(camera: Camera) -> tuple[Plane, Plane]:
    """Where each row and column looks, in units of the focal length: (h, 1) and (1, w)."""
    focal = np.float32(camera.focal_px)
    rows = np.arange(camera.height_px, dtype=np.float32) + np.float32(0.5)
    columns = np.arange(camera.width_px, dtype=np.float32) + np.float32(0.5)
    up = (np.float32(camera.horizon_px) - rows) / focal
    across = (columns - np.float32(camera.width_px / 2)) / focal
    return up[:, None], across[None, :]


def _sun_direction(scene: Scene, light: Light) -> tuple[float, float, float]:
    """Unit length: right, up, away. Never quite level, or every slope would be black."""
    sun = (light.sun_across * 1.2, max(light.sun_height, 0.16), 0.8 if scene.sun_in_view else -0.2)
    length = math.hypot(*sun)
    return sun[0] / length, sun[1] / length, sun[2] / length


def _put_lighthouse(easel: Easel, setting: Setting) -> list[int]:
    """On the headland; its pixels get its distance, so that the water mirrors it.

    Returns its column.
    """
    camera, picture = setting.camera, easel.picture
    x, z = setting.shape.head_across, setting.shape.head_distance
    place = np.full((1, 1), x, dtype=np.float32), np.full((1, 1), z, dtype=np.float32)
    ground = float(near_heights(setting.scene, setting.shape, *place)[0, 0])
    column, row = camera.column(x, z), camera.row(ground, z)
    reach = int(TOWER_HEIGHT * camera.focal_px / z)
    left, top = max(int(column) - reach, 0), max(int(row) - int(1.2 * reach), 0)
    rows, columns = slice(top, int(row) + 2), slice(left, int(column) + reach)
    before = picture[:, rows, columns].copy()
    draw_lighthouse(easel, Spot((column, row), camera.focal_px / z, z))
    changed = np.abs(picture[:, rows, columns] - before).max(axis=0) > 0.1
    distance = setting.view.distance[rows, columns]
    distance[changed & (distance > z)] = z
    return [round(column)]


def _chosen(
    where: npt.NDArray[np.bool_],
    count: int,
    rng: np.random.Generator,
    *,
    apart_px: float = 0.0,
    taken: Sequence[int] = (),
) -> list[Pixel]:
    """Up to count pixels, their columns apart if possible.

    where: every other row and column of the picture; taken: columns that should stay free.
    """
    rows, columns = np.nonzero(where)
    if count == 0 or rows.size == 0:
        return []
    chosen: list[Pixel] = []
    for _ in range(count):
        occupied = [*taken, *(column for _, column in chosen)]
        for _ in range(_ATTEMPTS):
            pick = int(rng.integers(rows.size))
            row, column = 2 * int(rows[pick]), 2 * int(columns[pick])
            if all(abs(column - other) >= apart_px for other in occupied):
                break
        chosen.append((row, column))
    return chosen


def _inside(view: View, margin: float) -> npt.NDArray[np.bool_]:
    """(1, w / 2): every other column, if away from the edges by a share of the width."""
    w = view.water.shape[1]
    columns = np.arange(0, w, 2)
    inside: npt.NDArray[np.bool_] = (columns > margin * w) & (columns < (1 - margin) * w)
    return inside[None, :]


def _put_boats(easel: Easel, setting: Setting) -> list[int]:
    """Sailing boats on the bay, the far ones first. Returns their columns."""
    if setting.scene.boats == 0:
        return []
    view, camera = setting.view, setting.camera
    distances = view.distance[::2, ::2]
    deep = view.water[::2, ::2] & (view.height[::2, ::2] < -0.6)
    open_water = deep & _inside(view, 0.08)
    near = open_water & (distances > 55) & (distances < 170)
    pixels = _chosen(
        near if near.any() else open_water,
        setting.scene.boats,
        easel.rng,
        apart_px=0.1 * camera.width_px,
    )
    for row, column in sorted(pixels):
        distance = float(view.distance[row, column])
        spot = Spot((column + 0.5, row + 0.5), camera.focal_px / distance, distance)
        draw_boat(easel, spot, view.water)
    return [column for _, column in pixels]


def _put_things_on_land(easel: Easel, setting: Setting, taken: Sequence[int]) -> None:
    """Cottages, trees, boulders, flowers and grass, the far ones first."""
    scene, view = setting.scene, setting.view
    bloom = int(easel.rng.integers(4))
    things = _things_on_land(setting, taken, easel.rng)
    things.sort(key=lambda thing: -float(view.distance[thing[1]]))
    for kind, (row, column) in things:
        distance = float(view.distance[row, column])
        unit_px = setting.camera.focal_px / max(distance, _NEVER_LARGER_THAN_AT.get(kind, 0.0))
        spot = Spot((column + 0.5, row + 0.5), unit_px, distance)
        if kind == "cottage":
            draw_cottage(easel, spot)
        elif kind == "tree" and scene.tree_kind == "leafy":
            draw_leafy_tree(easel, spot)
        elif kind == "tree":
            draw_conifer(easel, spot, snowy=scene.foreground == "snow")
        elif kind == "boulder":
            draw_boulder(easel, spot)
        else:
            draw_flower(easel, spot, bloom + int(easel.rng.random() < 0.25))
    on_beach = scene.foreground == "beach" and easel.rng.random() < 0.4
    if scene.foreground == "meadow" or on_beach:
        draw_grass(easel, grass_of(scene))


def _things_on_land(
    setting: Setting, taken: Sequence[int], rng: np.random.Generator
) -> list[tuple[str, Pixel]]:
    """What stands where on the near shore; taken: columns that should stay free."""
    scene, view, w = setting.scene, setting.view, setting.camera.width_px
    distances, heights = view.distance[::2, ::2], view.height[::2, ::2]
    land = ~view.sky[::2, ::2] & ~view.water[::2, ::2] & (distances < 100)
    dry = land & (heights > 0.7)
    standing = dry if dry.any() else land
    farthest = float(distances[standing].max(initial=0.0))
    built = standing & (distances >= min(30.0, 0.85 * farthest)) & _inside(view, 0.1)
    wooded = standing & (distances >= min(24.0, 0.85 * farthest))
    if scene.trees <= 3:  # a few trees frame the view
        wooded &= ~_inside(view, 0.3)
    cottages = _chosen(built, scene.houses, rng, apart_px=0.17 * w, taken=taken)
    trees = _chosen(wooded, scene.trees, rng, apart_px=0.075 * w, taken=taken)
    boulders = _chosen(land & (heights < 1.8), _STONES[scene.foreground], rng)
    blooming = scene.foreground == "meadow" and rng.random() < 0.6
    flowers = int(rng.integers(20, 90)) if blooming else 0
    return [
        *(("cottage", pixel) for pixel in cottages),
        *(("tree", pixel) for pixel in trees),
        *(("boulder", pixel) for pixel in boulders),
        *(("flower", pixel) for pixel in _chosen(standing & (distances < 26), flowers, rng)),
    ]
