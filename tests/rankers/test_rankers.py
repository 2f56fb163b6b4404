"""Scores of measured hypotheses and of phrases."""

from __future__ import annotations

import numpy as np
import pytest

from engine import proposers, rankers
from engine.errors import Cancelled
from engine.image_table import ImageTable
from engine.job import JobControl
from engine.measurement import Catalogue
from engine.recipe import Recipe
from engine.vocabulary import Hypothesis, Origin, Side
from tests.fakes.image_tables import BORDER, BRIGHTNESS, FORMAT, catalogue, image_table
from tests.fakes.memory_tools import memory_tools

KNOWN = catalogue(BRIGHTNESS, BORDER, FORMAT)
NAN = float("nan")


def measured() -> ImageTable:
    return image_table(
        3,
        3,
        numbers={
            "brightness": np.array([1.5, NAN, 3, 4, np.inf, 6]),
            "border": np.array([0, 1, NAN, 1, 0, 1]),
        },
        categories={"format": ["PNG", "JPEG", None, "a=b", "JPEG", "JPEG"]},
    )


def about(measurement: str, value: str = "") -> Hypothesis:
    id_ = f"measured:{measurement}" + (f"={value}" if value else "")
    return Hypothesis(id_, "", Side.A, Origin("measured", measurement), directed=False)


def phrase(text: str) -> Hypothesis:
    return Hypothesis(f"phrases:{text}", text, Side.A, Origin("phrases"))


def test_a_measurement_scores_by_its_own_value_and_is_unknown_where_that_is() -> None:
    scores = rankers.get("measured", Recipe(), memory_tools([])).score(
        [about("brightness"), about("border")], measured(), KNOWN, JobControl()
    )
    assert scores.dtype == np.float64
    assert np.array_equal(scores[0], [1.5, NAN, 3, 4, NAN, 6], equal_nan=True)
    assert np.array_equal(scores[1], [0, 1, NAN, 1, 0, 1], equal_nan=True)


def test_a_categorys_value_scores_yes_or_no() -> None:
    scores = rankers.get("measured", Recipe(), memory_tools([])).score(
        [about("format", "JPEG"), about("format", "a=b")], measured(), KNOWN, JobControl()
    )
    assert np.array_equal(scores[0], [0, 1, NAN, 0, 1, 1], equal_nan=True)
    assert np.array_equal(scores[1], [0, 0, NAN, 1, 0, 0], equal_nan=True)


def test_a_phrase_scores_by_whether_the_text_holds_it() -> None:
    table = image_table(
        3,
        3,
        texts=["Doing YOGA!", "she does yoga", "", "doing a yoga pose", "doing\nyoga", "  \n "],
    )
    scores = rankers.get("text_presence", Recipe(), memory_tools([])).score(
        [phrase("doing yoga"), phrase("pose"), phrase("yogas"), phrase("!")],
        table,
        Catalogue((), ""),
        JobControl(),
    )
    assert np.array_equal(scores[0], [1, 0, NAN, 0, 0, NAN], equal_nan=True)
    assert np.array_equal(scores[1], [0, 0, NAN, 1, 0, NAN], equal_nan=True)
    assert np.array_equal(scores[2], [1, 1, NAN, 1, 1, NAN], equal_nan=True)
    assert np.isnan(scores[3]).all()


def test_the_ranker_finds_what_the_proposer_counted() -> None:
    texts = ["The women's mountains, over-exposed", "Frauen über Dächern: 山の上で"] * 10
    texts += ["a mountain's women; over exposed", "カメラ kissing cities"] * 10
    table = image_table(20, 20, texts=texts)
    found = proposers.get("phrases", memory_tools([])).propose(
        table, Catalogue((), ""), Recipe(), 0, JobControl()
    )
    scores = rankers.get("text_presence", Recipe(), memory_tools([])).score(
        found.hypotheses, table, Catalogue((), ""), JobControl()
    )
    assert len(found.hypotheses) >= 4
    for hypothesis, row in zip(found.hypotheses, scores, strict=True):
        in_a, in_b = int(row[table.is_a].sum()), int(row[~table.is_a].sum())
        own, other = (in_a, in_b) if hypothesis.side is Side.A else (in_b, in_a)
        sides = (hypothesis.side, hypothesis.side.other)
        counts = f"{own} of 20 texts of {sides[0]}, {other} of 20 texts of {sides[1]}"
        assert hypothesis.origin.detail == counts


@pytest.mark.parametrize("name", ["measured", "text_presence"])  # others need a model
def test_no_hypothesis_gives_no_scores_and_every_ranker_can_be_cancelled(name: str) -> None:
    ranker = rankers.get(name, Recipe(), memory_tools([]))
    assert ranker.name == name
    table = measured()
    assert ranker.score([], table, KNOWN, JobControl()).shape == (0, 6)
    job = JobControl()
    job.cancel()
    with pytest.raises(Cancelled):
        ranker.score([about("brightness")], table, KNOWN, job)
