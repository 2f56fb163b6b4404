"""Explains in plain words how a comparison was made and what it cannot say.

Every statement follows from the comparison at hand: what was not done is not described.
"""

from __future__ import annotations

from engine import figures
from engine.report import models, terms, wording
from engine.report.data import Passage
from engine.report.names import displayable
from engine.vocabulary import Comparison, Finding, Outcome


def how_to_read() -> str:
    """The key to the summary table."""
    return (
        "The dot is the AUROC, the bar through it its 95 % interval, on a scale where 0.5 means "
        "no difference and 1 that every image of one set scores above every image of the other. "
        "The grey band is where a difference by mere chance would lie in 95 of 100 cases. "
        "“In A” and “in B” say how often the phrase is true of each set."
    )


def method(comparison: Comparison) -> list[Passage]:
    """How the findings were made, one passage a step."""
    if comparison.verdict.outcome is Outcome.IDENTICAL:
        return [
            Passage(
                title="What was done",
                text="The content of every file was compared byte for byte. As both sets hold the "
                "same images, no difference was looked for.",
            ),
            Passage(title="Models", text="No language or vision model took part."),
        ]
    passages = [_hypotheses(comparison), *models.passages(comparison)]
    if comparison.findings:
        passages += [_auroc(), _interval(), _test(comparison)]
        if comparison.verdict.split:
            passages.append(_held_out())
        passages.append(_rates())
    if any(f.confounds for f in comparison.findings):
        passages.append(_confounds())
    whole = wording.overall(comparison.verdict)
    if whole:
        passages.append(_whole(whole))
    if about := models.sentence(comparison):
        passages.append(Passage(title="Models", text=about))
    return passages


def limits(comparison: Comparison) -> list[str]:
    """What a reader should not conclude."""
    v = comparison.verdict
    if v.outcome is Outcome.IDENTICAL:
        return ["How the files are named, dated or sorted into folders was not compared."]
    lines = [
        "A difference is not a cause. It says how the two sets differ, not why.",
        "Images are counted as independent of one another. Series of nearly the same picture, or "
        "many images from one source, make a difference look more certain than it is.",
        f"Only what was {_sources_of_phrases(comparison)} can be found. Other differences may "
        "exist.",
    ]
    if any(f.origin.proposer == "phrases" for f in comparison.findings):
        lines.append(
            "A phrase from captions says what their writers chose to mention, which is not all "
            "that the images show."
        )
    lines += models.limits(comparison)
    found = v.significant_a + v.significant_b
    if found:
        lines += [
            f"Among differences with q < {v.alpha:g}, up to {figures.percent(v.alpha)} are "
            "expected to be false alarms on average.",
            "The strongest of many measured values tends to look a little stronger than it is. "
            "Values on images held out do not have this bias from the search for phrases.",
        ]
    if v.outcome is Outcome.NO_DIFFERENCE:
        lines.append(
            "“No difference found” does not prove that there is none. "
            + wording.would_have_been_seen(comparison)
        )
    if comparison.a.skipped or comparison.b.skipped:
        lines.append("Nothing is known about the files that could not be compared.")
    return lines


def _sources_of_phrases(comparison: Comparison) -> str:
    proposers = {f.origin.proposer for f in comparison.findings}
    if "caption_llm" not in proposers:
        return "measured, or said in the text that came with the images,"
    if "phrases" not in proposers:
        return "measured, or proposed by the language model,"
    return (
        "measured, said in the text that came with the images, or proposed by the language model,"
    )


def _hypotheses(comparison: Comparison) -> Passage:
    proposers = {f.origin.proposer for f in comparison.findings}
    sources = []
    if "measured" in proposers or not proposers:
        sources.append("a fixed list of measurements (light, colour, sharpness, frame, file)")
    if "phrases" in proposers:
        sources.append("phrases that stand out in the text that came with the images")
    if "caption_llm" in proposers:
        sources.append("phrases that a language model proposed")
    if "user" in proposers:
        sources.append("phrases of your own")
    tested = figures.counted(comparison.verdict.tested, "possible difference")
    return Passage(
        title="What was tested",
        text=f"{tested}, from {wording.listed(sources)}. Each gives every image a score.",
    )


def _auroc() -> Passage:
    return Passage(
        title="AUROC",
        text="Take one image of A and one of B at random: the AUROC is the probability that the "
        "image of the side named scores higher, ties counted as half. 0.5 is what chance gives, "
        "1 a complete separation. It needs no threshold and does not depend on the unit.",
    )


def _interval() -> Passage:
    return Passage(
        title="Interval",
        text="The 95 % interval of each AUROC follows DeLong, DeLong and Clarke-Pearson (1988) "
        "on the logit scale, and Newcombe (1998) for yes/no. It covers the chance in drawing "
        "these images, for one difference at a time.",
    )


def _test(comparison: Comparison) -> Passage:
    tests = sorted({_test_name(f) for f in comparison.findings})
    named = f" ({'; '.join(tests)})" if tests else ""
    alpha = comparison.verdict.alpha
    return Passage(
        title="Test and correction",
        text=f"p is the probability of a difference at least this large if the sets did not "
        f"differ, two-sided{named}. q is p after the correction of Benjamini and Hochberg (1995) "
        f"over everything that was tested, each source of hypotheses with an equal share of the "
        f"errors allowed (Genovese, Roeder and Wasserman 2006). A difference holds up when "
        f"its q is below {alpha:g} and its interval lies above 0.5. So that sets that do "
        "not differ seldom show any, "
        "evidence as strong as the list’s must also arise in at most one in a hundred random "
        "relabelings of the same images.",
    )


def _test_name(finding: Finding) -> str:
    return terms.TESTS.get(finding.test, displayable(finding.test, 60))


def _held_out() -> Passage:
    return Passage(
        title="Images held out",
        text="Each set was split in two halves by the content of its files and the seed. Phrases "
        "were found on one half and tested on the other, so that no phrase was tested on the "
        "images it was found in. Measurements are a fixed list and were tested on all images.",
    )


def _rates() -> Passage:
    return Passage(
        title="How often true",
        text="For a number, an image counts as one of which the phrase is true from the score on "
        "that best separates the sets; this score stands with each finding. For yes/no it is the "
        "plain share.",
    )


def _confounds() -> Passage:
    return Passage(
        title="What may explain a difference away",
        text="Where a technical property, such as image size, alone tells the sets apart, the "
        "AUROC was computed again among images alike in that property. If little is left, the "
        "property may explain the difference.",
    )


def _whole(sentence: str) -> Passage:
    return Passage(
        title="The sets as a whole",
        text="A linear classifier on all measurements, cross-validated, was compared with the "
        "same classifier on sets whose images were shuffled; of large sets, on a sample. "
        f"{sentence}",
    )
