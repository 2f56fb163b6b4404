"""Scores a phrase by the cosine of its vector with an image's, both from a CLIP model.

Each image is embedded once, ever, and each phrase: what is kept of both answers a second
comparison without loading the model, or torch.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from blake3 import blake3

from engine.image_table import ImageTable
from engine.job import JobControl
from engine.measurement import Catalogue
from engine.model import InstalledModel, Role
from engine.rankers.base import EmbedCount
from engine.rankers.cosine import cosines
from engine.rankers.embedding import embed_rows
from engine.recipe import ClipOptions
from engine.runtimes.clip_config import ClipConfig, read_config
from engine.runtimes.clip_model import ClipModel, load
from engine.tools import Tools, VectorCache
from engine.vocabulary import Hypothesis

Floats = npt.NDArray[np.float32]

HYPOTHESIS = "{}"  # in a phrasing, stands for the hypothesis
_PRECISIONS = ("float16", "bfloat16", "float32")
_FLOAT_BYTES = 4


@dataclass(frozen=True, slots=True)
class Encoder:
    """Which vectors may be compared with each other. key: 32 hex digits."""

    key: str
    dim: int


class Clip:
    """A ranker that compares vectors; see `engine.rankers.base.VectorRanker`.

    Where the recipe leaves the precision open, vectors of the precision the model last ran in
    are taken while they suffice; as soon as it must be loaded, those of the one it runs in now.
    """

    name = "clip"

    def __init__(self, options: ClipOptions, tools: Tools) -> None:
        self._options = options
        self._tools = tools
        self._model = tools.host.installed(options.model)
        self._config: ClipConfig = read_config(self._model)
        self._settled: Encoder | None = None

    def score(
        self,
        hypotheses: Sequence[Hypothesis],
        table: ImageTable,
        catalogue: Catalogue,  # noqa: ARG002  part of the role
        job: JobControl,
    ) -> npt.NDArray[np.float64]:
        """Cosines, -1 to 1. NaN where an image could not be read any more.

        Raises ModelError, StorageError, Cancelled.
        """
        if not hypotheses or not table.images:
            return np.full((len(hypotheses), len(table.images)), np.nan)
        texts = [hypothesis.text for hypothesis in hypotheses]
        content_ids = table.content_ids
        encoder = None
        while encoder != self._encoder():  # the second time only if the model was loaded meanwhile
            encoder = self._encoder()
            self._embed(content_ids, job)
            directions = self.text_vectors(texts, job)
        return cosines(directions, self._cache(), content_ids, job)

    def embed(self, table: ImageTable, job: JobControl) -> EmbedCount:
        """Sees to it that every image of the table has a vector. Raises as `score` does."""
        return self._embed(table.content_ids, job)

    def _embed(self, content_ids: Sequence[str], job: JobControl) -> EmbedCount:
        """content_ids: of each row of the pixel source; what occurs twice is embedded once."""
        n = len(content_ids)
        if self._cache().have(content_ids).all():
            job.progress("embed", n, n)
            return EmbedCount(n, n)
        with self._loaded(job) as model:
            cache = self._cache()
            there = cache.have(content_ids)  # of the encoder that was loaded
            before = int(there.sum())
            missing: dict[str, int] = {}
            for row in np.flatnonzero(~there).tolist():
                missing.setdefault(content_ids[row], row)
            job.progress("embed", before, before + len(missing))
            embed_rows(missing, self._tools.pixels, model, cache, job, before=before)
        job.progress("embed", n, n)
        return EmbedCount(int(cache.have(content_ids).sum()), before)

    def text_vectors(self, texts: Sequence[str], job: JobControl) -> Floats:
        """(m, dim) float32, rows of unit length: the mean over the recipe's phrasings.

        Raises as `score` does.
        """
        phrasings = self._options.phrasings
        phrases = [phrasing.replace(HYPOTHESIS, text) for text in texts for phrasing in phrasings]
        wanted = list(dict.fromkeys(phrases))
        known = self._known_texts(wanted)
        if len(known) < len(wanted):
            with self._loaded(job) as model:
                known = self._known_texts(wanted)
                fresh = [phrase for phrase in wanted if phrase not in known]
                for phrase, vector in zip(fresh, model.encode_texts(fresh, job), strict=True):
                    self._tools.answers.put(self._text_key(phrase), vector.tobytes())
                    known[phrase] = vector
        vectors = np.array([known[phrase] for phrase in phrases], np.float32)
        means = vectors.reshape(len(texts), len(phrasings), self._config.dim).mean(axis=1)
        return np.asarray(means / np.linalg.norm(means, axis=1, keepdims=True), np.float32)

    # --- which encoder ------------------------------------------------------------------------

    def _encoder(self) -> Encoder:
        if self._settled is None:
            precision: str = self._options.precision
            if precision == "auto":
                last = (self._tools.answers.get(self._precision_key()) or b"").decode()
                precision = last if last in _PRECISIONS else _precision_here()
            key = self._config.encoder_key(self._model, precision)
            self._settled = Encoder(key, self._config.dim)
        return self._settled

    @contextmanager
    def _loaded(self, job: JobControl) -> Iterator[ClipModel]:
        """The model; from now on its vectors are those that count."""

        def of_options(installed: InstalledModel, job: JobControl) -> ClipModel:
            return load(installed, self._options, job)

        with self._tools.host.use(self._options.model, Role.RANKER, of_options, job) as model:
            self._settled = Encoder(model.encoder_key, model.dim)
            if self._options.precision == "auto":
                self._tools.answers.put(self._precision_key(), model.precision.encode())
            yield model

    def _precision_key(self) -> bytes:
        return blake3(f"clip precision\0{self._model.fingerprint}".encode()).digest()

    # --- what is kept -------------------------------------------------------------------------

    def _cache(self) -> VectorCache:
        encoder = self._encoder()
        return self._tools.vectors.open(encoder.key, encoder.dim)

    def _known_texts(self, phrases: Sequence[str]) -> dict[str, Floats]:
        """phrase -> its vector, of those that were encoded before."""
        known: dict[str, Floats] = {}
        for phrase in phrases:
            kept = self._tools.answers.get(self._text_key(phrase))
            if kept is not None and len(kept) == _FLOAT_BYTES * self._config.dim:
                known[phrase] = np.frombuffer(kept, np.float32)
        return known

    def _text_key(self, phrase: str) -> bytes:
        return blake3(f"clip text\0{self._encoder().key}\0{phrase}".encode()).digest()


def _precision_here() -> str:
    from engine.runtimes.device import devices, dtype_for, dtype_name

    return dtype_name(dtype_for(devices()[0]))
