"""From readings to the table of columns that every later stage works on.

Collects one side at a time in whatever order readings arrive, counts copies, and ends in an
`ImageTable` whose rows stand in an order that depends on the images alone. Reads no files.
"""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from engine.image_table import CategoryColumn, ImageTable
from engine.measurement import Catalogue, Category, Value
from engine.vocabulary import ImageRef, ImageSet, Side, Skipped

UNKNOWN = -1


@dataclass(frozen=True, slots=True)
class Columns:
    """Where a measurement's values go."""

    names: tuple[str, ...]  # of numbers and yes/no measurements
    categories: tuple[str, ...]

    @classmethod
    def of(cls, catalogue: Catalogue) -> Columns:
        categories = tuple(m.name for m in catalogue.measurements if isinstance(m, Category))
        names = tuple(m.name for m in catalogue.measurements if not isinstance(m, Category))
        return cls(names, categories)


@dataclass(slots=True)
class SideBuilder:
    """Collects the images of one side, about a kilobyte each."""

    side: Side
    label: str
    columns: Columns
    other_files: int
    images: list[ImageRef] = field(default_factory=list)
    positions: list[int] = field(default_factory=list)  # in the listing, to name the first copy
    texts: list[str] = field(default_factory=list)
    signatures: list[bytes] = field(default_factory=list)
    skipped: list[tuple[int, Skipped]] = field(default_factory=list)
    copies: int = 0
    size_bytes: int = 0
    _rows: dict[str, int] = field(default_factory=dict)
    _numbers: array[float] = field(default_factory=lambda: array("f"))
    _codes: array[int] = field(default_factory=lambda: array("i"))
    _values: dict[str, dict[str, int]] = field(default_factory=dict)

    def add(
        self,
        position: int,
        image: ImageRef,
        size_bytes: int,
        values: Mapping[str, Value],
        text: str,
        signature: bytes,
    ) -> None:
        """One readable image; a further copy of the same bytes is counted and left out.

        Of several copies the one that stands first in the listing names the image, and the
        first text found among them is kept.
        """
        row = self._rows.get(image.content_id)
        if row is not None:
            self.copies += 1
            if position < self.positions[row]:
                self.positions[row] = position
                self.images[row] = image
                self.texts[row] = text or self.texts[row]
            elif not self.texts[row]:
                self.texts[row] = text
            return
        self._rows[image.content_id] = len(self.images)
        self.images.append(image)
        self.positions.append(position)
        self.texts.append(text)
        self.signatures.append(signature)
        self.size_bytes += size_bytes
        for name in self.columns.names:
            value = values.get(name)
            number = float("nan") if value is None or isinstance(value, str) else float(value)
            self._numbers.append(number)
        for name in self.columns.categories:
            value = values.get(name)
            if isinstance(value, str):
                known = self._values.setdefault(name, {})
                self._codes.append(known.setdefault(value, len(known)))
            else:
                self._codes.append(UNKNOWN)

    def skip(self, position: int, skipped: Skipped) -> None:
        self.skipped.append((position, skipped))

    def order(self) -> list[int]:
        """Rows by content, so that neither names nor the order of reading matter."""
        return sorted(range(len(self.images)), key=lambda row: self.images[row].content_id)

    def numbers(self) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
        flat = np.frombuffer(self._numbers, dtype=np.float32)
        return flat.reshape(len(self.images), len(self.columns.names))

    def codes(self) -> np.ndarray[tuple[int, int], np.dtype[np.int32]]:
        flat = np.frombuffer(self._codes, dtype=np.int32)
        return flat.reshape(len(self.images), len(self.columns.categories))

    def category_values(self, name: str) -> Sequence[str]:
        return tuple(self._values.get(name, {}))

    def image_set(self) -> ImageSet:
        formats: dict[str, int] = {}
        for image in self.images:
            formats[image.format] = formats.get(image.format, 0) + 1
        return ImageSet(
            side=self.side,
            label=self.label,
            compared=len(self.images),
            skipped=tuple(item for _, item in sorted(self.skipped, key=lambda pair: pair[0])),
            copies=self.copies,
            other_files=self.other_files,
            with_text=sum(1 for text in self.texts if text),
            size_bytes=self.size_bytes,
            formats=dict(sorted(formats.items(), key=lambda pair: (-pair[1], pair[0]))),
        )


def join_sides(
    a: SideBuilder,
    b: SideBuilder,
    discover: np.ndarray[tuple[int], np.dtype[np.bool_]],
    split: bool,
) -> ImageTable:
    """discover: (n,) bool over A's rows then B's, each in `order()`."""
    order_a, order_b = a.order(), b.order()
    is_a = np.arange(len(order_a) + len(order_b)) < len(order_a)
    numbers = np.concatenate([a.numbers()[order_a], b.numbers()[order_b]])
    codes_a, codes_b = a.codes()[order_a], b.codes()[order_b]
    return ImageTable(
        images=[a.images[i] for i in order_a] + [b.images[i] for i in order_b],
        is_a=is_a,
        discover=discover,
        split=split,
        numbers={
            name: np.ascontiguousarray(numbers[:, k]) for k, name in enumerate(a.columns.names)
        },
        categories={
            name: _merge(
                a.category_values(name), codes_a[:, k], b.category_values(name), codes_b[:, k]
            )
            for k, name in enumerate(a.columns.categories)
        },
        texts=[a.texts[i] for i in order_a] + [b.texts[i] for i in order_b],
    )


def _merge(
    values_a: Sequence[str],
    codes_a: np.ndarray[tuple[int], np.dtype[np.int32]],
    values_b: Sequence[str],
    codes_b: np.ndarray[tuple[int], np.dtype[np.int32]],
) -> CategoryColumn:
    """Both sides' codes on one sorted list of values."""
    values = tuple(sorted({*values_a, *values_b}))
    index = {value: code for code, value in enumerate(values)}

    def translate(
        own: Sequence[str], codes: np.ndarray[tuple[int], np.dtype[np.int32]]
    ) -> np.ndarray[tuple[int], np.dtype[np.int32]]:
        # the last entry is what code -1 picks: unknown stays unknown
        table = np.array([*(index[value] for value in own), UNKNOWN], dtype=np.int32)
        return table[codes]

    return CategoryColumn(
        values, np.concatenate([translate(values_a, codes_a), translate(values_b, codes_b)])
    )
