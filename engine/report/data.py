"""The shape of a composed report: plain dictionaries of text and numbers, ready for JSON.

Everything a page shows, already in words and chosen by the options, so that a renderer only
lays it out. Positions in drawings are shares of the drawing's width or height, 0 … 1. Holds no
path, and no file name unless the options ask for it.
"""

from __future__ import annotations

from typing import TypedDict


class Picture(TypedDict):
    """A re-encoded small image."""

    src: str  # data URI of a JPEG without metadata
    width_px: int
    height_px: int
    alt: str


class EvidenceItem(TypedDict):
    picture: str  # key into ReportData.pictures; "" where there is no picture to show
    score: str
    name: str  # "" unless file names are shown


class EvidenceRow(TypedDict):
    title: str
    hint: str  # what to look for; may be ""
    side: str  # "A" or "B"
    empty: str  # what to say when there are no items
    items: list[EvidenceItem]


class Tick(TypedDict):
    at: float
    text: str


class Plot(TypedDict):
    """The scores of both sets. kind: "steps", "bars" (a rate a side) or "none"."""

    kind: str
    edges: list[float]  # steps: n + 1 positions along x
    a: list[float]  # steps: n heights; bars: the rate alone
    b: list[float]
    ticks: list[Tick]
    threshold: float | None
    unit: str
    alt: str


class Mark(TypedDict):
    """An AUROC with its interval on the common scale, as positions along it."""

    at: float
    low: float
    high: float
    null_low: float  # where 95 of 100 differences by mere chance would lie
    null_high: float
    half: float  # the position of AUROC 0.5
    text: str
    interval: str


class FindingData(TypedDict):
    number: int
    side: str
    significant: bool
    description: str
    opposite: str
    origin: str
    rate_a: str
    rate_b: str
    q: str  # without the symbol: "0.03", "< 0.001"
    mark: Mark
    statistics: str
    pairs: str
    rates: str
    where_from: str
    also: str
    confound: str  # what plain measurements have to do with it; "" when none was tried
    warns: bool  # one of them may explain the difference
    plot: Plot
    evidence: list[EvidenceRow]


class SetData(TypedDict):
    side: str
    label: str
    compared: str
    summary: str


class Row(TypedDict):
    """One line of a table with a column for each set."""

    title: str
    a: str
    b: str


class Listing(TypedDict):
    """Named files, shown only when file names are."""

    title: str
    items: list[str]
    more: str


class Passage(TypedDict):
    title: str
    text: str


class ModelData(TypedDict):
    """One line of the table of models."""

    title: str
    did: str  # "described images"
    licence: str
    revision: str  # shortened; "not known" where it is not
    fingerprint: str  # shortened
    device: str  # "graphics card", or "not loaded"
    precision: str  # "cuda:0, float16"
    loaded: str  # "loaded in 41 s"; "" when it was not loaded
    worked: str
    memory: str
    remarks: list[str]


class Setting(TypedDict):
    name: str
    value: str


class ReportData(TypedDict):
    title: str
    running: str  # the title, short enough for the head of each page
    language: str
    paper: str
    date: str  # ISO, for the document's own date
    date_words: str
    id: str
    outcome: str
    headline: str
    subline: str
    overall: str
    a: SetData
    b: SetData
    remarks: list[str]
    table_title: str
    table: list[FindingData]
    scale: list[Tick]
    how_to_read: str
    untold: str  # what was tested and is not listed
    findings: list[FindingData]
    compared: list[Row]
    skipped: list[Row]
    listings: list[Listing]
    shared: str
    method: list[Passage]
    models: list[ModelData]
    limits: list[str]
    settings: list[Setting]
    pictures: dict[str, Picture]
    thumbnails: str
