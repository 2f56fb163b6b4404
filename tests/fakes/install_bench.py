"""A hub on this machine, a folder for models, and the installer between them."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from engine.install_client import Installer, install_command
from engine.job import JobControl
from engine.model import InstalledModel, Licence, Loader, ModelFile, ModelSpec, Role
from engine.protocol import CancelledEvent, Done, Event, Failed, Progress
from engine.weights.fetch import Patience
from engine.weights.hub import Hub
from engine.weights.manifest import Manifest, load_manifest
from engine.weights.manifest_file import to_toml
from engine.weights.only_writer import only_writer
from engine.weights.orders import install
from engine.weights.shelf import OWN, Shelf

OWNER = "makers"
CLIP = "tiny-clip"
WEIGHTS = "open_clip_model.safetensors"
CONFIG = "open_clip_config.json"
SIZE = 2_000_000  # bytes of the weights where it matters that they are several reads
DEADLINE_S = 20.0
LICENCE = Licence(name="MIT", url="https://example.org/licence")


@dataclass
class FakeHub:
    """The fake as it runs, what it was asked, and what it is to do."""

    address: str
    repositories: Path
    rules_file: Path
    journal_file: Path

    def behave(self, *rules: dict[str, Any]) -> None:
        new = self.rules_file.with_suffix(".new")
        new.write_text(json.dumps(rules))
        new.replace(self.rules_file)

    @property
    def journal(self) -> list[dict[str, Any]]:
        text = self.journal_file.read_text() if self.journal_file.exists() else ""
        return [json.loads(line) for line in text.splitlines()]

    def sent(self, ending: str) -> int:
        """Bytes of a file that were sent so far."""
        return sum(one["sent"] for one in self.journal if urlless(one["path"]).endswith(ending))


def urlless(path: str) -> str:
    return path.partition("?")[0]


@dataclass
class Outcome:
    events: list[Event]
    log: str
    seconds: float

    @property
    def last(self) -> Event:
        return self.events[-1]

    @property
    def progress(self) -> list[Progress]:
        return [event for event in self.events if isinstance(event, Progress)]

    @property
    def failure(self) -> Failed:
        assert isinstance(self.last, Failed), self.last
        return self.last

    def succeeded(self) -> None:
        assert isinstance(self.last, Done), f"{self.last}\n{self.log}"

    def was_cancelled(self) -> None:
        assert isinstance(self.last, CancelledEvent), f"{self.last}\n{self.log}"


class Nobody:
    """Does not care how far it is."""

    def begin(self, total: int) -> None: ...

    def received(self, size: int) -> None: ...

    def checked(self, size: int) -> None: ...

    def pause(self) -> None: ...


@dataclass
class Bench:
    hub: FakeHub
    root: Path  # where models are kept

    # --- what there is to install -------------------------------------------------------------

    def spec(self, name: str, loader: Loader, *files: ModelFile, **others: Any) -> ModelSpec:
        """Makes a manifest entry."""
        role = {Loader.OPEN_CLIP: Role.RANKER, Loader.GGUF: Role.PROPOSER}.get(
            loader, Role.CAPTIONER
        )
        fields: dict[str, Any] = {"repository": f"{OWNER}/{name}", **others}
        spec = ModelSpec(
            name=name,
            title=f"The {name}",
            roles=(role,),
            loader=loader,
            files=files,
            licence=LICENCE,
            **fields,
        )
        own = self.root / OWN
        own.mkdir(parents=True, exist_ok=True)
        (own / f"{name}.toml").write_text(to_toml(spec))
        return spec

    def publish(self, name: str, **files: bytes) -> Path:
        """Puts files on the hub; "__" in a keyword stands for the dot."""
        folder = self.hub.repositories / OWNER / name
        for file, content in files.items():
            path = folder / file.replace("__", ".")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        return folder

    def clip(self, *, size: int = 400_000, name: str = CLIP, **others: Any) -> ModelSpec:
        """A tiny CLIP on the hub, and its entry, which leaves sizes and hashes to the hub."""
        self.publish(
            name,
            open_clip_config__json=json.dumps(CLIP_CONFIG).encode(),
            open_clip_model__safetensors=safetensors(size),
            README__md=b"never asked for",
        )
        files = (ModelFile(path=CONFIG), ModelFile(path=WEIGHTS))
        return self.spec(name, Loader.OPEN_CLIP, *others.pop("files", files), **others)

    # --- the installer ------------------------------------------------------------------------

    def installer(self, *names: str) -> Installer:
        return Installer(install_command(self.root, names))

    def install(self, *names: str) -> Outcome:
        begun = time.monotonic()
        with self.installer(*names) as installer:
            events = list(installer.events())
        return Outcome(events, installer.log, time.monotonic() - begun)

    def install_here(self, *names: str) -> list[str]:
        """Installs without a process of its own. Returns the log. Raises TwofoldError."""
        log: list[str] = []
        patience = Patience(JobControl(), log.append)
        with only_writer(self.root), Hub.from_environment(os.environ) as hub:
            install(names, self.manifest, self.shelf, hub, patience, Nobody(), log.append)
        return log

    @contextmanager
    def stalled(self, *, size: int = SIZE, after: int = SIZE // 2) -> Iterator[Installer]:
        """An installer in the middle of the weights, and nothing more comes."""
        self.clip(size=size)
        self.hub.behave({"at": f"large/.*{WEIGHTS}", "do": "stall", "after": after})
        with self.installer(CLIP) as installer:
            wait_until(lambda: self._part_sizes() == [after])
            yield installer
        self.hub.behave()

    # --- what came of it ----------------------------------------------------------------------

    @property
    def manifest(self) -> Manifest:
        return load_manifest(self.root / OWN)

    @property
    def shelf(self) -> Shelf:
        return Shelf(self.root, self.manifest)

    def installed(self, name: str = CLIP) -> InstalledModel:
        return self.shelf.installed(name)

    def parts(self) -> list[Path]:
        return sorted(self.root.rglob("*.part"))

    def _part_sizes(self) -> list[int]:
        """Of what is on its way; a file that arrives meanwhile is none of them any more."""
        sizes = []
        for part in self.parts():
            with suppress(FileNotFoundError):
                sizes.append(part.stat().st_size)
        return sizes


def wait_until(true: Callable[[], bool]) -> None:
    until = time.monotonic() + DEADLINE_S
    while not true():
        assert time.monotonic() < until, "it never came"
        time.sleep(0.02)


CLIP_CONFIG = {"model_cfg": {"embed_dim": 8, "vision_cfg": {}, "text_cfg": {}}}


def safetensors(size: int) -> bytes:
    """A whole file of one tensor of noise. size: bytes of it."""
    header = json.dumps({"noise": {"dtype": "U8", "shape": [size], "data_offsets": [0, size]}})
    noise = np.random.default_rng(0).bytes(size)
    return len(header).to_bytes(8, "little") + header.encode() + noise
