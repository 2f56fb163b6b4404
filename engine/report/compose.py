"""Composes a comparison into a report: every sentence, number and picture a page shows.

The only place that decides what a report may show. Shows no path and no user's name, and file
names only when the options ask for them. Lays nothing out and writes no file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from pathlib import Path

from engine import figures
from engine.errors import ExportFailed
from engine.protocol import ReportOptions
from engine.report import method, models, plots, terms, wording
from engine.report.compose_finding import PictureKey, evidence_groups, finding_data
from engine.report.data import (
    Listing,
    Picture,
    ReportData,
    Row,
    SetData,
    Setting,
)
from engine.report.names import displayable, middle_cut, without_folders
from engine.report.pictures import encode
from engine.vocabulary import Comparison, EvidenceImage, Finding, ImageSet, Outcome, Side

NEAREST_SHOWN = 10  # findings listed when none holds up
NAMES_SHOWN = 60  # files named a list; the JSON export holds all
LABEL_CHARS = 80
RUNNING_CHARS = 32  # of each label at the head of a page
LISTED_CHARS = 200  # of a file's name and the reason behind it

_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip


def compose(
    comparison: Comparison, options: ReportOptions, thumbnails: Mapping[str, Path]
) -> ReportData:
    """Everything a report shows. thumbnails: content id -> file; missing ones are left blank.

    Raises ExportFailed when the options name an unknown finding, date, paper or thumbnail style.
    """
    _check(options)
    chosen = chosen_findings(comparison, options)
    pictures: dict[str, Picture] = {}
    key_of = _picture_keys(options, thumbnails, pictures)
    findings = [
        finding_data(number, finding, options, key_of) for number, finding in enumerate(chosen, 1)
    ]
    nearest = _nearest(comparison, chosen)
    table = findings or [
        finding_data(number, finding, options, lambda _image, _side: "")
        for number, finding in enumerate(nearest, 1)
    ]
    day = _date(options.date or comparison.created)
    a, b = _set(comparison.a), _set(comparison.b)
    return ReportData(
        title=_title(a["label"], b["label"]),
        running=_title(
            middle_cut(a["label"], RUNNING_CHARS), middle_cut(b["label"], RUNNING_CHARS)
        ),
        language="en-GB",
        paper=options.paper,
        date=day.isoformat(),
        date_words=f"{day.day} {_MONTHS[day.month - 1]} {day.year}",
        id=displayable(comparison.id, 64),
        outcome=str(comparison.verdict.outcome),
        headline=wording.verdict_headline(comparison),
        subline=wording.verdict_subline(comparison),
        overall=_overall(comparison),
        a=a,
        b=b,
        remarks=wording.remark_sentences(comparison),
        table_title="The differences" if findings else "The nearest to a difference",
        table=table,
        scale=plots.scale(),
        how_to_read=method.how_to_read(),
        untold=_untold(comparison, chosen, nearest),
        findings=findings,
        compared=_compared(comparison),
        skipped=[
            Row(title=row.reason, a=figures.count(row.a), b=figures.count(row.b))
            for row in wording.skipped_by_reason(comparison.a.skipped, comparison.b.skipped)
        ],
        listings=_listings(comparison) if options.file_names else [],
        shared=_shared(comparison),
        method=method.method(comparison),
        models=models.table(comparison),
        limits=method.limits(comparison),
        settings=_settings(comparison, day),
        pictures=pictures,
        thumbnails=options.thumbnails,
    )


def chosen_findings(comparison: Comparison, options: ReportOptions) -> list[Finding]:
    """The findings a report shows in full, best first.

    Those named by the options, or every significant one. Raises ExportFailed for a name that is
    no finding of this comparison.
    """
    if not options.findings:
        return [finding for finding in comparison.findings if finding.significant]
    wanted = set(options.findings)
    unknown = wanted - {finding.id for finding in comparison.findings}
    if unknown:
        raise ExportFailed(
            f"The comparison has no finding “{displayable(min(unknown), 80)}”.",
            "Leave the choice of findings empty to show every significant one.",
        )
    return [finding for finding in comparison.findings if finding.id in wanted]


def images_shown(comparison: Comparison, options: ReportOptions) -> list[str]:
    """The content ids of the images a report would show, each once, in order."""
    if options.thumbnails == "none":
        return []
    groups = (
        group
        for finding in chosen_findings(comparison, options)
        for group in evidence_groups(finding)
    )
    return list(dict.fromkeys(image.content_id for group in groups for image in group.images))


def _check(options: ReportOptions) -> None:
    if options.thumbnails not in ("full", "blurred", "none"):
        raise ExportFailed(
            "The report does not know this way to show images.", "Use full, blurred or none."
        )
    if options.paper not in ("a4", "us-letter"):
        raise ExportFailed("The report does not know this paper.", "Use a4 or us-letter.")


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        raise ExportFailed(
            "The date of the report is not a date.", "Write it as 2026-11-23."
        ) from None


def _picture_keys(
    options: ReportOptions, thumbnails: Mapping[str, Path], pictures: dict[str, Picture]
) -> PictureKey:
    """Encodes each image once; keys are numbers, since a content id would identify a file."""
    keys: dict[str, str] = {}

    def key_of(image: EvidenceImage, side: Side) -> str:
        if options.thumbnails == "none":
            return ""
        if image.content_id not in keys:
            path = thumbnails.get(image.content_id)
            blurred = options.thumbnails == "blurred"
            picture = encode(path, alt=f"Image of {side}", blurred=blurred) if path else None
            keys[image.content_id] = f"p{len(pictures) + 1}" if picture else ""
            if picture:
                pictures[keys[image.content_id]] = picture
        return keys[image.content_id]

    return key_of


def _nearest(comparison: Comparison, chosen: list[Finding]) -> list[Finding]:
    """What came closest, for a report that has no finding to show."""
    if chosen or comparison.verdict.outcome in (Outcome.IDENTICAL, Outcome.TOO_FEW):
        return []
    return sorted(comparison.findings, key=lambda f: (f.q, f.p))[:NEAREST_SHOWN]


def _untold(comparison: Comparison, chosen: list[Finding], nearest: list[Finding]) -> str:
    v = comparison.verdict
    shown = chosen or nearest
    # measurements that say nearly the same were tested one by one and merged afterwards
    merged = sum(len(f.also) for f in shown if f.origin.proposer == "measured")
    left = v.tested - len(shown) - merged
    if left <= 0 or v.outcome in (Outcome.IDENTICAL, Outcome.TOO_FEW):
        return ""
    others = figures.counted(left, "further possible difference")
    was = "was" if left == 1 else "were"
    found = v.significant_a + v.significant_b
    if found <= sum(f.significant for f in chosen):
        return f"{others} {was} tested and did not hold up."
    return f"{others} {was} tested; {found} hold up in all, and this report shows a choice."


# --- the sets -------------------------------------------------------------------------------


def _title(label_a: str, label_b: str) -> str:
    return f"{label_a or 'A'} compared with {label_b or 'B'}"


def _set(image_set: ImageSet) -> SetData:
    return SetData(
        side=str(image_set.side),
        label=displayable(without_folders(image_set.label), LABEL_CHARS),
        compared=figures.counted(image_set.compared, "image"),
        summary=_formats(image_set),
    )


def _formats(image_set: ImageSet) -> str:
    ranked = sorted(image_set.formats.items(), key=lambda item: (-item[1], item[0]))
    return ", ".join(f"{figures.count(n)} {displayable(name, 20)}" for name, n in ranked[:6])


def _overall(comparison: Comparison) -> str:
    """Only where the sentences of the verdict do not hold it already."""
    if comparison.verdict.outcome is Outcome.DIFFER_UNNAMED:
        return ""
    return wording.overall(comparison.verdict)


def _compared(comparison: Comparison) -> list[Row]:
    def row(title: str, text: Callable[[ImageSet], str]) -> Row:
        return Row(title=title, a=text(comparison.a), b=text(comparison.b))

    return [
        row("Images compared", lambda s: figures.count(s.compared)),
        row("Formats", lambda s: _formats(s) or "–"),
        row("Size of the files", lambda s: figures.size(s.size_bytes)),
        row("With a caption or keywords", lambda s: figures.count(s.with_text)),
        row("Further identical copies, compared once", lambda s: figures.count(s.copies)),
        row("Files that are no images, left alone", lambda s: figures.count(s.other_files)),
        row("Could not be compared", lambda s: figures.count(len(s.skipped))),
    ]


def _shared(comparison: Comparison) -> str:
    if not comparison.shared:
        return "No image stands in both sets."
    exact = sum(shared.exact for shared in comparison.shared)
    near = len(comparison.shared) - exact
    parts = []
    if exact:
        parts.append(f"{figures.count(exact)} byte for byte")
    if near:
        parts.append(f"{figures.count(near)} as the same picture saved differently")
    images = figures.counted(len(comparison.shared), "image")
    stand = "stands" if len(comparison.shared) == 1 else "stand"
    return f"{images} {stand} in both sets: {' and '.join(parts)}."


def _listings(comparison: Comparison) -> list[Listing]:
    shared = [f"{s.name_a}  =  {s.name_b}" for s in comparison.shared]
    skipped = {
        side: [f"{item.name}: {item.reason}" for item in image_set.skipped]
        for side, image_set in ((Side.A, comparison.a), (Side.B, comparison.b))
    }
    return [
        *_listing("In both sets", shared),
        *_listing("Could not be compared in A", skipped[Side.A]),
        *_listing("Could not be compared in B", skipped[Side.B]),
    ]


def _listing(title: str, items: list[str]) -> list[Listing]:
    if not items:
        return []
    more = len(items) - NAMES_SHOWN
    return [
        Listing(
            title=title,
            items=[displayable(item, LISTED_CHARS) for item in items[:NAMES_SHOWN]],
            more=f"and {figures.count(more)} more" if more > 0 else "",
        )
    ]


# --- how it was made ------------------------------------------------------------------------


def _settings(comparison: Comparison, day: date) -> list[Setting]:
    used = comparison.settings
    rows: list[tuple[str, str]] = [
        ("Comparison", comparison.id),
        ("Made", day.isoformat()),
        ("Recipe", without_folders(used.recipe)),
        ("Seed", str(used.seed)),
        ("Level of q", f"{used.alpha:g}"),
        *(
            (
                terms.OPTIONS.get(name, name),
                terms.VALUES.get((name, value), without_folders(value)),
            )
            for name, value in used.options.items()
        ),
        ("Versions", _joined(f"{name} {value}" for name, value in used.versions.items())),
        ("Network lock", wording.network_lock(used.network_lock)),
    ]
    return [Setting(name=displayable(name, 80), value=displayable(value)) for name, value in rows]


def _joined(items: Iterable[str]) -> str:
    return ", ".join(items)
