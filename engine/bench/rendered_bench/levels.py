"""The tables of a bench as data: accuracy a level, where it was lost, every pair's findings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from engine.bench.rendered.pairs import Level
from engine.bench.rendered_bench.diagnosis import diagnose, lost_at, stated
from engine.bench.rendered_bench.intervals import mean_of
from engine.bench.rendered_bench.marks import PairMarks, mark_pair, truths, verdict
from engine.bench.rendered_bench.orders import phrases_only
from engine.vocabulary import Side

__all__ = ["SCHEMA", "bench_data", "levels"]

SCHEMA = "twofold.rendered-bench/1"


def bench_data(
    marks: Sequence[PairMarks], *, seed: int, purity: float, recipe: dict[str, Any]
) -> dict[str, Any]:
    """All of it, for JSON."""
    return {
        "schema": SCHEMA,
        "seed": seed,
        "purity": purity,
        "recipe": recipe,
        "levels": levels(marks),
        "diagnosis": {
            level: msgspec.to_builtins(diagnose(some)) for level, some in _by_level(marks).items()
        },
        "seconds": _seconds(marks),
        "pairs": [_pair(one) for one in marks],
    }


def levels(marks: Sequence[PairMarks]) -> dict[str, dict[str, float]]:
    """Of every level there is a pair of; low and high are the 95 % interval of acc@1."""
    found = {}
    for level, some in _by_level(marks).items():
        first = mean_of([one.at_1 for one in some])
        by_phrases = [mark_pair(one.pair, one.outcome, phrases_only) for one in some]
        claims = [f for one in some for f in _claims(one)]
        found[level] = {
            "acc@1": first.value,
            "acc@5": mean_of([one.at_5 for one in some]).value,
            "low": first.low,
            "high": first.high,
            "pairs": len(some),
            "phrases_acc@1": mean_of([one.at_1 for one in by_phrases]).value,
            "phrases_acc@5": mean_of([one.at_5 for one in by_phrases]).value,
            "significant": len(claims) / len(some),
            "significant_true": sum(claim["score"] > 0 for claim in claims) / len(some),
            "pairs_with_findings": sum(one.claims > 0 for one in some) / len(some),
        }
    return found


def _by_level(marks: Sequence[PairMarks]) -> dict[str, list[PairMarks]]:
    found: dict[str, list[PairMarks]] = {}
    for level in Level:
        if some := [one for one in marks if one.pair.level is level]:
            found[str(level)] = some
    return found


def _claims(marks: PairMarks) -> list[dict[str, Any]]:
    """At purity 0 nothing differs, so nothing is true."""
    claims = [finding for finding in _findings(marks) if finding["significant"]]
    return claims if marks.pair.purity > 0 else [{**claim, "score": 0.0} for claim in claims]


def _pair(marks: PairMarks) -> dict[str, Any]:
    pair, outcome = marks.pair, marks.outcome
    return {
        "name": pair.name,
        "level": str(pair.level),
        "sort": pair.sort,
        "images": pair.images,
        "acc@1": marks.at_1,
        "acc@5": marks.at_5,
        "verdict": outcome.verdict,
        "tasks": {str(side): _task(marks, side) for side in Side},
        "findings": _findings(marks),
        "proposed": [
            {**msgspec.to_builtins(phrase), "score": _score(marks, phrase.side, phrase.text)}
            for phrase in outcome.proposed
        ],
        "seconds": outcome.seconds,
        "stages": outcome.stages,
        "loading_s": outcome.loading_s,
    }


def _task(marks: PairMarks, side: Side) -> dict[str, Any]:
    task, truth = marks.tasks[side], truths(marks.pair)[side]
    return {
        "truth": truth.words,
        "acc@1": task.at_1,
        "acc@5": task.at_5,
        "place": task.place,
        "lost": str(lost_at(marks, side)),
        "captions": stated(marks.outcome, side, truth),
    }


def _findings(marks: PairMarks) -> list[dict[str, Any]]:
    found = []
    for finding in marks.outcome.findings:
        said = verdict(finding.text, truths(marks.pair)[finding.side])
        judgement = {"score": said.score, "why": str(said.why)}
        found.append({"phrase": finding.text, **msgspec.to_builtins(finding), **judgement})
        del found[-1]["text"]
    return found


def _score(marks: PairMarks, side: Side, phrase: str) -> float:
    return verdict(phrase, truths(marks.pair)[side]).score


def _seconds(marks: Sequence[PairMarks]) -> dict[str, float]:
    """Of all comparisons when they were run: in all, of each stage, and of loading models."""
    stages: dict[str, float] = {}
    for one in marks:
        for stage, seconds in one.outcome.stages.items():
            stages[stage] = stages.get(stage, 0.0) + seconds
    whole = sum(one.outcome.seconds for one in marks)
    return {"all": whole, **stages, "loading": sum(one.outcome.loading_s for one in marks)}
