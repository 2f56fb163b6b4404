"""Where it is: rooms, streets, meadows and other land behind and below the things."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from engine.bench.rendered.draw.canvas import Canvas
from engine.bench.rendered.draw.light import Mood
from engine.bench.rendered.draw.paint import RGB, darker, lighter, mixed
from engine.bench.rendered.scene import Scene
from engine.bench.rendered.world import Light, Setting

__all__ = ["draw_land", "draw_room"]

_WALLS: tuple[RGB, ...] = ((236, 220, 190), (206, 222, 214), (214, 208, 228), (238, 210, 202))
_FLOORS: tuple[RGB, ...] = ((176, 124, 78), (150, 108, 76), (196, 158, 116))
_HOUSES: tuple[RGB, ...] = ((178, 134, 112), (146, 150, 164), (196, 178, 146), (134, 118, 122))

_Painter = Callable[[Canvas, Mood, float, np.random.Generator], None]


def draw_land(
    canvas: Canvas, scene: Scene, mood: Mood, horizon: float, rng: np.random.Generator
) -> None:
    """Everything below the horizon, and what stands on it far away."""
    _LANDS[scene.setting](canvas, mood, horizon, rng)


def draw_room(
    canvas: Canvas, scene: Scene, mood: Mood, horizon: float, rng: np.random.Generator
) -> None:
    """A wall with a window and a picture, and a floor of boards."""
    light = scene.light
    wall, floor = _WALLS[int(rng.integers(4))], _FLOORS[int(rng.integers(3))]
    warm: RGB = (0.5, 0.44, 0.46) if light is Light.NIGHT else mood.ground
    if light is Light.BACKLIT:
        warm = (0.62, 0.55, 0.46)

    def lit(colour: RGB) -> RGB:
        return colour[0] * warm[0], colour[1] * warm[1], colour[2] * warm[2]

    canvas.shades(0.0, horizon, (lit(darker(wall, 0.94)), lit(wall)))
    canvas.shades(horizon, 1.0, (lit(darker(floor, 0.78)), lit(floor)))
    seam = lit(darker(floor, 0.6))
    for k in range(-4, 5):
        canvas.line([(0.5 + k * 0.13, horizon), (0.5 + k * 0.3, 1.0)], 0.006, seam)
    canvas.rectangle(0.0, horizon - 0.025, 1.0, horizon, lit(lighter(wall, 0.6)))
    left = rng.random() < 0.5
    x = 0.06 if left else 0.62
    if light is Light.BACKLIT:
        x = 0.22
        _window(canvas, (x, 0.03, x + 0.56, horizon - 0.03), mood, (246, 236, 214))
        canvas.glow(0.5, horizon * 0.5, 0.6, 0.55, (255, 252, 240), 0.85)
        return
    _window(canvas, (x, 0.07, x + 0.32, horizon * 0.72), mood, lit((246, 244, 238)))
    if light is Light.NIGHT:
        canvas.ellipse(x + 0.24, 0.14, 0.028, 0.028, (250, 244, 210))
    if horizon > 0.35:
        px = 0.70 if left else 0.12
        canvas.rectangle(px - 0.01, 0.13, px + 0.18, horizon * 0.56, lit((96, 66, 44)))
        canvas.rectangle(px + 0.01, 0.15, px + 0.16, horizon * 0.56 - 0.02, lit((226, 214, 180)))
        canvas.ellipse(
            px + 0.085, 0.15 + (horizon * 0.56 - 0.17) / 2, 0.04, 0.035, lit((170, 120, 130))
        )


def _window(canvas: Canvas, where: tuple[float, float, float, float], mood: Mood, bar: RGB) -> None:
    left, top, right, bottom = where
    canvas.rectangle(left - 0.018, top - 0.018, right + 0.018, bottom + 0.018, bar)
    canvas.rectangle(left, top, right, bottom, mixed(mood.sky[0], mood.sky[1], 0.4))
    across, down = (left + right) / 2, (top + bottom) / 2
    canvas.rectangle(across - 0.008, top, across + 0.008, bottom, bar)
    canvas.rectangle(left, down - 0.008, right, down + 0.008, bar)


def _street(canvas: Canvas, mood: Mood, horizon: float, rng: np.random.Generator) -> None:
    night = sum(mood.ground) < 1.3  # lamps are lit
    x = -0.04
    while x < 1.0:
        wide, tall = rng.uniform(0.16, 0.25), rng.uniform(0.5, 0.92) * horizon
        wall = mood.earth(_HOUSES[int(rng.integers(4))])
        canvas.rectangle(x, horizon - tall, x + wide, horizon + 0.02, wall)
        pane = (255, 220, 120) if night else mood.earth((92, 112, 136))
        rows = max(1, int(tall / 0.11))
        for row in range(rows):
            y = horizon - tall + 0.03 + row * 0.105
            for k in range(3):
                if night and rng.random() < 0.5:
                    continue
                left = x + wide * (0.14 + 0.28 * k)
                canvas.rectangle(left, y, left + wide * 0.17, y + 0.055, pane)
        x += wide + 0.008
    canvas.rectangle(0.0, horizon, 1.0, horizon + 0.07, mood.earth((178, 176, 172)))
    canvas.rectangle(0.0, horizon + 0.065, 1.0, horizon + 0.08, mood.earth((130, 128, 126)))
    canvas.shades(horizon + 0.08, 1.0, (mood.earth((92, 93, 98)), mood.earth((112, 113, 118))))
    middle = horizon + 0.08 + (0.92 - horizon) * 0.45
    start = rng.uniform(-0.2, 0.0)
    for k in range(5):
        left = start + k * 0.28
        canvas.rectangle(left, middle, left + 0.15, middle + 0.022, mood.earth((240, 236, 216)))


def _meadow(canvas: Canvas, mood: Mood, horizon: float, rng: np.random.Generator) -> None:
    _hills(canvas, horizon, rng, mood.earth((112, 158, 116)), 0.09)
    canvas.shades(horizon, 1.0, (mood.earth((128, 188, 84)), mood.earth((82, 152, 58))))
    blade = mood.earth((58, 122, 44))
    for x, y, lean in rng.random((30, 3)).tolist():
        foot = horizon + 0.04 + (0.96 - horizon) * y
        high = 0.02 + 0.04 * y
        canvas.line([(x, foot), (x + (lean - 0.5) * 0.03, foot - high)], 0.007, blade)
    for x, y, which in rng.random((9, 3)).tolist():
        foot = horizon + 0.05 + (0.95 - horizon) * y
        petal = ((250, 250, 244), (250, 220, 80), (230, 130, 190))[int(which * 3)]
        canvas.ellipse(x, foot, 0.009, 0.009, mood.earth(petal))


def _snow(canvas: Canvas, mood: Mood, horizon: float, rng: np.random.Generator) -> None:
    _hills(canvas, horizon, rng, mood.earth((206, 218, 236)), 0.13)
    for x, size in rng.random((5, 2)).tolist():
        _fir(canvas, mood, (x, horizon + 0.015), 0.15 + 0.1 * size)
    canvas.shades(horizon, 1.0, (mood.earth((226, 234, 246)), mood.earth((250, 252, 255))))
    for x, y, wide in rng.random((6, 3)).tolist():
        row = horizon + 0.06 + (0.9 - horizon) * y
        canvas.glow(x, row, 0.12 + 0.14 * wide, 0.022, mood.earth((190, 206, 232)), 0.8)


def _fir(canvas: Canvas, mood: Mood, foot: tuple[float, float], tall: float) -> None:
    x, y = foot
    canvas.rectangle(x - 0.01, y - tall * 0.2, x + 0.01, y, mood.earth((90, 66, 48)))
    for k, wide in enumerate((0.42, 0.33, 0.23)):
        base = y - tall * (0.15 + 0.26 * k)
        points = [(x - tall * wide, base), (x + tall * wide, base), (x, base - tall * 0.42)]
        canvas.polygon(np.array(points), mood.earth((44, 92, 74)))
        cap = [
            (x - tall * wide * 0.5, base - tall * 0.2),
            (x + tall * wide * 0.5, base - tall * 0.2),
            (x, base - tall * 0.42),
        ]
        canvas.polygon(np.array(cap), mood.earth((244, 248, 255)))


def _water(canvas: Canvas, mood: Mood, horizon: float, rng: np.random.Generator) -> None:
    far, near = mixed(mood.earth((92, 170, 214)), mood.sky[1], 0.25), mood.earth((20, 94, 160))
    canvas.shades(horizon, 1.0, (far, mood.earth((50, 136, 196)), near))
    crest = lighter(mood.earth((110, 186, 226)), 0.25)
    for x, y, wide in rng.random((26, 3)).tolist():
        row = horizon + 0.02 + (0.96 - horizon) * y
        long = (0.02 + 0.05 * wide) * (0.5 + y)
        rise = 0.012 * (0.4 + y)
        wave = [
            (x - long, row),
            (x - long / 2, row - rise),
            (x, row),
            (x + long / 2, row - rise),
            (x + long, row),
        ]
        canvas.line(wave, 0.007, crest)


def _beach(canvas: Canvas, mood: Mood, horizon: float, rng: np.random.Generator) -> None:
    sea = horizon + 0.11
    canvas.shades(horizon, sea, (mood.earth((40, 120, 190)), mood.earth((70, 176, 210))))
    canvas.shades(sea, 1.0, (mood.earth((226, 196, 136)), mood.earth((246, 220, 160))))
    shore = [(k / 8, sea + (0.012 if k % 2 else -0.012)) for k in range(9)]
    canvas.line(shore, 0.024, mood.earth((252, 253, 255)))
    for x, y, size in rng.random((22, 3)).tolist():
        row = sea + 0.04 + (0.94 - sea) * y
        canvas.ellipse(
            x, row, 0.004 + 0.006 * size, 0.003 + 0.003 * size, mood.earth((196, 160, 106))
        )
    x = 0.08 if rng.random() < 0.5 else 0.9
    _palm(canvas, mood, (x, sea + 0.07), 0.42, 1.0 if x < 0.5 else -1.0)


def _palm(canvas: Canvas, mood: Mood, foot: tuple[float, float], tall: float, way: float) -> None:
    x, y = foot
    top = (x + way * tall * 0.16, y - tall)
    canvas.line(
        [foot, (x + way * tall * 0.04, y - tall * 0.5), top], 0.028, mood.earth((140, 104, 70))
    )
    for dx, dy in (
        (-0.3, 0.02),
        (-0.22, -0.14),
        (0.0, -0.18),
        (0.24, -0.12),
        (0.32, 0.04),
        (0.2, 0.16),
        (-0.18, 0.16),
    ):
        tip = (top[0] + dx * tall, top[1] + dy * tall)
        bend = (top[0] + dx * tall * 0.5, top[1] + dy * tall * 0.5 - 0.03)
        canvas.line([top, bend, tip], 0.022, mood.earth((52, 140, 66)))


def _desert(canvas: Canvas, mood: Mood, horizon: float, rng: np.random.Generator) -> None:
    for _ in range(2):
        x, wide, tall = rng.uniform(0, 1), rng.uniform(0.1, 0.2), rng.uniform(0.1, 0.2)
        rock = [
            (x - wide, horizon + 0.02),
            (x - wide * 0.7, horizon - tall),
            (x + wide * 0.7, horizon - tall),
            (x + wide, horizon + 0.02),
        ]
        canvas.polygon(np.array(rock), mood.earth((190, 104, 66)))
        canvas.polygon(
            np.array(
                [
                    rock[3],
                    rock[2],
                    (x + wide * 0.3, horizon - tall),
                    (x + wide * 0.45, horizon + 0.02),
                ]
            ),
            mood.earth((158, 82, 54)),
        )
    canvas.shades(horizon, 1.0, (mood.earth((232, 172, 96)), mood.earth((246, 198, 122))))
    for k in range(3):
        row = horizon + 0.09 + k * (0.95 - horizon) * 0.3
        peak = rng.uniform(0.1, 0.9)
        crest = row - 0.09
        bright, dark = mood.earth((250, 208, 136)), mood.earth((206, 142, 76))
        canvas.polygon(
            np.array([(peak - 0.55, row + 0.05), (peak, crest), (peak + 0.05, row + 0.06)]), bright
        )
        canvas.polygon(
            np.array([(peak, crest), (peak + 0.05, row + 0.06), (peak + 0.5, row + 0.05)]), dark
        )


def _forest(canvas: Canvas, mood: Mood, horizon: float, rng: np.random.Generator) -> None:
    canvas.shades(0.0, horizon + 0.02, (mood.earth((40, 84, 48)), mood.earth((98, 146, 92))))
    if sum(mood.sky[0]) > 450:
        canvas.glow(0.5, horizon * 0.7, 0.6, 0.5, mood.sky[1], 0.85)
    for depth, (many, wide, bark) in enumerate(
        ((8, 0.022, (74, 92, 66)), (6, 0.042, (84, 62, 44)))
    ):
        base = horizon + (0.01 if depth == 0 else 0.06)
        for k in range(many):
            x = (k + rng.uniform(0.1, 0.9)) / many
            canvas.rectangle(x - wide / 2, 0.0, x + wide / 2, base, mood.earth(bark))
            canvas.rectangle(
                x + wide * 0.15, 0.0, x + wide / 2, base, mood.earth(darker(bark, 0.75))
            )
    canvas.shades(horizon + 0.03, 1.0, (mood.earth((70, 100, 48)), mood.earth((98, 92, 52))))
    for x, size in rng.random((7, 2)).tolist():
        canvas.ellipse(
            x, horizon + 0.045, 0.07 + 0.05 * size, 0.04 + 0.02 * size, mood.earth((54, 104, 50))
        )
    for x, y, size in rng.random((10, 3)).tolist():
        leaf = mood.earth((46, 112, 52) if size < 0.6 else (70, 140, 62))
        canvas.ellipse(x, y * 0.1 - 0.02, 0.1 + 0.06 * size, 0.06 + 0.03 * size, leaf)
    for x, y, which in rng.random((16, 3)).tolist():
        row = horizon + 0.1 + (0.88 - horizon) * y
        canvas.ellipse(
            x, row, 0.013, 0.006, mood.earth(((150, 110, 50), (120, 130, 60))[int(which * 2)])
        )


def _hills(
    canvas: Canvas, horizon: float, rng: np.random.Generator, colour: RGB, tall: float
) -> None:
    for k in range(3):
        x, high = (k + rng.uniform(0.1, 0.9)) / 3, rng.uniform(0.5, 1.0) * tall
        canvas.ellipse(x, horizon + 0.02, rng.uniform(0.24, 0.4), high, colour)


_LANDS: dict[Setting, _Painter] = {
    Setting.STREET: _street,
    Setting.MEADOW: _meadow,
    Setting.SNOW: _snow,
    Setting.WATER: _water,
    Setting.BEACH: _beach,
    Setting.DESERT: _desert,
    Setting.FOREST: _forest,
}
