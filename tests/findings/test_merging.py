"""Hypotheses that say nearly the same become one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from engine.merging import MAX_ALSO, merge
from engine.proposers.base import Proposals
from engine.vocabulary import Hypothesis, Origin, Side


def proposed(*phrases: str, times: dict[str, int] | None = None) -> Proposals:
    """Phrases of side A, or of B if they begin with "B:"."""
    hypotheses = []
    for k, phrase in enumerate(phrases):
        side = Side.B if phrase.startswith("B:") else Side.A
        text = phrase.removeprefix("B:")
        origin = Origin("caption_llm", "", k + 1)
        hypotheses.append(Hypothesis(f"caption_llm:{side}:{k}", text, side, origin))
    counts = {h.id: (times or {}).get(h.text, 1) for h in hypotheses}
    return Proposals(hypotheses, 99, True, asked=30, repeated=2, times=counts)


def at(*degrees: float) -> np.ndarray:
    """Unit vectors in a plane."""
    angles = np.deg2rad(degrees)
    return np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)


CLOSE = float(np.cos(np.deg2rad(15)))


def texts(proposals: Proposals) -> list[str]:
    return [hypothesis.text for hypothesis in proposals.hypotheses]


def test_near_duplicates_of_a_side_become_one_that_names_them() -> None:
    merged = merge(proposed("a beach", "sandy shore", "a forest"), at(0, 10, 80), CLOSE)
    assert texts(merged) == ["a beach", "a forest"]
    assert merged.hypotheses[0].also == ("sandy shore",)
    assert merged.hypotheses[0].origin.round == 1
    assert merged.hypotheses[1].also == ()
    assert (merged.candidates, merged.asked, merged.repeated) == (99, 30, 2)


def test_what_was_proposed_most_often_stands_for_the_others() -> None:
    found = proposed("sandy shore", "the sea", "a beach", times={"a beach": 3})
    merged = merge(found, at(0, 60, 10), CLOSE)
    assert texts(merged) == ["the sea", "a beach"]
    assert merged.hypotheses[1].also == ("sandy shore",)
    assert merged.times["caption_llm:A:2"] == 4


def test_sides_are_never_joined() -> None:
    assert len(merge(proposed("a beach", "B:a beach"), at(0, 0), CLOSE).hypotheses) == 2


def test_a_chain_of_small_steps_joins_only_what_is_near_its_lead() -> None:
    merged = merge(proposed("a", "b", "c", "d", "e"), at(0, 10, 20, 30, 40), CLOSE)
    assert texts(merged) == ["a", "c", "e"]


def test_a_phrase_joins_the_nearest_lead() -> None:
    merged = merge(proposed("west", "east", "between"), at(0, 24, 14), CLOSE)
    assert [h.also for h in merged.hypotheses] == [(), ("between",)]


@pytest.mark.parametrize("vectors", [None, at(0, 90, 180)])
def test_inflections_of_one_phrase_are_the_same(vectors: np.ndarray | None) -> None:
    merged = merge(proposed("a red mountain", "A red mountains", "a lake"), vectors, CLOSE)
    assert texts(merged) == ["a red mountain", "a lake"]


def test_a_threshold_of_one_merges_no_different_words() -> None:
    merged = merge(proposed("a beach", "sandy shore", "a beach"), at(0, 0, 0), 1.0)
    assert texts(merged) == ["a beach", "sandy shore"]


def test_also_names_each_once_and_not_too_many() -> None:
    found = proposed(*(f"phrase {'abcdefghij'[k]}" for k in range(10)))
    found.hypotheses[0] = replace(found.hypotheses[0], also=("phrase b", "older"))
    merged = merge(found, at(*range(10)), CLOSE)
    assert len(merged.hypotheses) == 1
    also = merged.hypotheses[0].also
    assert also[:3] == ("phrase b", "older", "phrase c")
    assert len(also) == len(set(also)) == MAX_ALSO


def test_a_vector_that_is_none_joins_nothing() -> None:
    vectors = at(0, 0, 0)
    vectors[1] = np.nan
    assert texts(merge(proposed("a", "b", "c"), vectors, CLOSE)) == ["a", "b"]


def test_nothing_to_merge() -> None:
    empty = Proposals([], 0, True)
    assert merge(empty, np.zeros((0, 4), np.float32), CLOSE) == empty
    assert merge(empty, None, CLOSE) == empty
    with pytest.raises(ValueError, match="2 vectors for 1"):
        merge(proposed("a"), at(0, 1), CLOSE)
