"""Draws scenes with Pillow: bodies, light, weather, style and frame, at any size."""

from engine.bench.rendered.draw.picture import draw_scene

__all__ = ["draw_scene"]
