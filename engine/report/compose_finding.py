"""Composes one finding: its sentences, its drawings, the images that show it.

Chooses which images stand for a finding and what is said of them. Opens no image and lays
nothing out.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from engine import figures
from engine.protocol import ReportOptions
from engine.report import plots, wording
from engine.report.data import EvidenceItem, EvidenceRow, FindingData
from engine.report.names import displayable, middle_cut
from engine.vocabulary import EvidenceImage, Finding, Side

EVIDENCE_SHOWN = 6  # images a group; a row of the page
NAME_CHARS = 100

PictureKey = Callable[[EvidenceImage, Side], str]


@dataclass(frozen=True, slots=True)
class EvidenceGroup:
    """Evidence images that are shown in one row."""

    side: Side
    title: str
    hint: str  # what to look for
    images: tuple[EvidenceImage, ...]


def finding_data(
    number: int, finding: Finding, options: ReportOptions, key_of: PictureKey
) -> FindingData:
    """Everything a page shows of a finding. key_of: the key of an image's picture, or ""."""
    remark, warns = wording.confound(finding)
    return FindingData(
        number=number,
        side=str(finding.side),
        significant=finding.significant,
        description=displayable(finding.description),
        opposite=displayable(finding.opposite),
        origin=wording.origin_words(finding),
        rate_a=figures.percent(finding.rate_a),
        rate_b=figures.percent(finding.rate_b),
        q=wording.p_words(finding.q, "").removeprefix(" = ").strip(),
        mark=plots.mark(finding),
        statistics=wording.statistics_line(finding),
        pairs=wording.auroc_in_words(finding),
        rates=wording.rates(finding),
        where_from=wording.where_from(finding),
        also=wording.also(finding),
        confound=remark,
        warns=warns,
        plot=plots.distribution(finding),
        evidence=[_row(finding, group, options, key_of) for group in evidence_groups(finding)]
        if options.thumbnails != "none" or options.file_names
        else [],
    )


def evidence_groups(finding: Finding) -> list[EvidenceGroup]:
    """Where it is most true, where least, and the counter-examples of the other side."""
    side, other = finding.side, finding.side.other
    shown = finding.evidence
    most, least, counter = (
        (shown.a_most, shown.a_least, shown.b_most)
        if side is Side.A
        else (shown.b_most, shown.b_least, shown.a_most)
    )
    titles = (
        (f"True in {side}", f"Not true in {side}", f"True in {other} too")
        if finding.kind == "yes_no"
        else (f"Most true in {side}", f"Least true in {side}", f"Most true in {other}")
    )
    return [
        EvidenceGroup(side, titles[0], "", most[:EVIDENCE_SHOWN]),
        EvidenceGroup(side, titles[1], "is it too broad?", least[:EVIDENCE_SHOWN]),
        EvidenceGroup(other, titles[2], "counter-examples", counter[:EVIDENCE_SHOWN]),
    ]


def _row(
    finding: Finding, group: EvidenceGroup, options: ReportOptions, key_of: PictureKey
) -> EvidenceRow:
    items = []
    for image in group.images:
        score = "" if finding.kind == "yes_no" else figures.score(image.score)
        name = middle_cut(image.name, NAME_CHARS) if options.file_names else ""
        items.append(EvidenceItem(picture=key_of(image, group.side), score=score, name=name))
    return EvidenceRow(
        title=group.title,
        hint=group.hint,
        side=str(group.side),
        empty=f"no image of {group.side}",
        items=items,
    )
