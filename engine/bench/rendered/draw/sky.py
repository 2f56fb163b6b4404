"""The sky and what falls from it."""

from __future__ import annotations

import numpy as np

from engine.bench.rendered.draw.canvas import Canvas
from engine.bench.rendered.draw.light import Mood
from engine.bench.rendered.draw.paint import RGB
from engine.bench.rendered.scene import Scene
from engine.bench.rendered.world import Light, Setting, Style, Weather

__all__ = ["draw_sky", "draw_weather_before", "draw_weather_behind"]

_WHITE: RGB = (255, 255, 255)


def draw_sky(
    canvas: Canvas, scene: Scene, mood: Mood, horizon: float, rng: np.random.Generator
) -> None:
    """Everything above the horizon that is not land."""
    high, low = mood.sky
    middle = (
        high[0] * 0.5 + low[0] * 0.5,
        high[1] * 0.5 + low[1] * 0.5,
        high[2] * 0.5 + low[2] * 0.5,
    )
    canvas.shades(0.0, horizon + 0.02, (high, middle, low))
    side = 1.0 if rng.random() < 0.5 else -1.0
    sun_x = 0.5 + side * rng.uniform(0.24, 0.36)
    if scene.light is Light.SUNSET:
        y = horizon - 0.05
        canvas.glow(sun_x, y, 0.5, 0.34, (255, 190, 90), 0.75)
        canvas.ellipse(sun_x, y, 0.085, 0.085, (255, 236, 150))
        for _ in range(4):
            _bar(canvas, rng, horizon, (236, 96, 92))
    elif scene.light is Light.NIGHT:
        for x, y, size in rng.random((26, 3)).tolist():
            r = 0.004 + 0.006 * size
            canvas.ellipse(x, y * horizon, r, r, (250, 248, 220))
        if scene.weather in {Weather.PLAIN, Weather.SNOWING}:
            y = max(0.11, horizon * 0.3)
            canvas.glow(sun_x, y, 0.2, 0.2, (150, 160, 210), 0.6)
            canvas.ellipse(sun_x, y, 0.075, 0.075, (252, 246, 214))
            canvas.ellipse(sun_x + 0.035, y - 0.015, 0.065, 0.065, (16, 22, 54))
    elif scene.light is Light.BACKLIT:
        canvas.glow(0.5, horizon * 0.8, 0.75, 0.6, (255, 255, 250), 1.0)
    elif scene.light is Light.DAYLIGHT and scene.weather is Weather.SUNNY:
        y = max(0.12, horizon * 0.32)
        canvas.glow(sun_x, y, 0.3, 0.3, (255, 250, 190), 0.8)
        for k in range(10):
            way = np.pi * 2 * k / 10
            c, s = float(np.cos(way)), float(np.sin(way))
            ends = [(sun_x + c * 0.115, y + s * 0.115), (sun_x + c * 0.165, y + s * 0.165)]
            canvas.line(ends, 0.016, (255, 226, 60))
        canvas.ellipse(sun_x, y, 0.09, 0.09, (255, 230, 64))
    if scene.weather in {Weather.CLOUDY, Weather.RAINY, Weather.STORMY, Weather.SNOWING}:
        _clouds(canvas, scene, horizon, rng)


def _clouds(canvas: Canvas, scene: Scene, horizon: float, rng: np.random.Generator) -> None:
    if scene.light in {Light.SUNSET, Light.BACKLIT}:
        colours: tuple[RGB, RGB] = ((214, 120, 110), (244, 160, 120))
        if scene.light is Light.BACKLIT:
            colours = ((226, 196, 160), (250, 232, 204))
    elif scene.light in {Light.NIGHT, Light.SPOTLIGHT}:
        colours = ((26, 28, 46), (40, 44, 66))
    else:
        colours = {
            Weather.CLOUDY: ((176, 180, 188), (244, 245, 247)),
            Weather.RAINY: ((76, 84, 98), (108, 116, 130)),
            Weather.STORMY: ((28, 28, 42), (54, 54, 74)),
        }.get(scene.weather, ((140, 148, 162), (176, 182, 194)))
    many = 3 if horizon > 0.3 else 2
    for k in range(many):
        x = (k + rng.uniform(0.2, 0.8)) / many
        y = min(rng.uniform(0.08, 0.2), horizon * 0.6)
        size = rng.uniform(0.12, 0.18)
        puffs = (
            (-0.9, 0.25, 0.5),
            (0.9, 0.25, 0.55),
            (0.0, 0.3, 0.6),
            (-0.4, -0.1, 0.6),
            (0.4, -0.2, 0.7),
        )
        for shift, colour in ((0.02, colours[0]), (0.0, colours[1])):
            for dx, dy, r in puffs:
                canvas.ellipse(
                    x + dx * size, y + dy * size * 0.6 + shift, r * size, r * size * 0.62, colour
                )


def _bar(canvas: Canvas, rng: np.random.Generator, horizon: float, colour: RGB) -> None:
    x, y = rng.uniform(0, 1), rng.uniform(0.15, 0.9) * horizon
    canvas.glow(x, y, rng.uniform(0.2, 0.4), 0.02, colour, 0.8)


def draw_weather_behind(canvas: Canvas, scene: Scene, rng: np.random.Generator) -> None:
    """What is farther away than the things: fog, lightning."""
    if scene.setting is Setting.INDOORS:
        return
    if scene.weather is Weather.FOGGY:
        grey = (70, 76, 92) if scene.light is Light.NIGHT else (214, 217, 220)
        canvas.veil(grey, 0.7)
    elif scene.weather is Weather.STORMY:
        x = rng.uniform(0.15, 0.85)
        turns = (0.0, 0.055, -0.045, 0.055, -0.045)
        bolt = [(x + turn, 0.08 + k * 0.085) for k, turn in enumerate(turns)]
        canvas.glow(x, 0.25, 0.22, 0.3, (190, 180, 250), 0.5)
        canvas.line(bolt, 0.026, (255, 250, 190))


def draw_weather_before(canvas: Canvas, scene: Scene, rng: np.random.Generator) -> None:
    """What falls before the things, and the fog between."""
    if scene.setting is Setting.INDOORS:
        return
    dark = scene.light in {Light.NIGHT, Light.SPOTLIGHT}
    if scene.weather is Weather.FOGGY:
        canvas.veil((70, 76, 92) if dark else (218, 221, 224), 0.42)
    elif scene.weather in {Weather.RAINY, Weather.STORMY}:
        colour = (130, 146, 178) if dark else (214, 226, 240)
        if scene.style is Style.SKETCH:
            colour = (70, 80, 96)
        for x, y, long in rng.random((46, 3)).tolist():
            length = 0.06 + 0.07 * long
            canvas.line([(x, y), (x - length * 0.32, y + length)], 0.0075, colour)
    elif scene.weather is Weather.SNOWING:
        flake = (196, 204, 226) if dark else _WHITE
        for x, y, size in rng.random((58, 3)).tolist():
            r = 0.008 + 0.012 * size
            canvas.ellipse(x, y, r, r, flake)
