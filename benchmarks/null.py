"""How often alike sets show a finding, and what true differences the caution costs.

    python -m benchmarks.null [--seeds 100] [--sizes 25 60 100 500] [--power] [--photos FOLDER]

Two random halves of one pool of images are compared, again and again, with everything that a
comparison does after reading. The pool is painted and really measured, with captions that do not
depend on the side; or it is the images of FOLDER and its subfolders, with the captions of
FOLDER/captions.csv (columns path and caption) where there are any. With --power one side is
then changed in measurements of the pool. Four rules are compared on the same runs:

- "BH": q below alpha, and nothing else;
- "BH and Welch": the same, and Welch's test agrees at the same level;
- "q / 5": the smallest q of the list must be below alpha / 5;
- "findings": what the program does (engine.findings).

"alarms" are verdicts other than "no difference", findings or none.
"""

from __future__ import annotations

import argparse
import csv
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from blake3 import blake3
from scipy import stats

from engine import proposers, rankers
from engine.assemble import Columns, SideBuilder, join_sides
from engine.findings import Judgement, judge
from engine.image_table import ImageTable
from engine.images.decode import DecodeProblem, decode
from engine.job import JobControl
from engine.measurement import Value
from engine.measurements.catalogue import CATALOGUE, measure
from engine.measurements.text import text_values
from engine.recipe import PROPOSERS, Recipe
from engine.statistics.split import split
from engine.vocabulary import ImageRef, Outcome, Side
from tests.fakes.photo_folder import photo_bytes

POOL = 1_200  # painted images
_WORDS = "woman man dog cat mountain beach forest city street car tree sky river snow child"
WORDS = _WORDS.split()
ACTS = ("standing", "sitting", "walking", "running", "holding a bag", "looking up")
RULES = ("BH", "BH and Welch", "q / 5", "findings", "alarms")

#: measurements that --power moves: the first of them alone, or all together
MOVED = (
    "saturation", "sharpness", "symmetry_left_right", "edge_density", "brighter_top", "warmth",
)  # fmt: skip

#: an image of the pool: how it is referred to, its values and its caption
Pooled = tuple[ImageRef, dict[str, Value], str]


def painted_pool(count: int) -> list[Pooled]:
    rng = np.random.default_rng(0)
    frequency = 1 / np.arange(1, len(WORDS) + 1)
    pool = []
    for index in range(count):
        data = photo_bytes(
            rng,
            brightness=float(rng.normal(0, 25)),
            border=bool(rng.random() < 0.1),
            size=((96, 72), (72, 96), (128, 128), (160, 90))[rng.integers(4)],
            quality=int(rng.integers(40, 96)),
        )
        first, second = rng.choice(WORDS, 2, replace=False, p=frequency / frequency.sum())
        caption = f"a {first} {rng.choice(ACTS)} near the {second}" if rng.random() < 0.9 else ""
        pool.append(pooled(data, f"painted-{index}", caption))
    return pool


def photo_pool(folder: Path) -> list[Pooled]:
    captions: dict[str, str] = {}
    if (folder / "captions.csv").exists():
        with (folder / "captions.csv").open(encoding="utf-8", newline="") as rows:
            captions = {row["path"]: row["caption"] for row in csv.DictReader(rows)}
    pool = {}
    for path in sorted(file for file in folder.rglob("*") if file.is_file()):
        name = path.relative_to(folder).as_posix()
        try:
            one = pooled(path.read_bytes(), name, captions.get(name, ""))
        except DecodeProblem:
            continue
        pool[one[0].content_id] = one
    return list(pool.values())


def pooled(data: bytes, name: str, caption: str) -> Pooled:
    picture = decode(data)
    facts = picture.facts
    content_id = blake3(data).hexdigest(length=16)
    image = ImageRef("/pool", name, content_id, facts.width_px, facts.height_px, facts.format)
    return image, {**measure(picture), **text_values(caption)}, caption


def table_of(pool: Sequence[Pooled], n: int, seed: int) -> ImageTable:
    """Two random halves of n images each."""
    columns = Columns.of(CATALOGUE)
    sides = {side: SideBuilder(side, str(side), columns, 0) for side in Side}
    drawn = np.random.default_rng([seed, n]).permutation(len(pool))[: 2 * n]
    for k, which in enumerate(drawn):
        image, values, caption = pool[which]
        sides[Side.A if k < n else Side.B].add(k, image, 1, values, caption, b"")
    ids = [sides[side].images[i].content_id for side in Side for i in sides[side].order()]
    is_a = np.arange(2 * n) < n
    discover, was_split = split(ids, is_a, seed, Recipe().min_split)
    return join_sides(sides[Side.A], sides[Side.B], discover, was_split)


def changed(table: ImageTable, names: Sequence[str], by: float) -> ImageTable:
    """A's values of some measurements moved up, by so many standard deviations of the pool."""
    for name in names:
        column = table.numbers[name]
        column[table.is_a] += np.float32(by * np.nanstd(column))
    return table


def judged(table: ImageTable, recipe: Recipe, seed: int) -> Judgement:
    job = JobControl()
    proposed = []
    for name in recipe.proposers:
        some = proposers.get(name).propose(table, CATALOGUE, recipe, seed, job)
        ranker = rankers.get(PROPOSERS[name])
        proposed.append((some, ranker.score(some.hypotheses, table, CATALOGUE, job)))
    return judge(proposed, table, CATALOGUE, recipe, seed, job)


def hits(judgement: Judgement, alpha: float) -> set[str]:
    """Under which rules this comparison shows a finding."""
    found = judgement.findings
    by_q = [finding for finding in found if finding.q < alpha and finding.auroc_low > 0.5]
    p_welch = np.array([1.0 if f.p_welch is None else f.p_welch for f in found])
    q_welch = stats.false_discovery_control(p_welch) if found else p_welch
    agreed = {f.id for f, q in zip(found, q_welch, strict=True) if q < alpha}
    checks = {
        "BH": bool(by_q),
        "BH and Welch": any(finding.id in agreed for finding in by_q),
        "q / 5": any(finding.q < alpha / 5 for finding in by_q),
        "findings": any(finding.significant for finding in found),
        "alarms": judgement.verdict.outcome in (Outcome.DIFFER, Outcome.DIFFER_UNNAMED),
    }
    return {rule for rule, holds in checks.items() if holds}


def report(label: str, counted: Counter[str], seeds: int) -> None:
    print(f"{label:<34}" + "".join(f"{counted[rule] / seeds:>14.3f}" for rule in RULES), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--seeds", type=int, default=100)
    parser.add_argument("--sizes", type=int, nargs="+", default=[25, 60, 100, 500])
    parser.add_argument("--power", action="store_true")
    parser.add_argument("--photos", type=Path)
    parser.add_argument("--captioned", action="store_true", help="only images with a caption")
    options = parser.parse_args()
    recipe = Recipe()
    pool = photo_pool(options.photos) if options.photos else painted_pool(POOL)
    if options.captioned:
        pool = [one for one in pool if one[2]]
    sizes = [n for n in options.sizes if 2 * n <= len(pool)]
    settings: list[tuple[str, int, Sequence[str], float]] = [("alike", n, (), 0.0) for n in sizes]
    if options.power:
        settings = [
            (f"{len(names)} moved by {by / n**0.5:.2f} sd", n, names, by / n**0.5)
            for n in sizes
            for names, by in ((MOVED[:1], 5.0), (MOVED[:1], 6.5), (MOVED, 4.0))
        ]
    print(f"{len(pool)} images, {options.seeds} seeds; share of comparisons that show something")
    print(f"{'':<34}" + "".join(f"{rule:>14}" for rule in RULES))
    for label, n, names, by in settings:
        counted: Counter[str] = Counter()
        for seed in range(options.seeds):
            table = changed(table_of(pool, n, seed), names, by)
            counted.update(hits(judged(table, recipe, seed), recipe.alpha))
        report(f"{n} + {n}, {label}", counted, options.seeds)


if __name__ == "__main__":
    main()
