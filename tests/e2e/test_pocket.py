"""The whole product with the models that come with it, on pairs whose difference is known."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.bench.rendered.judge import judge
from engine.bench.rendered.pair_files import write_pair
from engine.bench.rendered.pairs import Pair, pairs
from tests.e2e.conftest import Twofold
from tests.fakes.tiny_gguf import one_core

SEED = 0
NAMES = ("easy-14-night", "medium-38-weather", "hard-43-relation")
PAIRS = {pair.name: pair for pair in pairs(SEED)}
FIRST = 5  # findings of a side, the likeliest first


@pytest.fixture(autouse=True)
def calm() -> Iterator[None]:
    with one_core():
        yield


@pytest.mark.parametrize("name", NAMES)
def test_a_known_difference_is_found_in_both_directions(
    name: str, twofold: Twofold, tmp_path: Path
) -> None:
    pair: Pair = PAIRS[name]
    a, b = write_pair(pair, tmp_path)
    exported = twofold.compare_to_json(a, b, "--recipe", "pocket")
    findings = exported["findings"]
    noted = {note["code"] for note in exported["notes"]}
    assert "only_rendered" in noted, "nobody may take them for models of photographs"
    for side, truth in (("A", pair.a), ("B", pair.b)):
        first = [f for f in findings if f["side"] == side and f["significant"]][:FIRST]
        marks = {f["description"]: judge(f["description"], truth).score for f in first}
        assert 1.0 in marks.values(), (side, truth.words, marks)
