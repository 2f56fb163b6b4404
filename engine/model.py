"""What is known of a model: its manifest entry, and where its files lie once it is installed.

Values that stages share. Loads nothing, checks nothing, downloads nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path


class Role(StrEnum):
    """What a model is used for."""

    CAPTIONER = "captioner"
    PROPOSER = "proposer"
    RANKER = "ranker"


class Loader(StrEnum):
    """Which library reads a model's files, and how."""

    BLIP2 = "blip2"  # transformers, Blip2ForConditionalGeneration
    LLAVA = "llava"  # transformers, LLaVA and its relatives (image-text-to-text)
    GGUF_VISION = "gguf_vision"  # llama.cpp, a language model and its image projector
    GGUF = "gguf"  # llama.cpp, a language model
    OPEN_CLIP = "open_clip"  # open_clip, CLIP and SigLIP


class Certainty(StrEnum):
    """How well an entry of the manifest is known to be right."""

    SURE = "sure"  # seen in the model's own repository, or pinned alike by several projects
    LIKELY = "likely"  # seen elsewhere; the hub is asked at install
    UNVERIFIED = "unverified"  # not confirmed; the hub is asked at install


@dataclass(frozen=True, slots=True, kw_only=True)
class Licence:
    name: str  # SPDX identifier where there is one
    url: str
    forbids: str = ""  # in a few words, what it does not allow; "" nothing of note


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelFile:
    """One file of a model's repository."""

    path: str  # relative to the repository, forward slashes
    size_bytes: int | None = None  # None: learnt from the hub when it is installed
    sha256: str = ""  # 64 hex digits; "": learnt from the hub when it is installed


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelSpec:
    """One model of the manifest."""

    name: str  # how recipes call it: lower case, digits, dots, dashes
    title: str  # for a person
    roles: tuple[Role, ...]
    loader: Loader
    repository: str = ""  # on the hub; "" for a model that the user brought, or that is bundled
    revision: str = ""  # commit, 40 hex digits; "": learnt when it is installed
    files: tuple[ModelFile, ...]  # all that are needed, and no other
    licence: Licence
    parameters: float = 0.0  # billions
    gpu_bytes: int = 0  # memory needed on a graphics card, in the precision Twofold uses there
    cpu_bytes: int = 0  # main memory needed without one
    context: int = 0  # tokens of a language model; 0 where it does not apply
    options: Mapping[str, str | int | float | bool] = field(default_factory=dict)
    certainty: Certainty = Certainty.UNVERIFIED
    preprocessing: str = ""  # what becomes of an image before the model sees it, in words
    notes: str = ""
    bundled: Path | None = None  # folder of Twofold's own that holds its files; None: in none


@dataclass(frozen=True, slots=True, kw_only=True)
class InstalledModel:
    """A model whose files are on this machine and were verified."""

    spec: ModelSpec
    folder: Path  # holds the files below their names in the repository, or links to them
    files: Mapping[str, Path]  # name in the repository -> file on this machine
    revision: str  # commit the files come from; "" if that is not known
    fingerprint: str  # 32 hex digits over names and SHA-256 of all files: names the weights
    in_place: bool = False  # the files belong to another program; never removed here
    size_bytes: int = 0

    @property
    def name(self) -> str:
        return self.spec.name

    def file(self, suffix: str) -> Path:
        """The only file whose name ends so. Raises KeyError when there is not exactly one."""
        found = [path for name, path in self.files.items() if name.endswith(suffix)]
        if len(found) != 1:
            raise KeyError(suffix)
        return found[0]
