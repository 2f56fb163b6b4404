"""Prompts for the language model, kept as text files that a user can replace. Asks nothing.

Twofold's own lie beside this file, in `prompts`; a recipe names them without folder and ending.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from engine.errors import BadRecipe
from engine.recipe import names_packaged_prompt

OWN = "differences"  # asked where a recipe names no prompt
MAX_CHARACTERS = 64 * 1024  # of a prompt file
REQUIRED = ("captions_a", "captions_b", "count", "side")
KNOWN = (*REQUIRED, "other", "goal")
TURNING = ("side", "other")  # what differs between the two sides of one round

_PLACE = re.compile(r"\{([a-z_]+)\}")
_VERSION = re.compile(r"version: *(\S.{0,60})")


@dataclass(frozen=True, slots=True)
class Question:
    """What is said to the model. shared: the same for both sides of a round."""

    system: str
    shared: str
    own: str


@dataclass(frozen=True, slots=True)
class Prompt:
    """A prompt file that was read and holds all it must."""

    version: str  # as its first line names it
    system: str
    user: str

    def filled(self, values: Mapping[str, str]) -> Question:
        """With the words in braces replaced, each once, so that values are never read again.

        values: for every name in KNOWN; with no goal, lines that speak of it are left out.
        """
        lines = self.user.splitlines(keepends=True)
        if not values["goal"]:
            lines = _without_goal(lines)
        turn = next(
            (k for k, line in enumerate(lines) if set(_PLACE.findall(line)) & set(TURNING)),
            len(lines),
        )
        shared, own = "".join(lines[:turn]), "".join(lines[turn:])
        return Question(*(_fill(text, values) for text in (self.system, shared, own)))


def read(named: str, goal: str) -> Prompt:
    """The prompt that a recipe names: a file of the user's, or by a bare name one of Twofold's.

    goal: what the person wants to know, which the prompt must have a place for. Raises BadRecipe.
    """
    if names_packaged_prompt(named):
        text = _packaged(named or OWN)
        if goal and "{goal}" not in text:
            raise BadRecipe(
                f"The prompt “{named}” has no place for a goal.",
                "Leave the goal out, or choose another recipe.",
            )
        return _parsed(text, goal)
    try:
        with Path(named).open("rb") as file:
            raw = file.read(4 * MAX_CHARACTERS + 1)
        text = raw.decode("utf-8-sig")
    except OSError:
        raise BadRecipe(
            "The prompt file that the recipe names could not be read.", "Check its path."
        ) from None
    except UnicodeDecodeError:
        raise _broken("it is not text in UTF-8") from None
    return _parsed(text, goal)


def _packaged(name: str) -> str:
    files = resources.files("engine.proposers").joinpath("prompts")
    try:
        return files.joinpath(f"{name}.txt").read_text(encoding="utf-8")
    except (OSError, ValueError):  # ValueError: a name that no file can have
        own = sorted(file.name.removesuffix(".txt") for file in files.iterdir())
        raise BadRecipe(
            f"Twofold has no prompt of its own that is called “{name[:80]}”.",
            f"There are: {', '.join(own)}. A file of yours is named with its ending: prompt.txt.",
        ) from None


def _parsed(text: str, goal: str) -> Prompt:
    if len(text) > MAX_CHARACTERS:
        raise _broken(f"it is longer than {MAX_CHARACTERS:,} characters")
    first, _, rest = text.partition("\n")
    version = _VERSION.fullmatch(first.strip())
    if version is None:
        raise _broken("its first line names no version, as in “version: mine-1”")
    parts: dict[str, list[str]] = {}
    current: list[str] | None = None
    for line in rest.splitlines(keepends=True):
        if line.strip() in ("[system]", "[user]"):
            current = parts.setdefault(line.strip(), [])
        elif not line.startswith("#") and current is not None:
            current.append(line)
        elif not line.startswith("#") and line.strip():
            raise _broken("it has text before its first part, [system] or [user]")
    system, user = ("".join(parts.get(name, [])).strip() for name in ("[system]", "[user]"))
    missing = [name for name, part in (("[system]", system), ("[user]", user)) if not part]
    found = _PLACE.findall(user)
    missing += [f"{{{name}}}" for name in REQUIRED if name not in found]
    if goal and "goal" not in found:
        missing.append("{goal}, though the recipe states a goal")
    if missing:
        raise _broken(f"it lacks {', '.join(missing)}")
    strangers = sorted({*found, *_PLACE.findall(system)} - set(KNOWN))
    if strangers:
        raise _broken(f"it holds unknown words in braces: {', '.join(strangers)}")
    early = sorted(set(_PLACE.findall(system)) & {*TURNING, "captions_a", "captions_b", "goal"})
    if early:
        raise _broken(f"its [system] part holds {', '.join(early)}, which belong into [user]")
    return Prompt(version[1], system, user)


def _without_goal(lines: list[str]) -> list[str]:
    """The lines that do not speak of the goal, with one empty line where it stood between two."""
    kept: list[str] = []
    dropped = False
    for line in lines:
        if "goal" in _PLACE.findall(line):
            dropped = True
        elif dropped and not line.strip() and kept and not kept[-1].strip():
            dropped = False
        else:
            kept.append(line)
            dropped = False
    return kept


def _fill(text: str, values: Mapping[str, str]) -> str:
    return _PLACE.sub(lambda match: values[match[1]], text)


def _broken(reason: str) -> BadRecipe:
    return BadRecipe(
        f"The prompt file that the recipe names cannot be used: {reason}.",
        "Correct it, or leave language.prompt out to take Twofold's own.",
    )
