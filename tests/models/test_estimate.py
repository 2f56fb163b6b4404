"""How much longer a comparison with models takes."""

from __future__ import annotations

import pytest

from engine.estimate import Estimate, Planned

PLAN = [
    Planned("caption", 100, 1.0),
    Planned("propose", 6, 10.0),
    Planned("embed", 1000, 0.1),
]


def test_counts_what_is_still_to_come() -> None:
    estimate = Estimate()
    estimate.plan(PLAN)
    left = None
    for second in range(1, 51):
        left = estimate.update(float(second), "caption", second, 100)
    assert left == pytest.approx(50 + 60 + 100, rel=0.1)


def test_measures_a_stage_rather_than_believing_the_plan() -> None:
    estimate = Estimate()
    estimate.plan(PLAN)
    left = None
    for second in range(1, 61):
        left = estimate.update(float(second), "embed", 5 * second, 1000)
    assert left == pytest.approx(140, rel=0.15), "700 images at 5 a second"


def test_the_answers_from_the_cache_do_not_make_the_rest_look_fast() -> None:
    estimate = Estimate()
    estimate.plan(PLAN)
    estimate.update(0.0, "embed", 500, 1000)
    left = None
    for second in range(1, 101):
        left = estimate.update(float(second), "embed", 500 + second, 1000)
    assert left == pytest.approx(400, rel=0.2)


def test_without_models_the_rest_takes_a_share_of_the_reading() -> None:
    estimate = Estimate()
    left = None
    for second in range(1, 31):
        left = estimate.update(float(second), "read", 10 * second, 1000)
    assert left == pytest.approx(70 * 1.05, rel=0.1)
    assert estimate.update(31.0, "test", 0, 0) == pytest.approx(1.0, abs=0.1)


def test_says_nothing_before_anything_is_known() -> None:
    estimate = Estimate()
    assert estimate.update(0.0, "scan", 0, 0) is None
    assert estimate.update(0.1, "read", 1, 1000) is None


def test_counts_down_while_a_model_is_loaded() -> None:
    estimate = Estimate()
    estimate.plan(PLAN)
    before = None
    for second in range(1, 31):
        before = estimate.update(float(second), "caption", second, 100)
    assert before is not None
    assert estimate.update(35.0, "load", 0, 0) == pytest.approx(before - 5)
