"""The sentences about models and packs. Facts in, plain text out, made safe where it came along.

Decides nothing. What is being done about models is said in `models_work_wording`.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication

from desktop import figures
from desktop.models_state import INSTALLED, ModelsState
from desktop.safe_text import isolated
from desktop.wording import counted
from engine.protocol import ModelEntry, PackEntry

translate = QCoreApplication.translate

ROLES = ("captioner", "proposer", "ranker")
SHORT_REVISION = 12  # characters of a commit that tell it from all others


def title(entry: ModelEntry) -> str:
    return isolated(entry.title or entry.name)


# --- one model ----------------------------------------------------------------------------------


def group(role: str) -> tuple[str, str]:
    """The heading of a part of the table, and what these models do."""
    match role:
        case "captioner":
            return translate("models", "Captioners"), translate(
                "models", "describe a sample of the images in words"
            )
        case "proposer":
            return translate("models", "Language models"), translate(
                "models", "read the captions and propose what differs"
            )
        case "ranker":
            return translate("models", "Rankers"), translate(
                "models", "score every phrase on every image"
            )
        case _:
            return isolated(role), ""


def role(name: str) -> str:
    return {
        "captioner": translate("models", "captioner"),
        "proposer": translate("models", "language model"),
        "ranker": translate("models", "ranker"),
    }.get(name, isolated(name))


def small_line(entry: ModelEntry) -> str:
    """ "qwen3-vl-2b", and its further roles: the first one stands above."""
    return " · ".join([isolated(entry.name), *(role(name) for name in entry.roles[1:])])


def size(entry: ModelEntry) -> str:
    return "" if entry.size_bytes is None else figures.size(entry.size_bytes)


def size_explained(entry: ModelEntry) -> str:
    if entry.size_bytes is None:
        return translate("models", "Its size is asked for when it is installed.")
    return ""


def state(entry: ModelEntry, *, being_installed: bool) -> tuple[str, str]:
    """Tone and a few words."""
    if being_installed:
        return "idle", translate("models", "being installed")
    match entry.state:
        case "installed":
            return "good", translate("models", "installed")
        case "in_place":
            return "good", translate("models", "used in place")
        case "bundled":
            return "good", translate("models", "with Twofold")
        case "partial":
            return "warn", translate("models", "partly fetched")
        case "damaged":
            return "bad", translate("models", "damaged")
        case "missing" if entry.bundled:
            return "bad", translate("models", "left out")
        case "missing":
            return "idle", translate("models", "not installed")
        case _:
            return "idle", isolated(entry.state)


def fit(fits: str) -> tuple[str, str]:
    """Tone and a few words: a warning, never a barrier."""
    match fits:
        case "gpu":
            return "idle", translate("models", "graphics card")
        case "ram":
            return "idle", translate("models", "main memory")
        case "no":
            return "warn", translate("models", "too large")
        case _:
            return "idle", translate("models", "not known")


def forbids(entry: ModelEntry) -> str:
    if not entry.forbids:
        return ""
    return translate("models", "not allowed: {what}").format(what=isolated(entry.forbids))


def install_button(entry: ModelEntry) -> str:
    match entry.state:
        case "partial":
            return translate("models", "Resume")
        case "damaged":
            return translate("models", "Repair")
        case _:
            return translate("models", "Install")


def origin(entry: ModelEntry) -> str:
    """Where it comes from, and how well that is known."""
    if entry.bundled and entry.state in INSTALLED:
        return translate("models", "Came with Twofold; its files are part of the program.")
    if entry.bundled:
        return translate(
            "models",
            "Comes with Twofold, but its files are not all there. Install Twofold again, from a "
            "complete package.",
        )
    if not entry.repository:
        return translate("models", "Brought by you; no hub knows it under this name.")
    repository = isolated(entry.repository)
    if entry.revision:
        return translate("models", "{repository}, commit {commit}").format(
            repository=repository, commit=isolated(entry.revision[:SHORT_REVISION])
        )
    return translate("models", "{repository}; the commit is learnt when it is installed").format(
        repository=repository
    )


def certainty(entry: ModelEntry) -> str:
    if not entry.repository:
        return ""
    return {
        "sure": translate(
            "models",
            "Sure: seen in its own repository, or size and hash pinned alike by several projects.",
        ),
        "likely": translate(
            "models",
            "Likely: seen elsewhere or in part; the hub’s word is checked against what is pinned.",
        ),
    }.get(
        entry.certainty,
        translate("models", "Not confirmed: what the hub says at installation is written down."),
    )


def licence(entry: ModelEntry) -> str:
    """Name, address as text, and what it forbids."""
    parts = [isolated(entry.licence), isolated(entry.licence_url), forbids(entry)]
    return " · ".join(part for part in parts if part)


def removal(entry: ModelEntry) -> str:
    """What follows when it is removed."""
    if entry.state == "in_place":
        return translate(
            "models",
            "Twofold forgets where it lies. Its files belong to another program and are left "
            "alone.",
        )
    if entry.state == "partial":
        return translate("models", "What was fetched of it so far is deleted from this computer.")
    if entry.state == "missing":
        return translate("models", "Twofold forgets its entry. It has no files here.")
    return translate(
        "models", "Its files ({size}) are deleted from this computer. It can be installed again."
    ).format(size=size(entry) or translate("models", "size not known"))


# --- packs --------------------------------------------------------------------------------------


def pack_models(pack: PackEntry, models: ModelsState) -> list[ModelEntry]:
    found = (models.entry(name) for name in pack.models)
    return [entry for entry in found if entry is not None]


def pack_facts(entries: Sequence[ModelEntry]) -> str:
    """ "3 models · 4.9 GB"; the size only where it is known of all of them."""
    number = counted(
        len(entries), translate("models", "1 model"), translate("models", "{n} models")
    )
    sizes = [entry.size_bytes for entry in entries]
    if not entries or None in sizes:
        return number  # the summary says about how much it is
    return f"{number} · {figures.size(sum(size or 0 for size in sizes))}"


def pack_fit(entries: Sequence[ModelEntry]) -> tuple[str, str]:
    """Tone and a sentence, as the least fitting of its models says."""
    fits = {entry.fits for entry in entries}
    if "no" in fits:
        large = sum(entry.fits == "no" for entry in entries)
        return "warn", counted(
            large,
            translate("models", "1 of its models is larger than the memory that is free."),
            translate("models", "{n} of its models are larger than the memory that is free."),
        )
    if fits == {"gpu"}:
        return "idle", translate("models", "Fits the graphics card.")
    if fits <= {"gpu", "ram"}:
        return "idle", translate("models", "Fits main memory; slow without a graphics card.")
    return "idle", translate("models", "How much memory it needs is not known.")


def pack_state(entries: Sequence[ModelEntry]) -> tuple[str, str]:
    there = sum(entry.state in INSTALLED for entry in entries)
    if entries and there == len(entries):
        return "good", translate("models", "Installed")
    return "idle", translate("models", "{n} of {all} installed").format(n=there, all=len(entries))


def pack_button(entries: Sequence[ModelEntry], *, being_installed: bool) -> str:
    if being_installed:
        return translate("models", "Installing…")
    states = {entry.state for entry in entries}
    if states <= set(INSTALLED):
        return translate("models", "Installed")
    if "partial" in states:
        return translate("models", "Resume")
    if states != {"missing"}:
        return translate("models", "Install the rest")
    return translate("models", "Install")


def best_pack(models: ModelsState) -> str:
    """Name of the pack to suggest to whoever has no model yet: the largest that fits, or the first.

    "" for everyone else.
    """
    if not models.none_installed:
        return ""
    packs = models.packs_to_install
    best = packs[0].name if packs else ""
    for pack in packs:
        entries = pack_models(pack, models)
        if {entry.fits for entry in entries} == {"gpu"}:
            best = pack.name
    return best
