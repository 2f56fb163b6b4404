"""Merges hypotheses that say nearly the same, so that each is tested, and shown, once.

Two phrases of one side are near-duplicates when they are one phrase but for inflections, or when
their text vectors all but point the same way. Which phrase stands for a group is decided by how
often it was proposed, never by how it scores. Embeds nothing.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from engine.phrase_text import phrase_key
from engine.proposers.base import Proposals
from engine.vocabulary import Hypothesis

MAX_ALSO = 5  # near-duplicates shown with a finding

Vectors = npt.NDArray[np.float32]


def merge(proposals: Proposals, vectors: Vectors | None, threshold: float) -> Proposals:
    """One hypothesis for each group of near-duplicates, in the order they were proposed in.

    vectors: (m, dim) unit rows, one a hypothesis; None compares words alone. threshold: cosine
    from which two phrases say the same; at 1 and above only words are compared. Phrases are
    compared with the one that stands for a group, not with its other members, so that no chain
    of small steps joins what differs. `candidates` stays: merging makes no test unmade.
    """
    hypotheses = proposals.hypotheses
    if vectors is not None and vectors.shape[:1] != (len(hypotheses),):
        raise ValueError(f"{vectors.shape[0]} vectors for {len(hypotheses)} hypotheses")
    if threshold >= 1:
        vectors = None
    times = [proposals.times.get(hypothesis.id, 1) for hypothesis in hypotheses]
    leads: list[int] = []
    groups: dict[int, list[int]] = {}
    for k in sorted(range(len(hypotheses)), key=lambda k: (-times[k], k)):
        lead = _home(k, leads, hypotheses, vectors, threshold)
        if lead is None:
            leads.append(k)
            groups[k] = [k]
        else:
            groups[lead].append(k)
    merged = [_merged([hypotheses[k] for k in groups[lead]]) for lead in sorted(leads)]
    counts = {hypotheses[lead].id: sum(times[k] for k in groups[lead]) for lead in sorted(leads)}
    return replace(proposals, hypotheses=merged, times=counts if proposals.times else {})


def _home(
    k: int,
    leads: list[int],
    hypotheses: list[Hypothesis],
    vectors: Vectors | None,
    threshold: float,
) -> int | None:
    """The lead of the same side that phrase k is nearest to, if any is near enough."""
    own = [lead for lead in leads if hypotheses[lead].side is hypotheses[k].side]
    key = phrase_key(hypotheses[k].text)
    for lead in own:
        if key and phrase_key(hypotheses[lead].text) == key:
            return lead
    if vectors is None or not own:
        return None
    cosines = vectors[own].astype(np.float64) @ vectors[k].astype(np.float64)
    cosines[~np.isfinite(cosines)] = -1.0
    best = int(np.argmax(cosines))
    return own[best] if cosines[best] >= threshold else None


def _merged(group: list[Hypothesis]) -> Hypothesis:
    """The first of the group, which names the others."""
    lead, *others = group
    names = [*lead.also]
    for other in others:
        names += [other.text, *other.also]
    also = [name for name in dict.fromkeys(names) if name != lead.text]
    return replace(lead, also=tuple(also[:MAX_ALSO]))
