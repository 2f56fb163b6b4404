"""From a scene to pixels: the backdrop, the things, the weather, the style, the frame."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from engine.bench.rendered.draw import birds, furniture, outdoors, people, small_things, vehicles
from engine.bench.rendered.draw.backdrop import draw_land, draw_room
from engine.bench.rendered.draw.canvas import Canvas, Pen, Spot
from engine.bench.rendered.draw.finish import framed, inner_px, styled
from engine.bench.rendered.draw.layout import Layout, in_the_air, lay_out
from engine.bench.rendered.draw.light import Mood, mood
from engine.bench.rendered.draw.paint import BASE, RGB, Paint
from engine.bench.rendered.draw.quadrupeds import draw_quadruped
from engine.bench.rendered.draw.sky import draw_sky, draw_weather_before, draw_weather_behind
from engine.bench.rendered.kinds import FACTS
from engine.bench.rendered.scene import Scene
from engine.bench.rendered.world import (
    Activity,
    Colour,
    Group,
    Kind,
    Light,
    Pattern,
    Relation,
    Setting,
    Style,
)

__all__ = ["draw_scene"]

_CONTAINERS = frozenset({Kind.BOX, Kind.BASKET, Kind.BOWL, Kind.CUP})
_SUNK = {Kind.BOAT: 0.05, Kind.DUCK: 0.24, Kind.BALL: 0.2}  # under water, in units
_SMALLEST_PX = 16


def draw_scene(scene: Scene, size_px: int) -> npt.NDArray[np.uint8]:
    """(size_px, size_px, 3) uint8 sRGB. The same scene gives the same picture.

    Raises ValueError below 16 pixels.
    """
    if size_px < _SMALLEST_PX:
        raise ValueError(f"A scene needs at least {_SMALLEST_PX} pixels a side.")
    rng = np.random.default_rng(scene.seed)
    layout = lay_out(scene, rng)
    canvas = Canvas(inner_px(scene.frame, size_px))
    air = mood(scene.light, scene.weather)
    _backdrop(canvas, scene, layout, air, rng)
    if scene.light is Light.SPOTLIGHT:
        _beam(canvas, layout)
    _things(canvas, scene, layout, air, rng)
    draw_weather_before(canvas, scene, rng)
    picture = styled(canvas.finished(), scene.style)
    return np.asarray(framed(picture, scene.frame, size_px), dtype=np.uint8)


def _backdrop(
    canvas: Canvas, scene: Scene, layout: Layout, air: Mood, rng: np.random.Generator
) -> None:
    if scene.setting is Setting.INDOORS:
        draw_room(canvas, scene, air, layout.horizon, rng)
        return
    draw_sky(canvas, scene, air, layout.horizon, rng)
    draw_land(canvas, scene, air, layout.horizon, rng)
    if scene.light is Light.BACKLIT:
        canvas.glow(0.5, layout.horizon, 0.7, 0.5, (255, 250, 226), 0.75)
    draw_weather_behind(canvas, scene, rng)


def _beam(canvas: Canvas, layout: Layout) -> None:
    """A cone of light from above that ends in a bright spot on the ground."""
    feet = [spot.x for spot in layout.mains]
    x = sum(feet) / len(feet)
    low = max(spot.y for spot in layout.mains)
    wide = 0.3 + (max(feet) - min(feet)) / 2
    cone = np.array([(x - 0.05, 0.0), (x + 0.05, 0.0), (x + wide, low), (x - wide, low)])
    canvas.veiled(cone, (255, 240, 190), 0.3)
    canvas.glow(x, low, wide * 1.15, 0.13, (255, 244, 206), 0.85)


def _things(
    canvas: Canvas, scene: Scene, layout: Layout, air: Mood, rng: np.random.Generator
) -> None:
    looks = [people.Looks(*map(int, rng.integers(4, size=3))) for _ in layout.mains]
    paint = _paint(scene.colour, scene.pattern, rng)
    other = layout.other
    pen: Pen | None = None
    if scene.other is not None and other is not None:
        tone = _paint(scene.other_colour or Colour.BROWN, Pattern.PLAIN, rng)
        pen = Pen(canvas, other, tone, air.things)
        _shadow(canvas, scene, other, scene.other, lifted=False)
        if scene.relation is Relation.INSIDE:
            furniture.draw_container_back(pen, scene.other)
            pen.flush()
        else:
            _draw(pen, scene, scene.other, Activity.NONE, people.Looks())
    for spot, look in zip(layout.mains, looks, strict=True):
        _main(canvas, scene, spot, look, paint, air.things)
    if pen is not None and scene.other is not None and scene.relation is Relation.INSIDE:
        furniture.draw_container_front(pen, scene.other)
        pen.flush()


def _main(
    canvas: Canvas, scene: Scene, spot: Spot, look: people.Looks, paint: Paint, tint: RGB
) -> None:
    flying = in_the_air(scene)
    afloat = scene.setting is Setting.WATER and not flying
    if not afloat and not flying and scene.relation is not Relation.INSIDE:
        _shadow(canvas, scene, spot, scene.kind, lifted=scene.activity is Activity.JUMPING)
    pen = Pen(canvas, spot, paint, tint)
    if afloat and scene.kind is not Kind.FISH:
        _afloat(pen, scene, look)
    else:
        _draw(pen, scene, scene.kind, scene.activity, look)
    if afloat and scene.kind is Kind.FISH:
        for dx, dy, r in ((0.34, 0.66, 0.03), (0.42, 0.8, 0.022), (0.3, 0.9, 0.016)):
            way = -1 if spot.flipped else 1
            x, y = spot.x + way * dx * spot.unit, spot.y - dy * spot.unit
            canvas.ellipse(x, y, r * spot.unit * 1.6, r * spot.unit * 1.6, (226, 244, 252))


def _afloat(pen: Pen, scene: Scene, look: people.Looks) -> None:
    """Draws it and puts the water back over what is below the waterline."""
    canvas, spot = pen.canvas, pen.spot
    deep = {Group.ANIMAL: 0.3, Group.PERSON: 0.56}.get(FACTS[scene.kind].group, 0.08)
    line = spot.y - _SUNK.get(scene.kind, deep) * spot.unit
    top = min(max(round(line * canvas.side), 0), canvas.side)
    water = canvas.image.crop((0, top, canvas.side, canvas.side))
    _draw(pen, scene, scene.kind, scene.activity, look)
    canvas.image.paste(water, (0, top))
    half = spot.unit * 0.44
    for k, share in enumerate((1.0, 0.7)):
        y = line + 0.004 + k * 0.026
        ripple = [(spot.x - half * share, y), (spot.x, y + 0.012), (spot.x + half * share, y)]
        canvas.line(ripple, 0.012, pen.lit((196, 220, 236)))


def _shadow(canvas: Canvas, scene: Scene, spot: Spot, kind: Kind, *, lifted: bool) -> None:
    """On the ground below it; backlight throws it towards us."""
    y = spot.y + (spot.unit * 0.22 if lifted else 0.0)
    wide = 0.36 if FACTS[kind].group in {Group.PERSON, Group.FRUIT, Group.PLANT} else 0.56
    if lifted:
        wide *= 0.75
    strength = 0.62 if scene.light is Light.BACKLIT else 0.5
    canvas.glow(spot.x, y, wide * spot.unit, 0.075 * spot.unit, (18, 18, 30), strength)


def _draw(pen: Pen, scene: Scene, kind: Kind, activity: Activity, look: people.Looks) -> None:
    group = FACTS[kind].group
    if kind in _OF_ITS_OWN:
        _OF_ITS_OWN[kind](pen)
    elif group in _BY_KIND:
        _BY_KIND[group](pen, kind)
    elif kind in _CONTAINERS:
        if not (kind is scene.other and scene.relation is Relation.ON_TOP):
            furniture.draw_container_back(pen, kind)
        furniture.draw_container_front(pen, kind)
    elif group is Group.BUILDING:
        dark = scene.light in {Light.NIGHT, Light.SPOTLIGHT} and scene.style is not Style.SKETCH
        outdoors.draw_building(pen, kind, night=dark)
    elif group is Group.PERSON:
        people.draw_person(pen, kind, activity, look)
    elif kind is Kind.BIRD:
        birds.draw_bird(pen, activity)
    elif kind is Kind.DUCK:
        birds.draw_duck(pen, activity)
    else:
        draw_quadruped(pen, kind, activity)
    pen.flush()


def _paint(colour: Colour, pattern: Pattern, rng: np.random.Generator) -> Paint:
    """The colour as this one thing has it: no two reds are quite alike."""
    shift = rng.uniform(-11, 11, 3).tolist()
    base = BASE[colour]
    return Paint((base[0] + shift[0], base[1] + shift[1], base[2] + shift[2]), pattern)


_OF_ITS_OWN: dict[Kind, Callable[[Pen], None]] = {
    Kind.FISH: birds.draw_fish,
    Kind.CAR: vehicles.draw_car,
    Kind.BUS: vehicles.draw_bus,
    Kind.TRUCK: vehicles.draw_truck,
    Kind.BICYCLE: vehicles.draw_bicycle,
    Kind.BOAT: vehicles.draw_boat,
    Kind.PLANE: vehicles.draw_plane,
}
_BY_KIND: dict[Group, Callable[[Pen, Kind], None]] = {
    Group.FURNITURE: furniture.draw_furniture,
    Group.FRUIT: small_things.draw_fruit,
    Group.TOOL: small_things.draw_tool,
    Group.TOY: small_things.draw_toy,
    Group.PLANT: outdoors.draw_plant,
}
