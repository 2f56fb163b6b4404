"""Light: how bright an image is and how its tones are spread. Knows no colour and no place."""

from __future__ import annotations

import numpy as np

from engine.measurement import Measurement, Number, Value, YesNo
from engine.measurements.view import View

VERSION = 1

BLACK_LEVEL = 5  # grey levels up to here are seen as black; JPEG leaves no pure 0
WHITE_LEVEL = 250  # grey levels from here on are seen as white
NIGHT_LEVEL = 64  # a quarter of full scale

MEASUREMENTS: tuple[Measurement, ...] = (
    Number(
        name="brightness",
        title="mean brightness",
        unit="0–255",
        high="brighter images",
        low="darker images",
        source="Mean Rec. 601 luma.",
    ),
    Number(
        name="contrast",
        title="contrast",
        unit="grey levels",
        high="images with stronger contrast",
        low="flatter images with less contrast",
        source="RMS contrast: standard deviation of the luma (Peli, J. Opt. Soc. Am. A 7, 1990).",
    ),
    Number(
        name="dynamic_range",
        title="range of tones",
        unit="grey levels",
        high="images that span more tones from dark to light",
        low="images that span fewer tones from dark to light",
        source="99th minus 1st percentile of the luma.",
    ),
    Number(
        name="black_share",
        title="share of black",
        unit="share of pixels",
        high="images with more pure black",
        low="images with less pure black",
        source=f"Share of pixels whose luma is at most {BLACK_LEVEL}.",
    ),
    Number(
        name="white_share",
        title="share of white",
        unit="share of pixels",
        high="images with more pure white",
        low="images with less pure white",
        source=f"Share of pixels whose luma is at least {WHITE_LEVEL}.",
    ),
    YesNo(
        name="night_like",
        title="very dark",
        yes="very dark images, as at night",
        no="images that are not very dark",
        source=f"Yes when at least three quarters of the pixels have a luma below {NIGHT_LEVEL}.",
    ),
)


def measure(view: View) -> dict[str, Value]:
    """Everything is read off the luma histogram of the work image."""
    histogram = view.luma_histogram
    pixels = view.luma_levels.size
    cumulative = np.cumsum(histogram)
    low, high = np.searchsorted(cumulative, (0.01 * pixels, 0.99 * pixels))
    return {
        "brightness": view.luma_mean,
        "contrast": view.luma_deviation,
        "dynamic_range": float(high - low),
        "black_share": int(cumulative[BLACK_LEVEL]) / pixels,
        "white_share": 1 - int(cumulative[WHITE_LEVEL - 1]) / pixels,
        "night_like": bool(cumulative[NIGHT_LEVEL - 1] >= 0.75 * pixels),
    }
