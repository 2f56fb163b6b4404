"""Images that no model was made for: a single pixel, a line. Stretched, so that nothing is lost."""

from __future__ import annotations

import numpy as np
from PIL import Image

from engine.pixels import Pixels

SHORTEST_PX = 32  # processors guess wrongly which axis is colour when a side has 1 or 3 pixels
STEEPEST = 8  # longer side over shorter; some processors enlarge by the shorter side


def presentable(pixels: Pixels) -> Pixels:
    """The image, stretched if it is too small or too narrow for a model to take."""
    height, width = pixels.shape[:2]
    least = max(SHORTEST_PX, -(-max(width, height) // STEEPEST))
    size = (max(width, least), max(height, least))
    if size == (width, height):
        return pixels
    image = Image.fromarray(np.ascontiguousarray(pixels))
    return np.asarray(image.resize(size, Image.Resampling.BICUBIC))
