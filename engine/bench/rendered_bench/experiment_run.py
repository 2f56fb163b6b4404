"""Carries an experiment out over seeds and sums each variant up. Writes nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain

import msgspec

from engine.bench.rendered.pairs import Level, Pair
from engine.bench.rendered_bench import orders
from engine.bench.rendered_bench.experiments import Experiment, Pack, Variant
from engine.bench.rendered_bench.intervals import mean_of
from engine.bench.rendered_bench.marks import Order, PairMarks, mark_pair, truths, verdict
from engine.bench.rendered_bench.outcome import Outcome
from engine.bench.rendered_bench.plan import (
    Choice,
    Watcher,
    chosen_pairs,
    foretell,
    outcomes,
)
from engine.bench.rendered_bench.runner import Asked, Runner
from engine.errors import BadRecipe
from engine.model import Role

__all__ = ["ORDERS", "Cell", "Row", "carry_out"]

ORDERS: Mapping[str, Order] = {
    "listed": orders.as_listed,
    "phrases": orders.phrases_only,
    "proposed": orders.as_proposed,
    "auroc": orders.by_auroc,
    "difference": orders.by_difference,
    "welch": orders.by_welch,
}


class Cell(msgspec.Struct, frozen=True):
    """A mean over pairs of all seeds with its 95 % interval."""

    value: float
    low: float
    high: float
    n: int


class Row(msgspec.Struct, frozen=True):
    """One variant."""

    name: str
    #: measure -> cell: "acc@1", "acc@5", "change@1" (to the first row, pair by pair), "claims",
    #: "true claims", "alarms", and acc@1 and acc@5 of each level as "easy acc@1"
    cells: dict[str, Cell]
    by_seed: dict[str, float]  # seed -> acc@1
    refused: str = ""  # why it could not be run; it has no cells then


def carry_out(
    experiment: Experiment,
    seeds: Sequence[int],
    base: Asked,
    choice: Choice,
    runner: Runner,
    watcher: Watcher,
) -> list[Row]:
    """Raises TwofoldError; Cancelled. What was run before, by whatever command, is not run again.

    base: the recipe and the options that all variants share; a variant's own go above them.
    """
    variants = experiment.variants(_pack(base, runner))
    if not variants:
        raise BadRecipe(
            f"There is nothing to compare in the experiment “{experiment.name}”.",
            "Name a recipe that uses models.",
        )
    work = {
        variant: [
            (pair, _asked(base, variant))
            for seed in seeds
            for pair in chosen_pairs(seed, choice, purity=variant.purity)
        ]
        for variant in variants
    }
    foretell(dict.fromkeys(chain(*work.values())), runner, watcher)
    rows: list[Row] = []
    first: list[PairMarks] = []
    done: dict[tuple[Pair, Asked], Outcome] = {}  # what variants read in different ways
    for variant, own in work.items():
        try:
            fresh = outcomes([one for one in own if one not in done], runner, watcher)
            done |= {(pair, asked): out for pair, asked, out in fresh}
        except BadRecipe as error:  # such as more captions than the model's context holds
            rows.append(Row(variant.name, {}, {}, error.message))
            continue
        marks = [mark_pair(one[0], done[one], ORDERS[variant.order]) for one in own]
        first = first or marks
        rows.append(_row(variant, marks, first))
    return rows


def _asked(base: Asked, variant: Variant) -> Asked:
    options = {**dict(base.options), **dict(variant.options)}
    return Asked(base.recipe, tuple(options.items()), variant.captions or base.captions)


def _pack(base: Asked, runner: Runner) -> Pack:
    """Models of the pack with the recipe's name, the recipe's own before them."""
    recipe = runner.recipe(base)
    pack = runner.shelf.manifest.packs.get(recipe.name)
    models = runner.shelf.manifest.models

    def of(role: Role, own: str) -> tuple[str, ...]:
        others = [
            name
            for name in (pack.models if pack else ())
            if role in models[name].roles and runner.shelf.has(name)
        ]
        return tuple(dict.fromkeys(name for name in (own, *others) if name))

    return Pack(of(Role.CAPTIONER, recipe.captions.model), of(Role.PROPOSER, recipe.language.model))


def _row(variant: Variant, marks: Sequence[PairMarks], first: Sequence[PairMarks]) -> Row:
    changes = [own.at_1 - other.at_1 for own, other in zip(marks, first, strict=True)]
    claims = [_claims(one, variant.correction) for one in marks]
    values = {
        "acc@1": [one.at_1 for one in marks],
        "acc@5": [one.at_5 for one in marks],
        "change@1": changes,
        "claims": [float(len(scores)) for scores in claims],
        "true claims": [float(sum(score > 0 for score in scores)) for scores in claims],
        "alarms": [float(bool(scores)) for scores in claims],
    }
    for level in Level:
        some = [one for one in marks if one.pair.level is level]
        if some:
            values[f"{level} acc@1"] = [one.at_1 for one in some]
            values[f"{level} acc@5"] = [one.at_5 for one in some]
    seeds = dict.fromkeys(one.pair.seed for one in marks)
    return Row(
        variant.name,
        {name: _cell(some) for name, some in values.items()},
        {str(seed): _cell([m.at_1 for m in marks if m.pair.seed == seed]).value for seed in seeds},
    )


def _claims(marks: PairMarks, correction: str) -> list[float]:
    """What the judge says of every finding that this rule calls significant.

    At purity 0 nothing differs, so nothing is true.
    """
    scores = []
    for finding in marks.outcome.findings:
        if orders.claimed(finding, correction):
            truth = truths(marks.pair)[finding.side]
            differs = marks.pair.purity > 0
            scores.append(verdict(finding.text, truth).score if differs else 0.0)
    return scores


def _cell(values: Sequence[float]) -> Cell:
    mean = mean_of(values)
    return Cell(mean.value, mean.low, mean.high, mean.n)
