"""The sentences of the window that are not about a verdict, a finding or a failure.

Facts in, plain text out, each sentence through Qt's translation. Text that came with images
or was typed by people goes through `safe_text` first. Decides nothing.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from PySide6.QtCore import QCoreApplication

from desktop import figures
from desktop.safe_text import isolated
from desktop.sources import Look, SideState, default_label
from desktop.state import AppState
from desktop.state_parts import EngineState, Phase
from engine.protocol import ComparisonEntry, PeekAnswer
from engine.vocabulary import Comparison, Outcome, Side

translate = QCoreApplication.translate

KERNEL_LAYERS = {"namespace", "seccomp", "sandbox"}


def counted(number: int, one: str, many: str) -> str:
    """`many` holds {n}. Each is a whole translated phrase."""
    return one if number == 1 else many.format(n=figures.count(number))


def images(number: int) -> str:
    return counted(number, translate("wording", "1 image"), translate("wording", "{n} images"))


# --- the engine and its lock ------------------------------------------------------------------


def lock(engine: EngineState) -> tuple[str, str]:
    """Tone and sentence for the status line."""
    if engine.phase is Phase.STARTING:
        return "idle", translate("wording", "Starting the engine…")
    if engine.phase is Phase.DOWN:
        return "bad", translate("wording", "The engine is not running")
    layers = set(engine.network_lock)
    if layers & KERNEL_LAYERS:
        return "good", translate(
            "wording", "Network locked by the kernel — nothing can leave this computer"
        )
    if layers:
        return "warn", translate(
            "wording", "Network refused by the program, not by the kernel: see Privacy"
        )
    return "warn", translate("wording", "Network lock not available on this system: see Privacy")


def lock_explained(engine: EngineState) -> str:
    layers = set(engine.network_lock)
    if engine.phase is not Phase.READY:
        return translate("wording", "The lock is set when the engine starts.")
    if layers & KERNEL_LAYERS:
        return translate(
            "wording",
            "The engine reads your images. At its start, before it sees any of them, it gave up "
            "the network for good; the kernel refuses it every connection.",
        )
    if layers:
        return translate(
            "wording",
            "The kernel offered no lock on this system. The engine refuses connections itself, "
            "which stops mistakes but not a determined program. Twofold opens no connection.",
        )
    return translate(
        "wording",
        "This system offers no way to lock the network. Twofold opens no connection, but nothing "
        "outside it enforces that.",
    )


# --- putting a comparison together --------------------------------------------------------------


def side_summary(answer: PeekAnswer) -> str:
    """ "1,204 images · 3 formats · 2.1 GB"."""
    parts = [images(answer.images)]
    if len(answer.formats) == 1:
        parts.append(isolated(next(iter(answer.formats))))
    elif answer.formats:
        parts.append(
            translate("wording", "{n} formats").format(n=figures.count(len(answer.formats)))
        )
    if answer.images:
        parts.append(figures.size(answer.size_bytes))
    return " · ".join(parts)


def formats_listed(answer: PeekAnswer) -> str:
    return ", ".join(f"{isolated(k)} {figures.count(n)}" for k, n in answer.formats.items())


def side_remarks(answer: PeekAnswer) -> str:
    """What else is in the folder, in one line."""
    skipped = len(answer.skipped)
    parts = []
    if skipped:
        parts.append(
            counted(
                skipped,
                translate("wording", "1 file cannot be read"),
                translate("wording", "{n} files cannot be read"),
            )
        )
    if answer.captions:
        parts.append(
            counted(
                answer.captions,
                translate("wording", "1 with a caption"),
                translate("wording", "{n} with a caption"),
            )
        )
    if answer.other_files:
        parts.append(
            counted(
                answer.other_files,
                translate("wording", "1 other file left alone"),
                translate("wording", "{n} other files left alone"),
            )
        )
    return " · ".join(parts)


def why_not(state: AppState) -> str:
    """Why a comparison cannot start, in words; "" when it can."""
    if state.engine.phase is Phase.STARTING:
        return translate("wording", "The engine is starting.")
    if state.engine.phase is Phase.DOWN:
        return translate("wording", "The engine is not running.")
    if state.models.engine_is_busy:
        return translate("wording", "Waiting for the work on models.")
    if state.table is not None:
        return ""
    empty = [side for side, part in state.sides.items() if not part.paths]
    if len(empty) == 2:
        return translate("wording", "Choose a folder for A and one for B.")
    if empty:
        return translate("wording", "Choose a folder for {side}.").format(side=empty[0])
    for side, part in state.sides.items():
        if part.look is Look.FAILED:
            return translate("wording", "{side} cannot be read.").format(side=side)
        if part.answer is None:
            return translate("wording", "Looking into {side}…").format(side=side)
        if part.answer.images == 0:
            return translate("wording", "{side} holds no images.").format(side=side)
    if state.sides[Side.A].paths == state.sides[Side.B].paths:
        return translate("wording", "A and B are the same folder.")
    return ""


def ready_line(state: AppState) -> str:
    """ "on 2,408 images"."""
    if state.table is not None:
        return translate("wording", "the groups of the table")
    total = sum(part.answer.images for part in state.sides.values() if part.answer)
    return translate("wording", "{images} in all").format(images=images(total))


def label_of(part: SideState) -> str:
    return part.label.strip() or default_label(part.paths)


def compared_sets(label_a: str, label_b: str) -> str:
    return translate("wording", "{a} against {b}").format(a=isolated(label_a), b=isolated(label_b))


# --- while it runs ------------------------------------------------------------------------------


def stage(name: str) -> str:
    return {
        "scan": translate("wording", "List the files"),
        "read": translate("wording", "Read and measure every image"),
        "caption": translate("wording", "Describe a sample of the images"),
        "propose": translate("wording", "Look for possible differences"),
        "embed": translate("wording", "Encode every image for scoring"),
        "score": translate("wording", "Score every image"),
        "test": translate("wording", "Test what holds up"),
    }.get(name, name)


def stage_progress(done: int, total: int) -> str:
    if total:
        return translate("wording", "{done} of {total}").format(
            done=figures.count(min(done, total)), total=figures.count(total)
        )
    return figures.count(done) if done else ""


def aside(name: str, done: int, total: int) -> str:
    """What goes on in the midst of a stage; "" when that needs no words."""
    share = max(0.0, min(1.0, done / total)) if total > 0 else 0.0
    match name:
        case "load":  # counts parts of a file, which mean nothing to a person
            if not share:
                return translate("wording", "Loading a model…")
            return translate("wording", "Loading a model… {share}").format(
                share=figures.percent(share)
            )
        case "verify":
            if not share:
                return translate("wording", "Checking a model’s files…")
            return translate("wording", "Checking a model’s files… {done} of {total}").format(
                done=figures.size(min(done, total)), total=figures.size(total)
            )
        case _:
            return ""


def time_left(seconds: float | None) -> str:
    if seconds is None:
        return translate("wording", "Estimating the time…")
    if seconds < 8:
        return translate("wording", "A few seconds left")
    if seconds < 50:
        tens = max(10, 10 * round(seconds / 10))
        return translate("wording", "About {n} seconds left").format(n=tens)
    if seconds < 90:
        return translate("wording", "About a minute left")
    minutes = round(seconds / 60)
    if minutes < 55:
        return translate("wording", "About {n} minutes left").format(n=minutes)
    if minutes < 75:
        return translate("wording", "About an hour left")
    hours = max(1.5, round(minutes / 30) / 2)
    return translate("wording", "About {n} hours left").format(n=f"{hours:g}")


def skipped_so_far(a: int, b: int) -> str:
    if not a + b:
        return translate("wording", "Every file so far could be read.")
    total = counted(
        a + b,
        translate("wording", "1 file could not be read"),
        translate("wording", "{n} files could not be read"),
    )
    return translate("wording", "{total} ({a} in A, {b} in B); the rest goes on.").format(
        total=total, a=figures.count(a), b=figures.count(b)
    )


def found_so_far(number: int) -> str:
    if not number:
        return translate("wording", "Findings appear here as soon as they are tested.")
    return counted(number, translate("wording", "1 finding"), translate("wording", "{n} findings"))


# --- comparisons made before --------------------------------------------------------------------


def when(iso_utc: str, now: datetime) -> str:
    """now: local time. "today, 09:41", "yesterday", "Monday", "3 November 2026"."""
    made = figures.local_time(iso_utc)
    if made is None:
        return ""
    days = (now.date() - made.date()) / timedelta(days=1)
    if days == 0:
        return translate("wording", "today, {time}").format(time=made.strftime("%H:%M"))
    if days == 1:
        return translate("wording", "yesterday")
    if 1 < days < 7:
        return made.strftime("%A")
    return f"{made.day} {made.strftime('%B %Y')}"


def entry_sizes(entry: ComparisonEntry) -> str:
    return f"A {figures.count(entry.compared_a)} · B {figures.count(entry.compared_b)}"


def entry_outcome(entry: ComparisonEntry) -> tuple[str, str]:
    """Tone and a few words."""
    match entry.outcome:
        case Outcome.DIFFER:
            return "good", counted(
                entry.significant,
                translate("wording", "1 difference"),
                translate("wording", "{n} differences"),
            )
        case Outcome.DIFFER_UNNAMED:
            return "good", translate("wording", "differ as a whole")
        case Outcome.NO_DIFFERENCE:
            return "idle", translate("wording", "no difference found")
        case Outcome.IDENTICAL:
            return "warn", translate("wording", "the same images")
        case Outcome.TOO_FEW:
            return "warn", translate("wording", "too few images")
        case _:
            return "idle", isolated(entry.outcome)


def run_facts(comparison: Comparison) -> str:
    """Recipe and times, for the right of the status line."""
    seconds = sum(stage.seconds for stage in comparison.stages)
    reused = sum(stage.reused for stage in comparison.stages)
    parts = [
        translate("wording", "recipe {name}").format(name=isolated(comparison.settings.recipe)),
        figures.duration(seconds),
        translate("wording", "seed {n}").format(n=comparison.settings.seed),
    ]
    if reused:
        parts.insert(2, translate("wording", "{n} answers reused").format(n=figures.count(reused)))
    return " · ".join(parts)
