"""A short signature of what a picture shows, alike for copies that were saved or sized anew.

A difference hash (is a field brighter than its neighbour?) in both directions, with the mean
colours of 4 × 4 fields and the aspect ratio to confirm it. Compares nothing.
"""

from __future__ import annotations

import math
import struct

import numpy as np
import numpy.typing as npt
from PIL import Image

from engine.picture import Picture

FIELDS = 8  # a side; 8 × 8 differences in each of two directions
COLOUR_FIELDS = 4  # a side
#: grey levels by which neighbours must differ for a bit to be set; below it saving anew decides
MARGIN = 2.0
ASPECT_STEPS = 4096  # a doubling of width / height
HASH_BYTES = 16
_LAYOUT = struct.Struct(f">{HASH_BYTES}s{3 * COLOUR_FIELDS**2}shB")
SIGNATURE_BYTES = _LAYOUT.size


def signature(picture: Picture) -> bytes:
    """SIGNATURE_BYTES bytes: hash (128 bits), mean colours (48), aspect (int16), detail (uint8).

    aspect: log2(width / height) × ASPECT_STEPS. detail: how many of the 128 neighbours differ by
    more than MARGIN either way; a picture with little detail has no telling hash.
    """
    image = Image.fromarray(picture.rgb)
    grey = image.convert("L").convert("F")
    across = np.diff(_fields(grey, FIELDS + 1, FIELDS), axis=1)
    down = np.diff(_fields(grey, FIELDS, FIELDS + 1), axis=0)
    differences = np.concatenate([across.ravel(), down.ravel()])
    colours = image.resize((COLOUR_FIELDS, COLOUR_FIELDS), Image.Resampling.BOX)
    aspect = math.log2(picture.facts.width_px / picture.facts.height_px) * ASPECT_STEPS
    return _LAYOUT.pack(
        np.packbits(differences > MARGIN).tobytes(),
        colours.tobytes(),
        max(-32768, min(32767, round(aspect))),
        int(np.count_nonzero(np.abs(differences) > MARGIN)),
    )


def _fields(grey: Image.Image, columns: int, rows: int) -> npt.NDArray[np.float32]:
    return np.asarray(grey.resize((columns, rows), Image.Resampling.BOX), np.float32)
