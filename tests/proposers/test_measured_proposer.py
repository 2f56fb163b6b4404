"""Which measurements become hypotheses."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from engine import proposers
from engine.image_table import ImageTable
from engine.job import JobControl
from engine.measurement import Catalogue
from engine.proposers.base import Proposals
from engine.recipe import PROPOSERS, Recipe
from tests.fakes.image_tables import BORDER, BRIGHTNESS, FORMAT, catalogue, image_table
from tests.fakes.memory_tools import memory_tools


def propose(table: ImageTable, known: Catalogue) -> Proposals:
    return proposers.get("measured", memory_tools([])).propose(
        table, known, Recipe(), 0, JobControl()
    )


def ids_of(values: Sequence[str | None]) -> list[str]:
    table = image_table(len(values), 0, categories={"format": values})
    return [hypothesis.id for hypothesis in propose(table, catalogue(FORMAT)).hypotheses]


def test_every_recipe_can_load_its_proposers() -> None:
    assert {name: proposers.get(name, memory_tools([])).name for name in PROPOSERS} == {
        n: n for n in PROPOSERS
    }


def test_numbers_and_yes_no_measurements_are_proposed_for_whichever_side_scores_higher() -> None:
    rng = np.random.default_rng(0)
    table = image_table(
        20, 20, numbers={"brightness": rng.normal(size=40), "border": rng.random(40) < 0.3}
    )
    found = propose(table, catalogue(BRIGHTNESS, BORDER))
    bright, border = found.hypotheses
    assert (bright.id, bright.text, bright.opposite) == (
        "measured:brightness",
        "brighter images",
        "darker images",
    )
    assert border.text == "images with a white border"
    assert border.opposite == "images without a white border"
    assert not bright.directed
    assert bright.origin.proposer == "measured"
    assert bright.origin.detail == "brightness"
    assert not found.read_from_sides
    assert found.candidates == 2


@pytest.mark.parametrize(
    "values",
    [
        np.full(60, 3.0),
        np.full(60, np.nan),
        np.where(np.arange(60) < 9, np.arange(60.0), np.nan),  # too few known
        np.where(np.arange(60) == 30, 1.0, 0.0),  # a single image differs
    ],
)
def test_what_hardly_varies_or_is_hardly_known_is_left_out(values: np.ndarray) -> None:
    table = image_table(30, 30, numbers={"brightness": values})
    assert propose(table, catalogue(BRIGHTNESS)).hypotheses == []


def test_what_is_proposed_does_not_depend_on_the_sides() -> None:
    rng = np.random.default_rng(1)
    values = np.where(rng.random(80) < 0.5, np.nan, rng.normal(size=80))
    formats = [["JPEG", "PNG", "WEBP", None][k] for k in rng.integers(4, size=80)]
    found = []
    for n_a in (1, 40, 79):
        table = image_table(
            n_a, 80 - n_a, numbers={"brightness": values}, categories={"format": formats}
        )
        found.append(propose(table, catalogue(BRIGHTNESS, FORMAT)).hypotheses)
    assert found[0] == found[1] == found[2]


def test_each_common_value_of_a_category_is_a_yes_no_hypothesis() -> None:
    values = ["JPEG"] * 50 + ["PNG"] * 30 + ["WEBP"] * 17 + ["BMP"] * 3
    table = image_table(50, 50, categories={"format": values})
    jpeg, *_ = found = propose(table, catalogue(FORMAT)).hypotheses
    assert [h.id for h in found] == [
        "measured:format=JPEG",
        "measured:format=PNG",
        "measured:format=WEBP",
    ]
    assert jpeg.text == "images saved as JPEG"
    assert jpeg.opposite == "images not saved as JPEG"


def test_of_two_values_one_hypothesis_says_everything() -> None:
    table = image_table(20, 20, categories={"format": ["JPEG"] * 28 + ["PNG"] * 12})
    (only,) = propose(table, catalogue(FORMAT)).hypotheses
    assert (only.text, only.opposite) == ("images saved as PNG", "images saved as JPEG")


def test_a_value_that_nearly_all_or_hardly_any_images_have_is_left_out() -> None:
    assert ids_of(["JPEG"] * 99 + ["PNG"]) == []
    assert ids_of(["JPEG"] * 100) == []
    assert ids_of([None] * 95 + ["JPEG", "PNG"] * 2) == []
    assert ids_of(["JPEG"] * 7 + ["PNG"] * 3) == ["measured:format=PNG"]
    assert ids_of(["JPEG"] * 985 + ["PNG"] * 15) == []


def test_no_more_than_the_twenty_most_common_values() -> None:
    values = [f"camera {k:02}" for k in range(30) for _ in range(6 + (k == 29))]
    found = ids_of(values)
    assert len(found) == 20
    assert found[0] == "measured:format=camera 29"


def test_a_value_written_by_a_stranger_stays_what_it_is() -> None:
    values = ["{value}={x} \u202e<b>"] * 20 + ["JPEG"] * 20 + ["PNG"] * 20
    table = image_table(30, 30, categories={"format": values})
    found = propose(table, catalogue(FORMAT)).hypotheses
    assert "images saved as {value}={x} \u202e<b>" in [h.text for h in found]
