"""The role of a proposer: phrases that may be more true of one side. Tests none of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from engine.image_table import ImageTable
from engine.job import JobControl
from engine.measurement import Catalogue
from engine.recipe import Recipe
from engine.vocabulary import Hypothesis


@dataclass(frozen=True, slots=True)
class Proposals:
    """What one proposer came up with.

    candidates: how many hypotheses could have been proposed before anything was known of the
    sides. Where proposals were read off the very images they are tested on, the correction for
    many tests counts them all. read_from_sides: whether the proposer looked at which side an
    image belongs to; its hypotheses are then tested on images that were held out, if any were.
    asked: phrases that were asked of a language model; of these, repeated: said twice or more in
    one answer, unusable: nothing that could be looked for. times: hypothesis id -> in how many
    rounds it was proposed; empty where there are no rounds.
    """

    hypotheses: list[Hypothesis]
    candidates: int
    read_from_sides: bool
    asked: int = 0
    repeated: int = 0
    unusable: int = 0
    times: Mapping[str, int] = field(default_factory=dict)


class Proposer(Protocol):
    """Proposes hypotheses about a table of images.

    Reads labels (`table.is_a`) of images in `table.discover` only. The result depends on its
    arguments alone. Raises Cancelled when the job is to stop.
    """

    @property
    def name(self) -> str: ...

    def propose(
        self,
        table: ImageTable,
        catalogue: Catalogue,
        recipe: Recipe,
        seed: int,
        job: JobControl,
    ) -> Proposals: ...
