"""Everything known of the images of both sets, column by column. Values only.

One row an image, A's rows first. Columns instead of objects: a hundred thousand images a side
must fit into memory and into one numpy call.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt

from engine.vocabulary import ImageRef


@dataclass(frozen=True)
class CategoryColumn:
    """values: the distinct values; codes: (n,) int32 index into values, -1 where unknown."""

    values: tuple[str, ...]
    codes: npt.NDArray[np.int32]


@dataclass(frozen=True)
class ImageTable:
    """n images of both sets.

    is_a: (n,) bool. discover: (n,) bool, True for the half that hypotheses may be read from;
    all True when the sets are too small to split. numbers: name -> (n,) float32, NaN where
    unknown (yes/no measurements hold 0 and 1). texts: the text that came along with each image,
    lower or upper case as found, "" where there is none. captions: row -> what the captioner
    wrote, of the images that were shown to it.
    """

    images: list[ImageRef]
    is_a: npt.NDArray[np.bool_]
    discover: npt.NDArray[np.bool_]
    split: bool
    numbers: dict[str, npt.NDArray[np.float32]]
    categories: dict[str, CategoryColumn]
    texts: list[str]
    captions: dict[int, str] = field(default_factory=dict)

    @cached_property
    def content_ids(self) -> tuple[str, ...]:
        """Of each row; made once, for a hundred thousand take longer to gather than to score."""
        return tuple(image.content_id for image in self.images)

    @property
    def confirm(self) -> npt.NDArray[np.bool_]:
        """(n,) bool: images on which hypotheses read from the data are tested."""
        return ~self.discover if self.split else np.ones_like(self.discover)
