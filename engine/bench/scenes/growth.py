"""What grows and flies: trees, grass, flowers, boulders and gulls."""

from __future__ import annotations

import numpy as np

from engine.bench.scenes.canvas import Colour, Drawing, Easel, Point, Spot

_LEAVES = ((0.27, 0.38, 0.14), (0.36, 0.42, 0.16), (0.22, 0.34, 0.18), (0.55, 0.40, 0.15))
_NEEDLES = ((0.12, 0.24, 0.16), (0.17, 0.28, 0.17))
_TONES = 24  # steps from shadow to sunlight; more cannot be told apart
_NEARBY = 8.0  # metres: too near for the air to matter
_FLOWERS = ((0.93, 0.78, 0.2), (0.9, 0.3, 0.26), (0.95, 0.94, 0.9), (0.62, 0.42, 0.75))


def draw_leafy_tree(easel: Easel, spot: Spot) -> None:
    """A broad tree: a trunk, boughs, and leaves in clumps, lighter towards the sun."""
    tone, sun = easel.light.tone, easel.sun_side
    leaf = easel.pick(_LEAVES)
    tall, wide = easel.rng.uniform(7.0, 10.0), easel.rng.uniform(2.6, 3.6)
    lean = easel.rng.uniform(-0.5, 0.5)
    drawing = Drawing(spot, (-7, 7, -0.6, 13.5))
    bark = tone((0.27, 0.21, 0.16), 0.45, spot.distance)
    fork = (lean * 0.4, tall * 0.36)
    drawing.polygon(
        [(-0.38, -0.5), (0.42, -0.5), (fork[0] + 0.22, fork[1]), (fork[0] - 0.22, fork[1])], bark
    )
    clumps = []
    for k in range(6):
        angle = 2 * np.pi * (k + easel.rng.uniform(0, 0.7)) / 6
        clumps.append(
            (
                lean + np.cos(angle) * wide * easel.rng.uniform(0.5, 0.75),
                tall * 0.68 + np.sin(angle) * tall * easel.rng.uniform(0.17, 0.26),
            )
        )
    clumps.append((lean, tall * 0.75))
    for x, y in clumps:
        drawing.line([fork, (x * 0.8, y * 0.94)], 0.16, bark)
    blobs = []
    for x, y in clumps:
        for _ in range(70):
            angle, away = easel.rng.uniform(0, 2 * np.pi), easel.rng.random() ** 0.6 * wide * 0.56
            dx, dy = np.cos(angle) * away, np.sin(angle) * away * 0.75
            up = (y + dy - tall * 0.68) / (tall * 0.4)
            lit = 0.36 + 0.2 * up + 0.12 * sun * (x + dx) / wide
            lit += (0.32 * dy + 0.14 * sun * dx) / wide + easel.rng.uniform(-0.1, 0.1)
            inner = 1 - away / (wide * 0.56)
            blobs.append((lit, x + dx, y + dy, easel.rng.uniform(0.1, 0.2) + 0.26 * inner))
    blobs.sort()
    tones = [tone(leaf, max(k, 0.4) / _TONES, spot.distance) for k in range(_TONES + 1)]
    for lit, x, y, r in blobs:
        drawing.ellipse((x, y), (r, r * 0.8), tones[round(min(max(lit, 0.0), 1.0) * _TONES)])
    drawing.stamp(easel.picture)


def draw_conifer(easel: Easel, spot: Spot, snowy: bool) -> None:
    """A conifer: ragged tiers of branches, lighter on the side of the sun, snow on top."""
    tone, sun = easel.light.tone, easel.sun_side
    needle = easel.pick(_NEEDLES)
    tall, wide = easel.rng.uniform(8.0, 13.0), easel.rng.uniform(1.9, 2.6)
    drawing = Drawing(spot, (-4, 4, -0.6, 14.5))
    bark = tone((0.25, 0.19, 0.14), 0.4, spot.distance)
    drawing.polygon([(-0.24, -0.5), (0.26, -0.5), (0.08, tall), (-0.08, tall)], bark)
    tiers = 13
    for k in range(tiers):
        share = k / (tiers - 1)
        y = tall * (0.1 + 0.84 * share)
        reach = wide * (1 - share) ** 0.85 + 0.12
        drop = tall * 0.085
        for side in (-1.0, 1.0):
            lit = 0.26 + 0.16 * share + (0.26 if side == sun else 0.0)
            twigs: list[Point] = [(0.0, y + drop * 1.25)]
            for j in range(1, 6):
                out = reach * j / 5 * easel.rng.uniform(0.85, 1.12)
                ragged = easel.rng.uniform(-0.1, 0.1)
                twigs.append((side * out, y - drop * (0.25 + 0.15 * j) + ragged))
                twigs.append((side * out * 0.86, y - drop * 0.1 * j))
            twigs = [twigs[0], *sorted(twigs[1:], key=lambda p: -abs(p[0])), (0.0, y - drop * 0.4)]
            drawing.polygon(twigs, tone(needle, lit, spot.distance))
            if snowy:
                drawing.polygon(
                    [
                        (0.0, y + drop * 1.2),
                        (side * reach * 0.75, y - drop * 0.3),
                        (side * reach * 0.45, y + drop * 0.05),
                        (0.0, y + drop * 0.5),
                    ],
                    tone((0.93, 0.95, 0.99), 0.5 + lit * 0.5, spot.distance),
                )
    drawing.stamp(easel.picture)


def draw_grass(easel: Easel, colour: Colour) -> None:
    """Blades along the lower edge of the picture, bent by the wind, denser in one place."""
    h, w = easel.picture.shape[1:]
    unit = h / 100.0
    drawing = Drawing(Spot((0.0, float(h)), unit, _NEARBY), (0, w / unit, -2, 17))
    tones = [easel.light.tone(colour, 0.15 + 0.75 * k / _TONES, _NEARBY) for k in range(_TONES + 1)]
    wind = easel.rng.uniform(-1, 1)
    dense = easel.rng.uniform(0.0, w / unit)
    for _ in range(int(w / 2.6)):
        x = easel.rng.uniform(0, w / unit)
        crowd = np.exp(-(((x - dense) / (0.3 * w / unit)) ** 2))
        tall = easel.rng.uniform(1.5, 5.0) + easel.rng.uniform(0, 9.0) * crowd
        bend = tall * (0.28 * wind + easel.rng.uniform(-0.22, 0.22))
        blade = tones[int(easel.rng.integers(_TONES + 1))]
        half = easel.rng.uniform(0.1, 0.22)
        drawing.polygon(
            [
                (x - half, -2),
                (x + half, -2),
                (x + bend * 0.4 + half * 0.6, tall * 0.6),
                (x + bend, tall),
                (x + bend * 0.4 - half * 0.6, tall * 0.6),
            ],
            blade,
        )
    drawing.stamp(easel.picture, 0.92)


def draw_flower(easel: Easel, spot: Spot, colour: int) -> None:
    """A blossom on its stalk; colour: any whole number, equal ones are equal flowers."""
    tone = easel.light.tone
    drawing = Drawing(spot, (-0.3, 0.3, -0.1, 0.8))
    tall = easel.rng.uniform(0.2, 0.5)
    drawing.line([(0, 0), (0.02, tall)], 0.03, tone((0.25, 0.36, 0.15), 0.5, _NEARBY))
    blossom = tone(_FLOWERS[colour % len(_FLOWERS)], 0.85, _NEARBY)
    drawing.ellipse((0.02, tall), (0.1, 0.07), blossom)
    drawing.stamp(easel.picture)


def draw_boulder(easel: Easel, spot: Spot) -> None:
    """A rock: a lit top, a dark flank, a shadow at its foot."""
    tone, sun = easel.light.tone, easel.sun_side
    wide, tall = easel.rng.uniform(0.35, 1.2), easel.rng.uniform(0.3, 0.85)
    grey = easel.rng.uniform(0.85, 1.12)
    stone = (0.43 * grey, 0.40 * grey, 0.37 * grey)
    angles = np.linspace(0.16, np.pi - 0.16, 9) + easel.rng.uniform(-0.1, 0.1, size=9)
    rough = easel.rng.uniform(0.88, 1.06, size=9)
    rim = [
        (float(wide * np.cos(a)), float(tall * np.sin(a) ** 0.65 * r))
        for a, r in zip(angles, rough, strict=True)
    ]
    drawing = Drawing(spot, (-2.0, 2.0, -0.4, 1.4))
    shadow = tone((stone[0] * 0.5, stone[1] * 0.5, stone[2] * 0.5), 0.15, spot.distance)
    drawing.ellipse((-0.12 * sun * wide, 0.0), (wide * 1.06, 0.1), shadow)
    drawing.polygon(
        [*rim, (-wide, -0.06), (0.0, -0.14), (wide, -0.06)], tone(stone, 0.22, spot.distance)
    )
    middle = [(x * 0.72 + 0.1 * sun * wide, y * 0.82 + 0.12 * tall) for x, y in rim]
    drawing.polygon(middle, tone(stone, 0.5, spot.distance))
    top = [(x * 0.5 + 0.22 * sun * wide, y * 0.42 + 0.52 * tall) for x, y in rim]
    drawing.polygon(top, tone(stone, 0.9, spot.distance))
    drawing.stamp(easel.picture)


def draw_gull(easel: Easel, spot: Spot) -> None:
    """A gull on the wing: two arched wings; one unit of its scale is its span."""
    drawing = Drawing(spot, (-0.7, 0.7, -0.5, 0.6))
    lift, tilt = easel.rng.uniform(0.12, 0.34), easel.rng.uniform(-0.12, 0.12)
    ink = easel.light.tone((0.30, 0.31, 0.34), 0.3, spot.distance)
    for side in (-1.0, 1.0):
        t = np.linspace(0, 1, 9)
        x = side * t * 0.5
        arch = lift * np.sin(t * np.pi * 0.72) + side * tilt * t
        thick = 0.05 * (1 - t) ** 0.7 + 0.008
        upper = list(zip(x.tolist(), (arch + thick).tolist(), strict=True))
        lower = list(zip(x.tolist(), (arch - thick).tolist(), strict=True))
        drawing.polygon(upper + lower[::-1], ink)
    drawing.ellipse((0, -0.01), (0.05, 0.055), ink)
    drawing.stamp(easel.picture, 0.9)
