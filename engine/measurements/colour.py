"""Colour: how much of it there is, which, and how many. Knows nothing of where in the image.

Counts of colours are taken on a grid of 32 levels a channel, so that one table, built once,
says of every possible cell which family of hues it belongs to.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

from engine.measurement import Category, Measurement, Number, Value, YesNo
from engine.measurements.view import FloatArray, View

VERSION = 1

COLOURED = 24  # chroma (largest minus smallest channel, 0–255) from which a hue is seen
COLOURLESS = 8  # chroma up to which a pixel counts as grey; JPEG leaves a few levels
MAIN_COLOUR_SHARE = 0.10  # of the pixels must show a hue for an image to have a main colour
HUE_STEP = 15  # degrees a bin of the hue histogram
NO_COLOUR = "grey, black or white"
FREQUENT = 8  # colours counted as "a few"

#: family of hues -> the HSV hue in degrees at which it begins; red goes on past 360
HUE_FAMILIES: tuple[tuple[str, int], ...] = (
    ("red", 345),
    ("orange or brown", 15),
    ("yellow", 45),
    ("green", 70),
    ("cyan", 165),
    ("blue", 195),
    ("purple", 255),
    ("pink or magenta", 290),
)

MEASUREMENTS: tuple[Measurement, ...] = (
    Number(
        name="saturation",
        title="mean saturation",
        unit="0–255",
        high="images with more saturated colours",
        low="images with paler or greyer colours",
        source="Mean of S in HSV: chroma over the largest channel, on a scale of 0–255.",
    ),
    Number(
        name="colourfulness",
        title="colourfulness",
        unit="Hasler–Süsstrunk M3",
        high="more colourful images",
        low="less colourful images",
        source="Hasler and Süsstrunk, Measuring colourfulness in natural images, SPIE 5007, 2003.",
    ),
    Number(
        name="warmth",
        title="warmth",
        unit="red minus blue, −255 to 255",
        high="warmer, more reddish-yellow images",
        low="cooler, bluer images",
        source="Mean red minus mean blue.",
    ),
    Number(
        name="green_tint",
        title="tint between green and magenta",
        unit="green minus magenta, −255 to 255",
        high="images tinted towards green",
        low="images tinted towards pink or magenta",
        source="Mean green minus half the sum of mean red and mean blue.",
    ),
    Number(
        name="red_share",
        title="share of red",
        unit="share of pixels",
        high="images with more red",
        low="images with less red",
        source=f"Share of pixels of chroma {COLOURED} or more and HSV hue 345–15°.",
    ),
    Number(
        name="green_share",
        title="share of green",
        unit="share of pixels",
        high="images with more green",
        low="images with less green",
        source=f"Share of pixels of chroma {COLOURED} or more and HSV hue 70–165°.",
    ),
    Number(
        name="blue_share",
        title="share of blue",
        unit="share of pixels",
        high="images with more blue",
        low="images with less blue",
        source=f"Share of pixels of chroma {COLOURED} or more and HSV hue 195–255°.",
    ),
    Category(
        name="main_colour",
        title="main colour",
        phrase="mainly {value} images",
        opposite="images that are not mainly {value}",
        source=f"Family of HSV hues with the most pixels of chroma {COLOURED} or more; "
        f"“{NO_COLOUR}” when fewer than one pixel in ten has that much.",
    ),
    YesNo(
        name="greyscale",
        title="black-and-white",
        yes="black-and-white images",
        no="images in colour",
        source=f"Yes when at least 99 % of the pixels have a chroma of at most {COLOURLESS}.",
    ),
    YesNo(
        name="single_hue",
        title="shades of a single colour",
        yes="images in shades of a single colour, such as sepia",
        no="images in several colours, or in black and white",
        source="Yes when three neighbouring hue bins of 15° hold 98 % of all chroma, the image is "
        "not black-and-white, and fewer than one pixel in ten is a neutral mid-grey.",
    ),
    Number(
        name="distinct_colours",
        title="number of distinct colours",
        unit="colours of 32,768",
        high="images with more different colours",
        low="images with fewer different colours",
        source="Occupied cells of a grid of 32 levels a channel, at 256 pixels.",
    ),
    Number(
        name="flat_colour_share",
        title="share of the most frequent colours",
        unit="share of pixels",
        high="images made of a few flat colours, as in drawings and graphics",
        low="images with gradually changing colours, as in photographs",
        source=f"Share of pixels in the {FREQUENT} fullest of 32,768 colour cells.",
    ),
)


@dataclass(frozen=True)
class _CellTable:
    """What each of the 32,768 colour cells is. Hues are of the cell's middle."""

    family: npt.NDArray[np.uint8]  # index into HUE_FAMILIES; len(HUE_FAMILIES) without a hue
    hue_bin: npt.NDArray[np.uint8]  # hue // HUE_STEP, of every cell that is not grey
    chroma: npt.NDArray[np.float32]  # 0–255
    mid_grey: npt.NDArray[np.bool_]  # neutral, and neither nearly black nor nearly white


@cache
def _cells() -> _CellTable:
    codes = np.arange(32**3)
    channels = np.stack([codes >> 10, codes >> 5 & 31, codes & 31]).astype(np.float64) * 8 + 3.5
    red, green, blue = channels
    highest, chroma = channels.max(axis=0), np.ptp(channels, axis=0)
    safe = np.maximum(chroma, 1.0)
    sixth = np.where(
        highest == red,
        ((green - blue) / safe) % 6,
        np.where(highest == green, (blue - red) / safe + 2, (red - green) / safe + 4),
    )
    hue = sixth * 60
    starts = np.array([start for _, start in HUE_FAMILIES])
    family = np.searchsorted(starts[1:], hue, side="right")
    family[hue >= starts[0]] = 0
    family[chroma < COLOURED] = len(HUE_FAMILIES)
    middle = (highest > 48) & (highest < 208)
    return _CellTable(
        family=family.astype(np.uint8),
        hue_bin=(hue // HUE_STEP).astype(np.uint8),
        chroma=chroma.astype(np.float32),
        mid_grey=(chroma <= COLOURLESS) & middle,
    )


def _occupied_cells(view: View) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Codes of the occupied colour cells, and the pixels in each."""
    red, green, blue = (view.planes >> 3).astype(np.uint16)
    counts = np.bincount(((red << 10) | (green << 5) | blue).ravel(), minlength=32**3)
    codes = np.flatnonzero(counts)
    return codes, counts[codes]


def _variance(values: FloatArray) -> float:
    centred = values - values.mean()
    return float(np.dot(centred, centred)) / values.size


def _moments(view: View) -> dict[str, Value]:
    """What follows from the means of the channels and the spread of their differences."""
    channels = view.planes.reshape(3, -1).astype(np.float32)
    red, green, blue = (float(channel.mean()) for channel in channels)
    red_green = channels[0] - channels[1]
    yellow_blue = (channels[0] + channels[1]) * np.float32(0.5) - channels[2]
    offset = math.hypot(red - green, (red + green) / 2 - blue)
    spread = math.sqrt(_variance(red_green) + _variance(yellow_blue))
    return {
        "colourfulness": spread + 0.3 * offset,
        "warmth": red - blue,
        "green_tint": green - (red + blue) / 2,
    }


def measure(view: View) -> dict[str, Value]:
    """Reads the work image's channels and the counts of its colour cells."""
    chroma = view.chroma
    pixels = chroma.size
    saturation = chroma / np.maximum(view.highest_channel, 1).astype(np.float32)
    greyscale = int(np.count_nonzero(chroma > COLOURLESS)) <= 0.01 * pixels

    table = _cells()
    codes, counts = _occupied_cells(view)
    families = np.bincount(
        table.family[codes], weights=counts, minlength=len(HUE_FAMILIES) + 1
    ) / float(pixels)
    coloured = families[:-1]
    main = NO_COLOUR
    if coloured.sum() >= MAIN_COLOUR_SHARE:
        main = HUE_FAMILIES[int(coloured.argmax())][0]

    chromatic = table.chroma[codes]
    weights = counts * np.where(chromatic > COLOURLESS, chromatic, 0)
    by_hue = np.bincount(table.hue_bin[codes], weights=weights, minlength=360 // HUE_STEP)
    neighbours = by_hue + np.roll(by_hue, 1) + np.roll(by_hue, -1)
    mid_grey = float(counts[table.mid_grey[codes]].sum()) / pixels
    one_hue = by_hue.any() and neighbours.max() >= 0.98 * by_hue.sum()

    fullest = counts if counts.size <= FREQUENT else np.partition(counts, -FREQUENT)[-FREQUENT:]
    shares = {name: float(share) for (name, _), share in zip(HUE_FAMILIES, coloured, strict=True)}
    return {
        "saturation": 255 * float(saturation.mean()),
        **_moments(view),
        "red_share": shares["red"],
        "green_share": shares["green"],
        "blue_share": shares["blue"],
        "main_colour": main,
        "greyscale": greyscale,
        "single_hue": bool(one_hue and not greyscale and mid_grey < 0.10),
        "distinct_colours": float(codes.size),
        "flat_colour_share": float(fullest.sum()) / pixels,
    }
