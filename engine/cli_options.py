"""What every command shares: where the engine keeps its data, exit codes, following a request.

Imports neither torch nor Qt nor numpy.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from engine.errors import Cancelled

if TYPE_CHECKING:
    from engine.client import EngineClient
    from engine.protocol import Done, Event

EXIT_CODES = """\b
Exit codes:
  0    finished, also when no difference was found
  2    the input cannot be compared, or an option is wrong
  69   a model is missing, damaged, refused or does not fit
  70   the engine failed
  74   the data folder or a target file cannot be used
  130  cancelled
"""

PATH = click.Path(path_type=Path)


@dataclass(frozen=True, slots=True)
class EngineOptions:
    data_dir: Path | None
    require_lock: bool

    @contextmanager
    def engine(self, *, ephemeral: bool = False) -> Iterator[EngineClient]:
        from engine.client import EngineClient, engine_command

        command = engine_command(self.data_dir, ephemeral=ephemeral, require_lock=self.require_lock)
        with EngineClient(command) as client:
            yield client


def changed_options(changes: Sequence[str]) -> dict[str, str]:
    """Of NAME=VALUE each."""
    pairs = [change.partition("=") for change in changes]
    for name, sign, _ in pairs:
        if not (name.strip() and sign):
            raise click.UsageError("Write --set as NAME=VALUE, for instance language.rounds=5.")
    return {name.strip(): value.strip() for name, _, value in pairs}


def recipe_path(recipe: str) -> str:
    """A recipe file is named from where the person stands, not from where the engine runs."""
    return str(Path(recipe).absolute()) if recipe.endswith(".toml") else recipe


def follow(
    events: Iterator[Event],
    cancel: Callable[[], None],
    rest: Callable[[], Iterator[Event]],
    *,
    quiet: bool,
) -> Done:
    """Shows progress until the answer is there. An interrupt cancels, and waits for that.

    rest: the events that are still to come, for an interrupt breaks the first reading off.
    Raises RequestFailed; Cancelled; EngineDied.
    """
    from engine.client import RequestFailed
    from engine.protocol import CancelledEvent, Done, Failed
    from engine.terminal import RunDisplay

    display = RunDisplay(quiet=quiet)
    with display:
        while True:
            try:
                event = next(events)
            except KeyboardInterrupt:
                cancel()
                display.cancelling()
                events = rest()
                continue
            if isinstance(event, Failed):
                raise RequestFailed(event)
            if isinstance(event, CancelledEvent):
                raise Cancelled
            if isinstance(event, Done):
                return event
            display.show(event)
