"""Where an image comes to lie in the pixels that a model wants. Arithmetic only; touches no pixel.

Sizes and offsets are rounded as the preprocessing of open_clip (3.x, `transform.py`) and of
torchvision (`Resize`, `CenterCrop`) rounds them: the models were trained behind it, and half a
pixel is half a pixel.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Self

from engine.pixels import Cut, PixelShape


@dataclass(frozen=True, slots=True)
class Span:
    """One axis, in pixels of the result's scale."""

    resized: int  # length the whole side is brought to
    start: int  # of the part that is kept
    kept: int
    before: int  # filled pixels in front of it
    total: int  # of the result: what is kept and what is filled

    def mirrored(self) -> Span:
        return replace(self, start=self.resized - self.start - self.kept)


@dataclass(frozen=True, slots=True)
class Placement:
    """x: left to right. y: top to bottom."""

    x: Span
    y: Span

    @classmethod
    def of(cls, width_px: int, height_px: int, shape: PixelShape) -> Self:
        """width_px and height_px: of the image as shown."""
        width, height = _resized(width_px, height_px, shape)
        if shape.cut is Cut.FIT:
            return cls(_span(width, width), _span(height, height))
        return cls(_span(width, shape.width_px), _span(height, shape.height_px))

    def stored(self, orientation: int) -> Placement:
        """The same in the file's own axes; only resized, start and kept have a meaning there.

        orientation: 1 to 8 as in TIFF 6.0, tag 274.
        """
        x = self.x.mirrored() if orientation in (2, 3, 6, 7) else self.x
        y = self.y.mirrored() if orientation in (3, 4, 7, 8) else self.y
        return Placement(y, x) if orientation >= 5 else Placement(x, y)


def _span(resized: int, wanted: int) -> Span:
    if resized < wanted:
        return Span(resized, 0, resized, (wanted - resized) // 2, wanted)
    return Span(resized, round((resized - wanted) / 2), wanted, 0, wanted)


def _resized(width: int, height: int, shape: PixelShape) -> tuple[int, int]:
    """What the whole image is brought to, before anything is cut off or filled."""
    if shape.cut is Cut.SQUASH:
        return shape.width_px, shape.height_px
    if shape.cut is Cut.CROP and shape.width_px == shape.height_px:
        size = shape.width_px
        longer = int(size * max(width, height) / min(width, height))
        return (size, longer) if width <= height else (longer, size)
    ratios = (width / shape.width_px, height / shape.height_px)
    ratio = min(ratios) if shape.cut is Cut.CROP else max(ratios)
    if shape.cut is Cut.FIT:
        ratio = max(ratio, 1.0)
    return max(1, round(width / ratio)), max(1, round(height / ratio))
