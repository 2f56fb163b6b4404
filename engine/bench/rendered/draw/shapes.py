"""Outlines in units, y upwards: smooth curves, ellipses, limbs. Nothing is drawn here.

Every outline is an (n, 2) float64 array that stands for a closed polygon. The same figure is drawn
thousands of times with other colours and places, so outlines are worked out once and kept.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import numpy.typing as npt

__all__ = ["Outline", "Point", "blob", "box", "curve", "limb", "poly", "rounded"]

Outline = npt.NDArray[np.float64]
Point = tuple[float, float]

_STEPS = 5  # points a curve gets between two that were given
_ROUND = 22  # corners of an ellipse: round enough at 512 px


@cache
def poly(*points: Point) -> Outline:
    """A polygon with straight sides."""
    return _kept(np.array(points, dtype=np.float64))


@cache
def box(left: float, bottom: float, right: float, top: float) -> Outline:
    """An upright rectangle."""
    return poly((left, bottom), (right, bottom), (right, top), (left, top))


@cache
def rounded(left: float, bottom: float, right: float, top: float, radius: float) -> Outline:
    """An upright rectangle with round corners."""
    angles = np.linspace(0.0, np.pi / 2, 5)
    corner = radius * np.stack([np.cos(angles), np.sin(angles)], axis=1)
    turned = corner[::-1]
    return _kept(
        np.concatenate(
            [
                corner * (1, 1) + (right - radius, top - radius),
                turned * (-1, 1) + (left + radius, top - radius),
                corner * (-1, -1) + (left + radius, bottom + radius),
                turned * (1, -1) + (right - radius, bottom + radius),
            ]
        )
    )


@cache
def blob(x: float, y: float, across: float, up: float, turned: float = 0.0) -> Outline:
    """An ellipse around x, y with two radii, turned to the left by so many degrees."""
    angles = np.linspace(0.0, 2 * np.pi, _ROUND, endpoint=False)
    flat = np.stack([across * np.cos(angles), up * np.sin(angles)], axis=1)
    return _kept(flat @ _turn(np.deg2rad(turned)) + (x, y))


@cache
def curve(*points: Point) -> Outline:
    """A smooth closed line through the points (a centripetal-like Catmull-Rom spline)."""
    knots = np.array(points, dtype=np.float64)
    before, after = np.roll(knots, 1, axis=0), np.roll(knots, -1, axis=0)
    beyond = np.roll(knots, -2, axis=0)
    t = np.linspace(0.0, 1.0, _STEPS, endpoint=False)[None, :, None]
    a, b, c, d = (k[:, None, :] for k in (before, knots, after, beyond))
    line = 0.5 * (
        2 * b
        + (c - a) * t
        + (2 * a - 5 * b + 4 * c - d) * t * t
        + (3 * b - a - 3 * c + d) * t * t * t
    )
    return _kept(line.reshape(-1, 2))


@cache
def limb(*joints: tuple[float, float, float]) -> Outline:
    """A bent, tapering limb with round ends; a joint is x, y and the radius there."""
    chain = np.array(joints, dtype=np.float64)
    centres, radii = chain[:, :2], chain[:, 2]
    ways = np.diff(centres, axis=0)
    ways /= np.maximum(np.linalg.norm(ways, axis=1, keepdims=True), 1e-9)
    normals = np.stack([-ways[:, 1], ways[:, 0]], axis=1)
    at_joints = np.concatenate([normals[:1], (normals[:-1] + normals[1:]) / 2, normals[-1:]])
    at_joints /= np.maximum(np.linalg.norm(at_joints, axis=1, keepdims=True), 0.5)
    left = centres + at_joints * radii[:, None]
    right = centres - at_joints * radii[:, None]
    end = _cap(centres[-1], ways[-1], radii[-1])
    start = _cap(centres[0], -ways[0], radii[0])
    return _kept(np.concatenate([left, end, right[::-1], start]))


def _cap(centre: Outline, way: Outline, radius: float) -> Outline:
    """Half a circle that closes a limb, from its left to its right, seen along the way."""
    angles = np.linspace(np.pi / 2, -np.pi / 2, 7)[1:-1]
    side = np.array([-way[1], way[0]])
    return np.asarray(
        centre + radius * (np.cos(angles)[:, None] * way + np.sin(angles)[:, None] * side)
    )


def _turn(radians: float) -> Outline:
    """The matrix that turns rows of points to the left."""
    c, s = np.cos(radians), np.sin(radians)
    return np.array([[c, s], [-s, c]])


def _kept(outline: Outline) -> Outline:
    outline.flags.writeable = False
    return outline
