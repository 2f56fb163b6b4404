"""The commands that measure Twofold itself, on pairs of rendered sets whose difference is known.

Thin over `engine.bench.rendered_bench`, which is imported when a command runs.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from engine.bench.rendered_bench.experiments import EXPERIMENTS
from engine.cli_options import EXIT_CODES, PATH, EngineOptions, changed_options, recipe_path
from engine.errors import LockRequired

if TYPE_CHECKING:
    from engine.bench.rendered_bench.commands import Place
    from engine.bench.rendered_bench.plan import Choice
    from engine.bench.rendered_bench.runner import Asked

RECIPE = "pocket"


@click.group(epilog=EXIT_CODES)
def bench() -> None:
    """Measure Twofold on rendered sets of images whose difference is known.

    \b
    twofold bench rendered --json out.json         60 pairs, how often the difference is found
    twofold bench experiment rounds --seeds 3      one question, one table
    """


def _shared(command: Any) -> Any:
    """Options of everything that compares pairs."""
    options = (
        click.option("--recipe", default=RECIPE, show_default=True, help="A name or .toml file."),
        click.option(
            "--set",
            "changes",
            multiple=True,
            metavar="NAME=VALUE",
            help="Change an option of the recipe, as language.rounds=5; repeatable.",
        ),
        click.option(
            "--pairs",
            type=click.IntRange(min=1),
            help="So many of each level, spread over its sorts; all by default.",
        ),
        click.option("--level", type=click.Choice(["easy", "medium", "hard"]), help="Only these."),
        click.option(
            "--images",
            type=click.IntRange(min=8),
            help="At most so many images a side; by default 100, and 500 where the style differs.",
        ),
        click.option(
            "--true-captions",
            type=click.Choice(["none", "short", "detailed"]),
            default="none",
            show_default=True,
            help="Let the images bring true captions along.",
        ),
        click.option("--work", type=PATH, help="Folder for images, caches and what was finished."),
        click.option("-q", "--quiet", is_flag=True, help="Print nothing but errors."),
    )
    for option in reversed(options):
        command = option(command)
    return command


@bench.command(epilog=EXIT_CODES)
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Of pairs.")
@click.option(
    "--purity",
    type=click.FloatRange(0, 1),
    default=1.0,
    show_default=True,
    help="Share of images that differ; the rest is exchanged between the sides.",
)
@click.option("--json", "json_", type=PATH, help="Write tables and every finding as JSON.")
@_shared
@click.pass_obj
def rendered(
    options: EngineOptions,
    /,
    seed: int,
    purity: float,
    json_: Path | None,
    recipe: str,
    changes: tuple[str, ...],
    pairs: int | None,
    level: str | None,
    images: int | None,
    true_captions: str,
    work: Path | None,
    quiet: bool,
) -> None:
    """Compare pairs of rendered sets, and say how often the true difference is found.

    An interrupted run goes on where it was.
    """
    place = _place(options, work)
    from engine.bench.rendered_bench import commands

    commands.rendered(
        place,
        _asked(recipe, changes, true_captions),
        _choice(level, pairs, images),
        seed=seed,
        purity=purity,
        json_=json_,
        quiet=quiet,
    )


@bench.command(epilog=EXIT_CODES)
@click.argument("name", type=click.Choice(list(EXPERIMENTS)))
@click.option(
    "--seeds", type=click.IntRange(min=1), default=3, show_default=True, help="How many, from 0."
)
@click.option("--out", type=PATH, help="The page; docs/experiments/NAME.md by default.")
@_shared
@click.pass_obj
def experiment(
    options: EngineOptions,
    /,
    name: str,
    seeds: int,
    out: Path | None,
    recipe: str,
    changes: tuple[str, ...],
    pairs: int | None,
    level: str | None,
    images: int | None,
    true_captions: str,
    work: Path | None,
    quiet: bool,
) -> None:
    """Vary one thing and write a table of what comes of it, with its figures as JSON beside it.

    Variants share captions, vectors and answers, and an interrupted run goes on where it was.
    """
    place = _place(options, work)
    from engine.bench.rendered_bench import commands

    told = {"--recipe": recipe if recipe != RECIPE else None, "--pairs": pairs, "--level": level}
    told |= {"--images": images, "--seeds": seeds}
    told["--true-captions"] = true_captions if true_captions != "none" else None
    words = [f"{option} {value}" for option, value in told.items() if value is not None]
    words += [f"--set {change}" for change in changes]
    commands.experiment(
        place,
        EXPERIMENTS[name],
        _asked(recipe, changes, true_captions),
        _choice(level, pairs, images),
        seeds=range(seeds),
        out=out or Path("docs/experiments") / f"{name}.md",
        command=" ".join(["twofold bench experiment", name, *words]),
        quiet=quiet,
    )


def _place(options: EngineOptions, work: Path | None) -> Place:
    """Gives up the network, before anything heavy is imported and before any thread."""
    from engine.privacy import lock_network, set_offline_switches

    set_offline_switches()
    lock = lock_network()
    if options.require_lock and not {"namespace", "seccomp", "sandbox"} & set(lock):
        raise LockRequired(
            "The network could not be locked on this system, and a lock was required.",
            "Run “twofold doctor” to see why.",
        )
    from engine.bench.rendered_bench.commands import Place

    return Place(work, options.data_dir, lock)


def _asked(recipe: str, changes: tuple[str, ...], true_captions: str) -> Asked:
    from engine.bench.rendered_bench.runner import Asked

    captions = "" if true_captions == "none" else true_captions
    return Asked(recipe_path(recipe), tuple(changed_options(changes).items()), captions)


def _choice(level: str | None, pairs: int | None, images: int | None) -> Choice:
    from engine.bench.rendered_bench.plan import Choice

    return Choice(level or "", pairs or 0, images or 0)
