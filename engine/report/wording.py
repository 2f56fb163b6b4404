"""English sentences from the facts of a comparison, for the report and the command line.

States what was found and what was not, calmly and exactly. Text that came with images or was
typed by people goes through `names.displayable` and is never markup. Writes nothing to a
screen or a file.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from engine import figures
from engine.errors import NOTES, SKIP_REASONS
from engine.report import detectable, terms
from engine.report.names import displayable
from engine.vocabulary import (
    Comparison,
    Confound,
    Finding,
    Outcome,
    Skipped,
    Verdict,
)


@dataclass(frozen=True, slots=True)
class SkippedCount:
    """How many files of each side were left out for one reason."""

    code: str
    reason: str
    a: int
    b: int


# --- the verdict ----------------------------------------------------------------------------


def verdict_headline(comparison: Comparison) -> str:
    """The overall answer in one or two short sentences."""
    return _verdict(comparison)[0]


def verdict_subline(comparison: Comparison) -> str:
    """What the overall answer rests on, in a few sentences."""
    return _verdict(comparison)[1]


def _verdict(comparison: Comparison) -> tuple[str, str]:
    words = {
        Outcome.DIFFER: _differ,
        Outcome.DIFFER_UNNAMED: _differ_unnamed,
        Outcome.NO_DIFFERENCE: _no_difference,
        Outcome.IDENTICAL: _identical,
        Outcome.TOO_FEW: _too_few,
    }[comparison.verdict.outcome]
    return words(comparison)


def _differ(comparison: Comparison) -> tuple[str, str]:
    found = comparison.verdict.significant_a + comparison.verdict.significant_b
    held_out = sum(f.held_out for f in comparison.findings if f.significant)
    holds = "One difference holds up" if found == 1 else f"{found} differences hold up"
    if held_out >= found:
        holds += f" on images that were not used to find {'it' if found == 1 else 'them'}"
    lines = [_tested(comparison.verdict) + ": " + _sides(comparison.verdict) + "."]
    if 0 < held_out < found:
        lines.append(
            f"{held_out} of the {found} {'is a phrase' if held_out == 1 else 'are phrases'}, found "
            "on one half of the images and tested on the other."
        )
    return (f"The two sets differ. {holds}.", " ".join([*lines, *_files(comparison)]))


def _differ_unnamed(comparison: Comparison) -> tuple[str, str]:
    lines = [overall(comparison.verdict), f"{_tested(comparison.verdict)}; none holds up alone."]
    return (
        "The two sets differ as a whole, though no single difference holds up.",
        " ".join([line for line in lines if line] + _files(comparison)),
    )


def _no_difference(comparison: Comparison) -> tuple[str, str]:
    lines = [f"{_tested(comparison.verdict)}; none holds up.", would_have_been_seen(comparison)]
    return ("No difference found.", " ".join([*lines, *_files(comparison)]))


def _identical(comparison: Comparison) -> tuple[str, str]:
    exact = sum(shared.exact for shared in comparison.shared)
    same = (
        f"All {figures.counted(comparison.a.compared, 'image')} of A stand in B too"
        if exact >= comparison.a.compared > 0
        else "Every image of one stands in the other"
    )
    return (
        "The two folders hold the same images.",
        f"{same}, so there is nothing to tell apart.",
    )


def _too_few(comparison: Comparison) -> tuple[str, str]:
    v = comparison.verdict
    # every proposer's list gets its share of alpha, which may halve what one test is given
    needed = detectable.images_needed(2 * v.tested, v.alpha)
    needed = max(needed, min(comparison.a.compared, comparison.b.compared) + 1)
    lines = [
        f"With {figures.counted(comparison.a.compared, 'image')} in A and "
        f"{figures.count(comparison.b.compared)} in B, no test could have come out significant, "
        "however different they are.",
        f"From about {needed} images a side, a complete difference can show; "
        "smaller differences need many more.",
    ]
    return ("Too few images to tell.", " ".join([*lines, *_files(comparison)]))


def overall(v: Verdict) -> str:
    """How well all measurements together tell an image of A from one of B; "" if not tested."""
    if v.auroc is None or v.p is None:
        return ""
    chance = ", which may be chance" if v.p >= v.alpha else ""
    return (
        "Taken together, the measurements tell an image of A from one of B in "
        f"{figures.of_100_pairs(v.auroc)} random pairs{chance} "
        f"({figures.probability('p', v.p)}, {figures.counted(v.permutations, 'permutation')})."
    )


def would_have_been_seen(comparison: Comparison) -> str:
    """How large a difference would most likely have been found."""
    v = comparison.verdict
    n_a, n_b = comparison.a.compared, comparison.b.compared
    measured = detectable.smallest_auroc(n_a, n_b, v.tested, v.alpha)
    if measured is None:
        return "With so few images, even a large difference could have gone unseen."
    sentence = (
        f"A difference with an AUROC of about {figures.auroc(measured)} or more would most likely "
        "(four times in five) have been seen"
    )
    if v.split:
        held_out = detectable.smallest_auroc(n_a // 2, n_b // 2, v.tested, v.alpha)
        if held_out is not None and figures.auroc(held_out) != figures.auroc(measured):
            sentence += f", and about {figures.auroc(held_out)} where images were held out"
    return sentence + "."


def _tested(v: Verdict) -> str:
    level = f"q < {v.alpha:g}"
    if v.tested == 1:
        return f"One possible difference was tested ({level})"
    return (
        f"{figures.count(v.tested)} possible differences were tested, corrected for many tests "
        f"({level})"
    )


def _sides(v: Verdict) -> str:
    return f"{v.significant_a} more true of A, {v.significant_b} more true of B"


def _files(comparison: Comparison) -> list[str]:
    """What stands in both sets and what could not be read, one sentence each."""
    lines = []
    shared = len(comparison.shared)
    if shared:
        lines.append(
            "One image stands in both sets."
            if shared == 1
            else f"{figures.count(shared)} images stand in both sets."
        )
    skipped = len(comparison.a.skipped) + len(comparison.b.skipped)
    if skipped:
        lines.append(f"{figures.counted(skipped, 'file')} could not be compared.")
    return lines


# --- one finding ----------------------------------------------------------------------------


def auroc_in_words(finding: Finding) -> str:
    """What the AUROC of a finding means, as pairs of images."""
    ties = "; pairs that tie count as half" if finding.kind == "yes_no" else ""
    return (
        f"In {figures.of_100_pairs(finding.auroc)} random pairs of one image each, "
        f"the {finding.side} image scores higher{ties}."
    )


def statistics_line(finding: Finding) -> str:
    """The numbers of a finding in one line, with small values as powers of ten."""
    parts = [
        f"AUROC {figures.auroc(finding.auroc)} "
        f"{figures.interval(finding.auroc_low, finding.auroc_high)}",
        figures.probability("q", finding.q, exact=True),
        figures.probability("p", finding.p, exact=True)
        + f" ({terms.TESTS.get(finding.test, displayable(finding.test, 60))})",
    ]
    if finding.kind == "number":
        parts.append(f"Hedges’ g {finding.effect_size:.2f}".replace("-", "−"))
    return " · ".join(parts)


def p_words(value: float, symbol: str = "p") -> str:
    """ "q = 0.03" or "q < 0.001"."""
    return figures.probability(symbol, value)


def rates(finding: Finding) -> str:
    """How often the phrase is true of A and of B, and from which score on it counts as true."""
    shares = (
        f"True of {figures.percent(finding.rate_a)} of A and {figures.percent(finding.rate_b)} of B"
    )
    if finding.kind == "yes_no":
        return shares + "."
    if finding.unit == terms.COSINE:
        return (
            f"{shares}, counting a similarity of {figures.score(finding.threshold)} or more as "
            f"true. Mean similarity {figures.score(finding.mean_a)} in A and "
            f"{figures.score(finding.mean_b)} in B, as the cosine of image and phrase."
        )
    return (
        f"{shares}, counting {figures.score(finding.threshold)} or more as true. "
        f"Mean {figures.score(finding.mean_a)} in A and {figures.score(finding.mean_b)} in B"
        f"{in_unit(finding.unit)}."
    )


def in_unit(unit: str) -> str:
    """ " (pixels)" behind a number, or nothing for a bare ratio."""
    return f" ({displayable(unit, 60)})" if unit else ""


def origin_words(finding: Finding) -> str:
    """Where a finding comes from, for a table: "from captions, tested on images held out"."""
    words = {
        "measured": "measured",
        "phrases": "from captions",
        "caption_llm": "from a language model",
        "user": "your own phrase",
    }.get(finding.origin.proposer, f"proposed by {displayable(finding.origin.proposer, 40)}")
    if finding.origin.round:
        words += f", round {finding.origin.round}"
    if finding.held_out:
        return f"{words}, tested on images held out"
    return words if _fixed_before(finding) else f"{words}, not held out"


def where_from(finding: Finding) -> str:
    """Where a finding comes from and what it was tested on, in sentences."""
    source = {
        "measured": "One of a fixed list of measurements, read off every image.",
        "phrases": "A phrase from the text that came with the images.",
        "caption_llm": "Proposed by a language model from captions of both sets.",
        "user": "A phrase of your own.",
    }.get(finding.origin.proposer, f"Proposed by {displayable(finding.origin.proposer, 40)}.")
    if finding.origin.round:
        about = displayable(finding.origin.detail, 120)
        source = f"{source[:-1]}, first in round {finding.origin.round}" + (
            f" ({about})." if about else "."
        )
    on = f"{figures.counted(finding.n_a, 'image')} of A and {figures.count(finding.n_b)} of B"
    if finding.held_out:
        tested = f"Found on one half of the images and tested on the other: {on}."
        if finding.auroc_discover is not None:
            tested += (
                f" AUROC on the half that proposed it: {figures.auroc(finding.auroc_discover)}."
            )
    elif _fixed_before(finding):
        tested = f"Tested on {on}."
    else:
        tested = f"Found and tested on the same images, {on}; the correction allows for it."
    return f"{source} {tested}"


def _fixed_before(finding: Finding) -> bool:
    """Whether the hypothesis was there before anyone looked at the images."""
    return finding.origin.proposer in ("measured", "user")


def also(finding: Finding) -> str:
    """The near-duplicates that were merged into a finding; "" when there are none."""
    if not finding.also:
        return ""
    shown = [f"“{displayable(text, 80)}”" for text in finding.also[:6]]
    more = len(finding.also) - len(shown)
    phrases = listed(shown + ([f"{more} more"] if more else []))
    return f"Says nearly the same: {phrases}."


def confound(finding: Finding) -> tuple[str, bool]:
    """What plain measurements have to do with a finding, and whether one may explain it.

    The strongest explanation in full, the others by name; or, when nothing explains it, what it
    holds up against. "" when no measurement was held against it.
    """
    explaining = [about for about in finding.confounds if about.explains]
    if explaining:
        return _explained(finding, explaining), True
    if not finding.confounds:
        return "", False
    titles = listed([displayable(about.title, 80) for about in finding.confounds], "or")
    least = figures.auroc(min(about.adjusted_auroc for about in finding.confounds))
    kept = "is still" if len(finding.confounds) == 1 else "is still at least"
    return f"Not explained by {titles}: among images alike in that, AUROC {kept} {least}.", False


def _explained(finding: Finding, explaining: list[Confound]) -> str:
    first, *others = explaining
    title = displayable(first.title, 80)
    before, after = figures.auroc(finding.auroc), figures.auroc(first.adjusted_auroc)
    moves = f"falls from {before} to {after}" if after != before else f"is {after}"
    also = listed([displayable(about.title, 80) for about in others])
    return (
        f"{_capital(title)} may explain this: among images alike in it, AUROC {moves}. It alone "
        f"tells A from B in {figures.of_100_pairs(first.auroc)} random pairs."
        + (f" So may {also}." if others else "")
    )


# --- the whole comparison -------------------------------------------------------------------


def remark_sentences(comparison: Comparison) -> list[str]:
    """What could mislead, one sentence each."""
    return [
        NOTES.get(code, f"A remark of a newer version: “{displayable(code, 60)}”.")
        for code in comparison.notes
    ]


def skipped_by_reason(a: Iterable[Skipped], b: Iterable[Skipped]) -> list[SkippedCount]:
    """Files that could not be compared, counted by reason, the most frequent first."""
    in_a = Counter(item.code for item in a)
    in_b = Counter(item.code for item in b)
    rows = [SkippedCount(code, skip_reason(code), in_a[code], in_b[code]) for code in in_a | in_b]
    return sorted(rows, key=lambda row: (-(row.a + row.b), row.code))


def skipped_summary(skipped: Sequence[Skipped]) -> str:
    """The files that were left out in one line: how many, and how many for which reason."""
    if not skipped:
        return "Every image could be compared."
    reasons = [
        f"{figures.count(number)} {terms.SKIPPED.get(code, displayable(code, 60))}"
        for code, number in Counter(item.code for item in skipped).most_common()
    ]
    return f"{figures.counted(len(skipped), 'file')} could not be compared: {', '.join(reasons)}."


def skip_reason(code: str) -> str:
    """The sentence for a reason's code."""
    return SKIP_REASONS.get(code, f"Left out for the reason “{displayable(code, 60)}”.")


def duration(seconds: float) -> str:
    """ "0.4 s", "12 s", "3 min 20 s", "2 h 5 min"."""
    return figures.duration(seconds)


def network_lock(layers: tuple[str, ...]) -> str:
    """Which layers kept the network away while images were read."""
    if not layers:
        return (
            "No network lock was available on this system. Twofold itself opens no connection; "
            "nothing else enforced it."
        )
    names = [terms.LOCK_LAYERS.get(layer, displayable(layer, 60)) for layer in layers]
    return f"While images were read, the network was locked by {listed(names)}."


def listed(items: list[str], last: str = "and") -> str:
    """ "a", "a and b", "a, b and c"."""
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} {last} {items[-1]}"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
