"""Images that stand in both sets, byte for byte or nearly so. Compares signatures, opens nothing.

Near means: the hashes differ in at most NEAR_BITS of 128 bits, and colours and aspect agree.
Those pairs are found without comparing all with all: six differing bits leave at least two of
eight 16-bit chunks untouched, so a pair shares the key made of some two chunks. Among those that
share it, the ones with nearly the same mean colour stand side by side.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import numpy.typing as npt

from engine.images.signature import ASPECT_STEPS, HASH_BYTES, SIGNATURE_BYTES

NEAR_BITS = 6  # of 128; copies saved anew or sized anew differ by 0 to 6, other photos by 15 on
#: of the neighbours that tell anything, one in so many may differ; rules out sparse drawings
BITS_A_DIFFERENCE = 12
MIN_DETAIL = 36  # telling neighbours of 128; below it a hash is mostly emptiness
MAX_MEAN_COLOUR = 4  # mean difference of the 48 colour values, of 255; copies stay below 1.5
MAX_COLOUR = 16  # largest difference of one of them; copies stay below 8
MAX_ASPECT = round(0.04 * ASPECT_STEPS)  # 0.04 of a doubling is 2.8 %: rounding of small copies

CHUNKS = 8
#: how far the sums of the 48 colour values of two copies can be apart
SUM_REACH = np.uint64(MAX_MEAN_COLOUR * 48)
BLOCK_PAIRS = 1_000_000  # candidate pairs compared at a time, to bound the memory
FIRST_LOOK = 64  # candidates an image is compared with at first; then eight times as many, …

Words = npt.NDArray[np.uint64]


@dataclass(frozen=True)
class _Signatures:
    """Of the n images of one side that have a telling hash."""

    index: npt.NDArray[np.int64]  # (n,) position on the side
    bits: Words  # (n, 2)
    colours: npt.NDArray[np.int16]  # (n, 48)
    sums: Words  # (n,) of the colours
    aspect: npt.NDArray[np.int32]  # (n,)
    limit: npt.NDArray[np.uint8]  # (n,) bits by which a copy may differ

    def rows(self, keep: npt.NDArray[np.bool_]) -> _Signatures:
        return _Signatures(
            self.index[keep],
            self.bits[keep],
            self.colours[keep],
            self.sums[keep],
            self.aspect[keep],
            self.limit[keep],
        )


def find_shared(
    ids_a: Sequence[str],
    signatures_a: Sequence[bytes],
    ids_b: Sequence[str],
    signatures_b: Sequence[bytes],
) -> list[tuple[int, int, bool]]:
    """(index in A, index in B, exact), each image of A at most once, in A's order.

    ids: content ids; the same id is the same bytes. signatures: as `signature` makes them; one
    of another length counts as unknown. Of several near images the closest of those compared
    first is named.
    """
    first_b: dict[str, int] = {}
    for j, content_id in enumerate(ids_b):
        first_b.setdefault(content_id, j)
    found = {i: (first_b[key], True) for i, key in enumerate(ids_a) if key in first_b}
    a = _read([(i, s) for i, s in enumerate(signatures_a) if i not in found])
    b = _read(list(enumerate(signatures_b)))
    for i, j in _near(a, b):
        found[i] = (j, False)
    return [(i, j, exact) for i, (j, exact) in sorted(found.items())]


def _read(signatures: list[tuple[int, bytes]]) -> _Signatures:
    known = [(i, s) for i, s in signatures if len(s) == SIGNATURE_BYTES]
    index = np.array([i for i, _ in known], np.int64)
    table = np.frombuffer(b"".join(s for _, s in known), np.uint8).reshape(-1, SIGNATURE_BYTES)
    detail = table[:, -1]
    read = _Signatures(
        index,
        _mixed(table[:, :HASH_BYTES]),
        table[:, HASH_BYTES:-3].astype(np.int16),
        table[:, HASH_BYTES:-3].sum(axis=1, dtype=np.uint64),
        np.ascontiguousarray(table[:, -3:-1]).view(">i2")[:, 0].astype(np.int32),
        np.minimum(NEAR_BITS, detail // BITS_A_DIFFERENCE).astype(np.uint8),
    )
    return read.rows(detail >= MIN_DETAIL)


def _mixed(hashes: npt.NDArray[np.uint8]) -> Words:
    """(n, 16) bytes to (n, 2) words, bits shuffled so that every chunk spans the picture.

    Otherwise pictures with the same empty margin would all share whole chunks.
    """
    order = np.random.default_rng(0).permutation(8 * HASH_BYTES)
    bits = np.unpackbits(hashes, axis=1)[:, order]
    return np.ascontiguousarray(np.packbits(bits, axis=1)).view(np.uint64)


def _near(a: _Signatures, b: _Signatures) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    for pair in combinations(range(CHUNKS), 2):
        if not len(a.index) or not len(b.index):
            break
        keys_a, keys_b = _keys(a, pair), _keys(b, pair)
        order = np.argsort(keys_b, kind="stable")
        first = np.searchsorted(keys_b, keys_a - np.minimum(SUM_REACH, a.sums), "left", order)
        count = np.searchsorted(keys_b, keys_a + SUM_REACH, "right", order) - first
        match = _search(a, b, order, first, count)
        hit = match >= 0
        found += zip(a.index[hit].tolist(), b.index[match[hit]].tolist(), strict=True)
        a = a.rows(~hit)
    return found


def _keys(signatures: _Signatures, pair: tuple[int, int]) -> Words:
    """The two chunks, and below them the sum of the colours, with room to add SUM_REACH."""
    chunks = signatures.bits.view(np.uint16).astype(np.uint64)
    key = chunks[:, pair[0]] << np.uint64(16) | chunks[:, pair[1]]
    return key << np.uint64(16) | signatures.sums


def _search(
    a: _Signatures,
    b: _Signatures,
    order: npt.NDArray[np.int64],
    first: npt.NDArray[np.int64],
    count: npt.NDArray[np.int64],
) -> npt.NDArray[np.int64]:
    """For each of A the row in B of its match, -1 where there is none.

    Its candidates are order[first : first + count]. A few are looked at first: where thousands
    are alike, as in a series, nearly all of A find their match among them.
    """
    match = np.full(len(a.index), -1, np.int64)
    looked, look = 0, FIRST_LOOK
    while (open_rows := np.flatnonzero((match < 0) & (count > looked))).size:
        sizes = np.minimum(count[open_rows] - looked, look)
        ends = np.cumsum(sizes)
        start = 0
        while start < len(open_rows):
            done = int(ends[start - 1]) if start else 0
            stop = max(start + 1, int(np.searchsorted(ends, done + BLOCK_PAIRS, "right")))
            rows = np.repeat(open_rows[start:stop], sizes[start:stop])
            within = (
                np.arange(len(rows))
                - np.repeat(ends[start:stop] - sizes[start:stop], sizes[start:stop])
                + done
            )
            candidates = order[first[rows] + looked + within]
            _keep_closest(a, b, rows, candidates, match)
            start = stop
        looked, look = looked + look, min(look * 8, BLOCK_PAIRS)
    return match


def _keep_closest(
    a: _Signatures,
    b: _Signatures,
    rows: npt.NDArray[np.int64],
    candidates: npt.NDArray[np.int64],
    match: npt.NDArray[np.int64],
) -> None:
    """Enters into match, for each of A's rows, the closest candidate that is a copy."""
    distance = np.bitwise_count(a.bits[rows] ^ b.bits[candidates]).sum(axis=1, dtype=np.uint8)
    limit = np.minimum(a.limit[rows], b.limit[candidates])
    alike = distance <= limit
    rows, candidates, distance = rows[alike], candidates[alike], distance[alike]
    alike = np.abs(a.aspect[rows] - b.aspect[candidates]) <= MAX_ASPECT
    rows, candidates, distance = rows[alike], candidates[alike], distance[alike]
    colour = np.abs(a.colours[rows] - b.colours[candidates])
    alike = (colour.max(axis=1, initial=0) <= MAX_COLOUR) & (
        colour.sum(axis=1) <= MAX_MEAN_COLOUR * colour.shape[1]
    )
    rows, candidates, distance = rows[alike], candidates[alike], distance[alike]
    by_distance = np.lexsort((b.index[candidates], distance))[::-1]
    match[rows[by_distance]] = candidates[by_distance]  # the closest is written last
