"""The messages between a frontend and the engine process, versioned.

Wire: one UTF-8 JSON object a line; requests on the engine's stdin, events on its stdout.
`Hello` comes first from both. Every request carries an id; a job answers with any number of
`Progress`, `SkippedEvent` and `FindingEvent`, then exactly one of `Done`, `CancelledEvent`
or `Failed`. Images travel as content ids or cache paths, never as pixels. Writes no files.
"""

from __future__ import annotations

from typing import Any

import msgspec

from engine.vocabulary import Comparison, Finding, Skipped

PROTOCOL = 2  # raised with every change an older frontend would misread
MAX_LINE_BYTES = 256 * 1024 * 1024  # a longer line is a broken peer


class Message(msgspec.Struct, frozen=True, tag_field="type", forbid_unknown_fields=True):
    """Base of everything on the wire."""


# --- what is to be compared -------------------------------------------------------------


class SetSource(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One side: folders and single files, in any mix."""

    paths: tuple[str, ...]
    label: str = ""  # "" takes the folder's name
    recursive: bool = True


class TableSource(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A CSV with one row an image; relative paths start at the table's own folder."""

    file: str
    path_column: str = "path"
    group_column: str = "group"
    caption_column: str = "caption"  # used when the column exists
    group_a: str = ""  # value of the group column for A; "" takes the first of exactly two
    group_b: str = ""


class Job(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A whole comparison as it is asked for. Exactly one of (a and b), table, parent."""

    a: SetSource | None = None
    b: SetSource | None = None
    table: TableSource | None = None
    parent: str = ""  # a folder with exactly two subfolders
    recipe: str = "auto"  # a built-in name, the path of a recipe file, or the best there is
    seed: int = 0
    goal: str = ""  # what the person wants to know, told to the language model
    options: dict[str, str] = {}  # option of the recipe -> value, above what the recipe says
    label_a: str = ""  # overrides the label that the source gives
    label_b: str = ""


class ReportOptions(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a report may show. The defaults show no path and no file name."""

    thumbnails: str = "full"  # "full", "blurred" or "none"
    file_names: bool = False  # names relative to the chosen folder; never whole paths
    paper: str = "a4"  # "a4" or "us-letter"
    findings: tuple[str, ...] = ()  # ids to include; empty includes all significant ones
    date: str = ""  # ISO date to print instead of the comparison's own


# --- requests -----------------------------------------------------------------------------


class Hello(Message, frozen=True, tag="hello"):
    protocol: int
    build: str  # version of the program that speaks


class Compare(Message, frozen=True, tag="compare"):
    id: str
    job: Job


class Rerun(Message, frozen=True, tag="rerun"):
    """Compare again what a stored comparison compared, as the folders are now."""

    id: str
    comparison: str


class Peek(Message, frozen=True, tag="peek"):
    """Look into one side without comparing: counts at once, then a few thumbnails."""

    id: str
    source: SetSource
    thumbnails: int = 24


class Open(Message, frozen=True, tag="open"):
    id: str
    comparison: str  # id, or an unambiguous beginning of it


class ListComparisons(Message, frozen=True, tag="list"):
    id: str


class Forget(Message, frozen=True, tag="forget"):
    id: str
    comparison: str  # id; "*" forgets everything


class Export(Message, frozen=True, tag="export"):
    id: str
    comparison: str
    path: str  # target file; its suffix must fit the format
    format: str  # "pdf", "html", "json" or "csv"
    options: ReportOptions = ReportOptions()


class Thumbnails(Message, frozen=True, tag="thumbnails"):
    """Ask for thumbnails of images of a comparison, by content id."""

    id: str
    comparison: str
    content_ids: tuple[str, ...]


class Doctor(Message, frozen=True, tag="doctor"):
    id: str


class ListModels(Message, frozen=True, tag="list_models"):
    id: str


class VerifyModels(Message, frozen=True, tag="verify_models"):
    """Read every byte of these models again and compare it with what was installed."""

    id: str
    names: tuple[str, ...]  # empty: all that are installed


class RemoveModel(Message, frozen=True, tag="remove_model"):
    """Delete a model; files that belong to another program are left alone."""

    id: str
    name: str


class ImportModels(Message, frozen=True, tag="import_models"):
    """Copy models in from a folder or a USB drive: an export of Twofold's, or one model's files."""

    id: str
    folder: str
    name: str = ""  # of the one model whose files the folder holds; "": an export


class ExportModels(Message, frozen=True, tag="export_models"):
    """Copy installed models out, for a machine without a network."""

    id: str
    names: tuple[str, ...]
    folder: str


class UseModel(Message, frozen=True, tag="use_model"):
    """Use a model where it lies: another program's folder, or a plain GGUF file."""

    id: str
    path: str
    name: str  # of the manifest, or a new one for a model of the person's own
    roles: tuple[str, ...] = ()  # of a new one: "captioner", "proposer", "ranker"
    projector: str = ""  # of a GGUF vision model: its second file


class Cancel(Message, frozen=True, tag="cancel"):
    id: str  # of the request to stop


class Shutdown(Message, frozen=True, tag="shutdown"):
    pass


ModelRequest = ListModels | VerifyModels | RemoveModel | ImportModels | ExportModels | UseModel

Request = (
    Hello
    | Compare
    | Rerun
    | Peek
    | Open
    | ListComparisons
    | Forget
    | Export
    | Thumbnails
    | Doctor
    | ModelRequest
    | Cancel
    | Shutdown
)

# --- events -------------------------------------------------------------------------------


class Welcome(Message, frozen=True, tag="welcome"):
    protocol: int
    build: str
    network_lock: tuple[str, ...]  # layers that hold, strongest first; empty: none
    ephemeral: bool  # True: this engine keeps nothing
    #: built-in ones that can be used now, best first, and after “measured” those for trying out
    recipes: tuple[str, ...] = ("measured",)


class Progress(Message, frozen=True, tag="progress"):
    id: str
    #: "scan", "read", "caption", "propose", "embed", "score", "test"; "report"; "load" and
    #: "verify" of a model; "install", "import" and "export" of models, which count bytes
    stage: str
    done: int
    total: int  # 0 while unknown
    remaining_s: float | None = None  # estimate for the whole job; None while unknown


class SkippedEvent(Message, frozen=True, tag="skipped"):
    id: str
    side: str
    item: Skipped


class FindingEvent(Message, frozen=True, tag="finding"):
    id: str
    finding: Finding


class PeekAnswer(Message, frozen=True, tag="peek_answer"):
    """Sent twice: first with counts and no thumbnails, then with thumbnails added."""

    id: str
    images: int
    size_bytes: int
    formats: dict[str, int]  # file suffix in upper case -> number of files
    other_files: int
    subfolders: tuple[str, ...]  # names of direct subfolders that hold images
    skipped: tuple[Skipped, ...]
    thumbnails: tuple[str, ...]  # paths of thumbnail files in the cache
    captions: int = 0  # images with a sidecar text, among those looked at


class ComparisonEntry(msgspec.Struct, frozen=True):
    id: str
    created: str
    label_a: str
    label_b: str
    compared_a: int
    compared_b: int
    outcome: str
    significant: int


class ModelEntry(msgspec.Struct, frozen=True):
    """One model of the manifest, as it stands on this machine."""

    name: str
    title: str
    roles: tuple[str, ...]
    state: str  # "installed", "in_place", "bundled", "partial", "damaged" or "missing"
    size_bytes: int | None  # to install, or on disk; None: known only once it is installed
    licence: str
    licence_url: str
    forbids: str  # what the licence does not allow; "" nothing of note
    fits: str  # "gpu", "ram", "no", or "unknown" where its needs are not known
    fit_text: str  # the same as a sentence
    packs: tuple[str, ...]
    certainty: str  # how well the entry is known to be right: "sure", "likely", "unverified"
    repository: str
    revision: str
    notes: str
    bundled: bool = False  # comes with Twofold: never installed, replaced or removed


class PackEntry(msgspec.Struct, frozen=True):
    """Models that make the recipe of the same name work together."""

    name: str
    title: str
    summary: str  # for whom it is, and what it needs
    models: tuple[str, ...]  # names of ModelEntry


class Done(Message, frozen=True, tag="done"):
    """The end of a job that succeeded. Which field is set depends on the request."""

    id: str
    comparison: Comparison | None = None  # compare, rerun, open
    entries: tuple[ComparisonEntry, ...] = ()  # list
    thumbnails: dict[str, str] = {}  # thumbnails: content id -> path of a thumbnail file
    path: str = ""  # export: the file that was written
    checks: tuple[dict[str, Any], ...] = ()  # doctor: {name, ok, text, hint}
    forgotten: int = 0  # forget: comparisons removed
    # list_models, and after each change of a model
    models: tuple[ModelEntry, ...] = ()
    packs: tuple[PackEntry, ...] = ()  # the one that needs least memory first; last the bundled
    models_root: str = ""  # the folder that the installer is told
    recipes: tuple[str, ...] = ()  # that can be used now, as in Welcome


class CancelledEvent(Message, frozen=True, tag="cancelled"):
    id: str


class Failed(Message, frozen=True, tag="failed"):
    id: str
    code: str
    message: str
    hint: str


Event = (
    Welcome | Progress | SkippedEvent | FindingEvent | PeekAnswer | Done | CancelledEvent | Failed
)

_encoder = msgspec.json.Encoder()
_request_decoder: msgspec.json.Decoder[Request] = msgspec.json.Decoder(Request)
_event_decoder: msgspec.json.Decoder[Event] = msgspec.json.Decoder(Event)


def encode(message: Message) -> bytes:
    """One message as one line of UTF-8 JSON, with its newline."""
    return _encoder.encode(message) + b"\n"


def decode_request(line: bytes) -> Request:
    """Raises msgspec.DecodeError or msgspec.ValidationError when the line is no request."""
    return _request_decoder.decode(line)


def decode_event(line: bytes) -> Event:
    """Raises msgspec.DecodeError or msgspec.ValidationError when the line is no event."""
    return _event_decoder.decode(line)
