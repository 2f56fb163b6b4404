"""The text of a terminal: what runs, how far it is, and with which models."""

from __future__ import annotations

import pytest

from engine import terminal
from engine.protocol import Progress
from engine.vocabulary import Comparison
from tests.fakes.model_comparison import model_comparison
from tests.fakes.sample_comparison import sample_comparison


def lines(capsys: pytest.CaptureFixture[str], *events: Progress) -> list[str]:
    with terminal.RunDisplay(quiet=False) as display:
        for event in events:
            display.show(event)
    return capsys.readouterr().err.splitlines()


def test_a_stage_is_named_once_and_each_model_when_it_is_loaded(
    capsys: pytest.CaptureFixture[str],
) -> None:
    order = ("read", "caption", "load", "verify", "load", "caption", "propose", "load", "embed")
    assert lines(capsys, *(Progress("c1", stage, 0, 0) for stage in order)) == [
        "Reading and measuring …",
        "Describing a sample of images …",
        "Loading a model …",
        "Checking a model’s files …",
        "Loading a model …",
        "Looking for hypotheses …",
        "Loading a model …",
        "Encoding every image …",
    ]


@pytest.mark.parametrize(
    ("event", "shown"),
    [
        (Progress("c1", "embed", 1200, 4812, 65.0), "1,200 of 4,812 · 1 min 5 s left"),
        (Progress("c1", "verify", 4_700_000_000, 10_200_000_000), "4.7 GB of 10 GB"),
        (Progress("c1", "load", 103, 412), "25%"),
        (Progress("c1", "scan", 1200, 0), "1,200"),
    ],
)
def test_how_far_it_is_is_told_in_what_a_person_counts(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    event: Progress,
    shown: str,
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")  # as on a terminal
    monkeypatch.setenv("COLUMNS", "160")
    text = "\n".join(lines(capsys, event))
    assert shown in text
    assert terminal.STAGES[event.stage] in text


def printed(capsys: pytest.CaptureFixture[str], comparison: Comparison) -> str:
    terminal.print_comparison(comparison, 20, kept=True)
    return capsys.readouterr().out


def test_the_models_and_what_went_otherwise_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    text = printed(capsys, model_comparison())
    assert (
        "with BLIP-2 FLAN-T5-XXL on cuda:0 + cpu, Vicuna 13B v1.5 on cuda:0, "
        "CLIP ViT-bigG-14 (LAION-2B) on cuda:0"
    ) in text
    assert "! CLIP ViT-bigG-14 (LAION-2B): The batch was halved to 32 for want of memory." in text
    assert "from a language model, round 1, tested on images held out" in text


def test_without_models_none_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert "Models" not in printed(capsys, sample_comparison())
