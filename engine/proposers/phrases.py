"""Proposes phrases that stand in the texts of one side more often than in the other's.

Reads the texts of the images that may be looked at (`table.discover`), and of no others.

Phrases are ordered by the z-score of their log-odds with an informative Dirichlet prior
(Monroe, Colaresi & Quinn 2008, "Fightin' Words", Political Analysis 16, 372–403, equations 15,
16, 20 and 22), over the number of images that hold them rather than the number of times they
are written: a caption that repeats itself is still one image.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt
from scipy import sparse
from sklearn.feature_extraction.text import CountVectorizer

from engine.image_table import ImageTable
from engine.job import JobControl
from engine.measurement import Catalogue
from engine.phrase_text import (
    BREAK,
    fold,
    folded_text,
    joined,
    may_begin,
    may_end,
    says_something,
    tokens,
)
from engine.proposers.base import Proposals, Proposer
from engine.recipe import PhraseOptions, Recipe
from engine.vocabulary import Hypothesis, Origin, Side

NAME = "phrases"
MIN_Z = 1.0  # a phrase nearer to the background than this is not worth a test
SAME_IMAGES = 0.7  # Jaccard overlap from which two phrases mark nearly the same images
STANDS_FOR = 0.95  # overlap with its group's best from which a phrase of more words stands for it
ADDS_Z = 2.0  # z among the images of a better phrase from which a longer one adds something
CUT_OFF = 0.8  # share of its texts in which a phrase goes on with "of", as a piece of another
LOOKED_AT = 400  # phrases a side that are merged; far more than are kept
MAX_ALSO = 5  # merged phrases that are named
EXAMPLES = 200  # texts that are looked at again for how a phrase is written and goes on
_CHECK_EVERY = 500  # texts read between looks at whether to stop

Words = list[str]
Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


class _Phrases:
    name = NAME

    def propose(
        self,
        table: ImageTable,
        catalogue: Catalogue,  # noqa: ARG002  part of the role
        recipe: Recipe,
        seed: int,  # noqa: ARG002
        job: JobControl,
    ) -> Proposals:
        options = recipe.phrases
        rows = [i for i in np.flatnonzero(table.discover).tolist() if table.texts[i].strip()]
        written = list(_read([table.texts[i] for i in rows], job))
        counted = _count(written, table.is_a[rows], options, job)
        if counted is None:
            return Proposals([], 0, read_from_sides=True)
        hypotheses = [
            _hypothesis(group, side, counted, options)
            for side in Side
            for group in _chosen(counted, side, options)
        ]
        return Proposals(hypotheses, len(counted.keys), read_from_sides=True)


PROPOSER: Proposer = _Phrases()


@dataclass(frozen=True)
class _Counted:
    """Candidate phrases and the texts that hold them."""

    keys: list[str]  # phrases in folded form, words separated by blanks
    holds: sparse.csc_array  # (texts, phrases) of 0 and 1
    written: list[Words]  # of each text
    on_side: dict[Side, Ints]  # (phrases,) texts of a side that hold each phrase
    texts_of: dict[Side, int]

    def examples(self, phrase: int) -> list[Words]:
        """Up to EXAMPLES texts that hold a phrase, evenly over all that do."""
        rows = self.holds[:, [phrase]].nonzero()[0]
        some = rows[np.linspace(0, rows.size - 1, min(rows.size, EXAMPLES)).astype(np.int64)]
        return [self.written[i] for i in some.tolist()]


def _read(texts: Sequence[str], job: JobControl) -> Iterator[Words]:
    for i, text in enumerate(texts):
        if i % _CHECK_EVERY == 0:
            job.progress("propose", i, len(texts))
        yield tokens(text)


def _phrases_in(words: Words, max_words: int) -> Iterator[tuple[int, int]]:
    """(first, end) of every run of words that can be a phrase."""
    ends = [word != BREAK and may_end(word) for word in words]
    says = [end and says_something(word) for end, word in zip(ends, words, strict=True)]
    for first, word in enumerate(words):
        if word == BREAK or not may_begin(word):
            continue
        meaning = False
        for last in range(first, min(first + max_words, len(words))):
            if words[last] == BREAK:
                break
            meaning = meaning or says[last]
            if meaning and ends[last]:
                yield first, last + 1


def _count(
    written: list[Words], is_a: npt.NDArray[np.bool_], options: PhraseOptions, job: JobControl
) -> _Counted | None:
    """None when a side has no text, or when no phrase stands in enough of them."""
    if is_a.all() or not is_a.any():
        return None
    pairs = _common_pairs(written, options.min_images, job)

    def analyse(words: Words) -> list[str]:
        job.check_cancelled()
        parted = _parted(words, pairs)
        folded = [fold(word) for word in parted]
        return [
            " ".join(folded[first:end]) for first, end in _phrases_in(parted, options.max_words)
        ]

    if not any(analyse(words) for words in written):
        return None
    counter = CountVectorizer(analyzer=analyse, binary=True, dtype=np.int32)
    holds = sparse.csc_array(counter.fit_transform(written))
    enough = np.flatnonzero(holds.sum(axis=0) >= options.min_images)
    if enough.size == 0:
        return None
    keys = counter.get_feature_names_out()[enough].tolist()
    holds = holds[:, enough]
    sides = {Side.A: is_a, Side.B: ~is_a}
    return _Counted(
        keys,
        holds,
        written,
        {s: np.asarray(holds[rows].sum(axis=0), dtype=np.int64) for s, rows in sides.items()},
        {s: int(rows.sum()) for s, rows in sides.items()},
    )


def _common_pairs(written: list[Words], min_texts: int, job: JobControl) -> set[tuple[str, str]]:
    """Folded neighbours that stand side by side in enough texts.

    A phrase is no more frequent than its rarest pair of neighbours; parting texts where a pair
    is rare leaves most phrases uncounted that could not be frequent.
    """
    texts_with: Counter[tuple[str, str]] = Counter()
    for words in written:
        job.check_cancelled()
        texts_with.update(set(pairwise(map(fold, words))))
    return {pair for pair, texts in texts_with.items() if texts >= min_texts}


def _parted(words: Words, pairs: set[tuple[str, str]]) -> Words:
    """The words with a BREAK between neighbours that are not among `pairs`."""
    parted = words[:1]
    for pair, word in zip(pairwise(map(fold, words)), words[1:], strict=True):
        if pair not in pairs:
            parted.append(BREAK)
        parted.append(word)
    return parted


def _log_odds_z(
    own: Ints, own_texts: Ints | int, other: Ints, other_texts: Ints | int, prior: float
) -> Floats:
    """z of the log-odds of one side against the other, for phrases in `own` of `own_texts` texts.

    The prior is the phrase's share of all texts, worth `prior` texts on each side. The variance
    keeps the terms of the texts without the phrase: unlike a word among all words, a phrase may
    stand in most texts.
    """
    share = (own + other) / (own_texts + other_texts)
    cells = [
        own + prior * share,
        own_texts - own + prior * (1 - share),
        other + prior * share,
        other_texts - other + prior * (1 - share),
    ]
    with np.errstate(divide="ignore", invalid="ignore"):
        difference = np.log(cells[0] / cells[1]) - np.log(cells[2] / cells[3])
        z = difference / np.sqrt(sum(1 / cell for cell in cells))
    # a phrase in every text, or in none, tells nothing apart
    return np.where((share > 0) & (share < 1), z, 0.0)


def _chosen(counted: _Counted, side: Side, options: PhraseOptions) -> list[list[int]]:
    """Groups of phrases that mark nearly the same images, best group first, best phrase first."""
    own, other = counted.on_side[side], counted.on_side[side.other]
    z = _log_odds_z(own, counted.texts_of[side], other, counted.texts_of[side.other], options.prior)
    by_z = sorted(
        np.flatnonzero(z >= MIN_Z).tolist(),
        key=lambda i: (-z[i], -len(counted.keys[i]), counted.keys[i]),
    )
    looked_at = [i for i in by_z[:LOOKED_AT] if not _is_cut_off(counted, i)]
    groups: list[list[int]] = []
    for group in _same_images(counted, looked_at):
        leader = group[0]
        better = [
            kept[0] for kept in groups if _is_part(counted.keys[kept[0]], counted.keys[leader])
        ]
        added = _log_odds_z(own[leader], own[better], other[leader], other[better], options.prior)
        if (added >= ADDS_Z).all():
            groups.append(group)
        if len(groups) == options.keep:
            break
    return groups


def _same_images(counted: _Counted, order: list[int]) -> list[list[int]]:
    """Groups of phrases by their overlap with the best of each group, in the order given.

    Of phrases that mark all but the same images the one of most words comes first: "lotus
    position" rather than "lotus".
    """
    holds = counted.holds[:, order].astype(np.int64)
    both = (holds.T @ holds).toarray()
    either = np.add.outer(both.diagonal(), both.diagonal()) - both
    overlap = both / either
    groups: list[list[int]] = []
    for k in range(len(order)):
        home = next((group for group in groups if overlap[k, group[0]] >= SAME_IMAGES), None)
        if home is None:
            groups.append([k])
        else:
            home.append(k)
    for group in groups:
        first = max(
            (k for k in group if overlap[k, group[0]] >= STANDS_FOR),
            key=lambda k: (counted.keys[order[k]].count(" "), -k),
        )
        group.remove(first)
        group.insert(0, first)
    return [[order[k] for k in group] for group in groups]


def _is_part(phrase: str, longer: str) -> bool:
    return f" {phrase} " in f" {longer} "


def _is_cut_off(counted: _Counted, phrase: int) -> bool:
    """Whether a phrase of several words is a piece of a longer one: "sitting on the top" of it."""
    key = counted.keys[phrase]
    if " " not in key:
        return False
    texts = counted.examples(phrase)
    goes_on = sum(f" {key} of " in folded_text(words) for words in texts)
    return goes_on >= CUT_OFF * len(texts)


def _spelling(counted: _Counted, phrase: int, options: PhraseOptions) -> str:
    """How a phrase is most often written."""
    seen: Counter[str] = Counter()
    for words in counted.examples(phrase):
        for first, end in _phrases_in(words, options.max_words):
            if " ".join(map(fold, words[first:end])) == counted.keys[phrase]:
                seen[joined(words[first:end])] += 1
    return min(seen, key=lambda spelling: (-seen[spelling], spelling))


def _hypothesis(
    group: list[int], side: Side, counted: _Counted, options: PhraseOptions
) -> Hypothesis:
    text, *also = [_spelling(counted, phrase, options) for phrase in group[: 1 + MAX_ALSO]]
    counts = ", ".join(
        f"{counted.on_side[s][group[0]]} of {counted.texts_of[s]} texts of {s}"
        for s in (side, side.other)
    )
    return Hypothesis(
        id=f"{NAME}:{text}",
        text=text,
        side=side,
        origin=Origin(NAME, counts),
        also=tuple(also),
    )
