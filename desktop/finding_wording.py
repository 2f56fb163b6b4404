"""What is said about one finding. Facts in, plain text out; decides nothing."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication

from desktop import figures
from desktop.safe_text import isolated, shown
from desktop.wording import counted, images
from engine.vocabulary import Comparison, Confound, Finding, Side

translate = QCoreApplication.translate

_FIXED_BEFORE = ("measured", "user")  # proposers that never looked at these images
_COSINE = "cosine"  # unit of the scores that a model gives phrases on images


def phrase(finding: Finding) -> str:
    return shown(finding.description)


def small_line(finding: Finding) -> str:
    """ "from captions · held out · 2 merged"."""
    parts = [_origin(finding)]
    if finding.held_out:
        parts.append(translate("finding", "held out"))
    elif finding.origin.proposer not in _FIXED_BEFORE:
        parts.append(translate("finding", "not held out"))
    if any(confound.explains for confound in finding.confounds):
        parts.append(translate("finding", "simpler cause?"))
    if finding.also:
        parts.append(translate("finding", "{n} merged").format(n=len(finding.also)))
    return " · ".join(parts)


def direction(finding: Finding) -> str:
    return translate("finding", "More true of {side}").format(side=finding.side)


def opposite(finding: Finding) -> str:
    """ "B instead: darker images"; "" when there is none that says more."""
    if not finding.opposite or finding.opposite == finding.description:
        return ""
    return translate("finding", "{side} instead: {phrase}").format(
        side=finding.side.other, phrase=isolated(finding.opposite)
    )


def rates(finding: Finding) -> str:
    return translate("finding", "True of {a} of A and {b} of B").format(
        a=figures.percent(finding.rate_a), b=figures.percent(finding.rate_b)
    )


def mark(finding: Finding) -> str:
    return f"{figures.auroc(finding.auroc)} " + figures.interval(
        finding.auroc_low, finding.auroc_high
    )


def statistics(finding: Finding) -> str:
    """The numbers in one line."""
    parts = [
        rates(finding),
        f"AUROC {mark(finding)}",
        figures.probability("q", finding.q),
    ]
    if not finding.significant:
        parts.append(translate("finding", "not significant"))
    return " · ".join(parts)


def in_pairs(finding: Finding) -> str:
    """What the AUROC means."""
    pairs = 100 * finding.auroc
    number = (
        translate("finding", "more than 99")
        if 99.5 <= pairs < 100
        else translate("finding", "{n:.0f}").format(n=pairs)
    )
    ties = translate("finding", ", ties counting half") if finding.kind == "yes_no" else ""
    return translate(
        "finding",
        "Of 100 random pairs of one image each, the {side} image scores higher in {n}{ties}.",
    ).format(side=finding.side, n=number, ties=ties)


def explained_by(finding: Finding, about: Confound) -> str:
    """A measurement that may be behind a finding: little is left among images alike in it."""
    return translate(
        "finding",
        "May follow from {title}: among images alike in it, AUROC falls from {before} to {after}. "
        "Alone it tells A from B in {pairs:.0f} of 100 random pairs.",
    ).format(
        title=isolated(about.title),
        before=figures.auroc(finding.auroc),
        after=figures.auroc(about.adjusted_auroc),
        pairs=100 * about.auroc,
    )


def left_beside(confounds: Sequence[Confound]) -> str:
    """Measurements that do not explain a finding away, in one sentence; "" without any."""
    if not confounds:
        return ""
    listed = [
        translate("finding", "in {title} (AUROC {after})").format(
            title=isolated(about.title), after=figures.auroc(about.adjusted_auroc)
        )
        for about in confounds
    ]
    return translate("finding", "Most of it is left among images alike {listed}.").format(
        listed=", ".join(listed)
    )


def unit(finding: Finding) -> str:
    """Of the scores of a finding; "" where they have none."""
    if finding.unit == _COSINE:
        return translate("finding", "cosine similarity")
    return isolated(finding.unit) if finding.unit else ""


def threshold(finding: Finding) -> str:
    """The label of the line in the plot."""
    return translate("finding", "true from {score}").format(score=figures.score(finding.threshold))


def means(finding: Finding) -> str:
    behind = f" ({unit(finding)})" if finding.unit else ""
    return translate("finding", "Mean {a} in A, {b} in B{unit}").format(
        a=figures.score(finding.mean_a),
        b=figures.score(finding.mean_b),
        unit=behind,
    )


def evidence_title(side: Side, *, most: bool, finding: Finding) -> str:
    """Most true in the other side are the counter-examples."""
    if most and side is not finding.side:
        return translate("finding", "Most true in {side} — counter-examples").format(side=side)
    if most:
        return translate("finding", "Most true in {side}").format(side=side)
    if side is finding.side:
        return translate("finding", "Least true in {side} — is the phrase too broad?").format(
            side=side
        )
    return translate("finding", "Least true in {side}").format(side=side)


def evidence_score(finding: Finding, score: float) -> str:
    if finding.kind == "yes_no":
        return (
            translate("finding", "yes")
            if score >= finding.threshold
            else translate("finding", "no")
        )
    return figures.score(score)


def image_caption(finding: Finding, name: str, score: float) -> str:
    """Under one image of the evidence: its score with the unit, and its name."""
    behind = f" ({unit(finding)})" if finding.unit and finding.kind == "number" else ""
    return f"{evidence_score(finding, score)}{behind} · {isolated(name)}"


def where_from(finding: Finding, comparison: Comparison) -> str:
    source = {
        "measured": translate("finding", "A measurement from a fixed list, read off every image."),
        "phrases": translate("finding", "A phrase from the text that came with the images."),
        "caption_llm": _of_language_model(comparison),
        "user": translate("finding", "A phrase of your own."),
    }.get(
        finding.origin.proposer,
        translate("finding", "Proposed by {name}.").format(name=isolated(finding.origin.proposer)),
    )
    if finding.origin.round:
        source += " " + _first_in_round(finding)
    if finding.also:
        listed = ", ".join(f"“{isolated(text)}”" for text in finding.also[:6])
        more = len(finding.also) - 6
        if more > 0:
            listed += translate("finding", " and {n} more").format(n=more)
        source += " " + translate("finding", "It stands for {listed} too.").format(listed=listed)
    if finding.unit == _COSINE:
        source += " " + _similarity(comparison)
    return source


def _first_in_round(finding: Finding) -> str:
    number, detail = finding.origin.round, finding.origin.detail
    if not detail:
        return translate("finding", "Round {n}.").format(n=number)
    return translate("finding", "First in round {n} ({detail}).").format(
        n=number, detail=isolated(detail)
    )


def _of_language_model(comparison: Comparison) -> str:
    model, captioner = _model(comparison, "proposer"), _model(comparison, "captioner")
    if not model:
        return translate("finding", "Proposed by a language model from captions of both sides.")
    if not captioner:
        return translate(
            "finding", "Proposed by {model}, a language model, from captions of both sides."
        ).format(model=model)
    return translate(
        "finding",
        "Proposed by {model}, a language model, from captions of both sides that {captioner} "
        "wrote.",
    ).format(model=model, captioner=captioner)


def _similarity(comparison: Comparison) -> str:
    return translate(
        "finding",
        "{model} scored it on every image: how well image and phrase go together, not how likely "
        "the phrase is true.",
    ).format(model=_model(comparison, "ranker") or translate("finding", "A model"))


def _model(comparison: Comparison, role: str) -> str:
    """The name of the model in a role; "" when there was none."""
    titles = [use.title or use.name for use in comparison.settings.models if use.role == role]
    return isolated(titles[0]) if titles else ""


def why_trust(finding: Finding, comparison: Comparison) -> str:
    on = translate("finding", "{a} of A and {b} of B").format(
        a=images(finding.n_a), b=figures.count(finding.n_b)
    )
    if finding.held_out:
        lines = [
            translate(
                "finding", "Found on one half of the images, tested on the other: {on}."
            ).format(on=on)
        ]
        if finding.auroc_discover is not None:
            lines.append(
                translate("finding", "AUROC on the half that proposed it: {auroc}.").format(
                    auroc=figures.auroc(finding.auroc_discover)
                )
            )
    elif finding.origin.proposer in _FIXED_BEFORE:
        lines = [translate("finding", "Tested on {on}.").format(on=on)]
    else:
        lines = [
            translate(
                "finding",
                "Found and tested on the same images, {on}; the correction allows for it.",
            ).format(on=on)
        ]
    lines.append(
        translate("finding", "{test}, 95 % interval, corrected over {tested}; seed {seed}.").format(
            test=_test(finding.test),
            tested=counted(
                comparison.verdict.tested,
                translate("finding", "1 test"),
                translate("finding", "{n} tests"),
            ),
            seed=comparison.settings.seed,
        )
    )
    return " ".join(lines)


def _origin(finding: Finding) -> str:
    return {
        "measured": translate("finding", "measured"),
        "phrases": translate("finding", "from captions"),
        "caption_llm": translate("finding", "language model"),
        "user": translate("finding", "your own"),
    }.get(finding.origin.proposer, isolated(finding.origin.proposer))


def _test(code: str) -> str:
    return {
        "mann-whitney": translate("finding", "Mann–Whitney test"),
        "exact": translate("finding", "Exact Mann–Whitney test"),
        "permutation": translate("finding", "Permutation test of ranks"),
        "fisher": translate("finding", "Fisher’s exact test"),
    }.get(code, isolated(code))
