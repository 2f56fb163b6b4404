"""The captioning step: a caption for every image that is to be shown to the language model.

Takes what the cache holds, asks the captioner for the rest, and keeps each batch at once, so
that a run that was killed goes on where it was. Compares nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import blake3
import msgspec

from engine import captioners
from engine.captioners import base, brought, clean
from engine.captioners.base import Captioner
from engine.captioners.english import looks_english
from engine.image_table import ImageTable
from engine.job import JobControl
from engine.model import InstalledModel, Loader, Role
from engine.pixels import Pixels
from engine.recipe import CaptionOptions, Recipe
from engine.tools import Tools

STAGE = "caption"


@dataclass(frozen=True, slots=True)
class Captioned:
    """captions: row -> caption, "" where the captioner had nothing to say; an image that could
    no longer be read is not among them.

    asked: images that were to get a caption. reused: of these, how many had one in the cache.
    empty: of these, how many are left without a usable one, unreadable images included.
    """

    captions: dict[int, str]
    reused: int
    asked: int
    empty: int

    @property
    def not_english(self) -> int:
        """Captions that are plainly in another language."""
        return sum(not looks_english(caption) for caption in self.captions.values())


def caption_rows(
    table: ImageTable,
    rows: Sequence[int],
    recipe: Recipe,
    tools: Tools,
    seed: int,
    job: JobControl,
) -> Captioned:
    """Captions of these rows, each image asked about once however often it stands there.

    When the cache holds them all, no model is loaded and none is reported as used. Raises
    ModelError, or Cancelled within two seconds of a wish to stop; finished batches are kept.
    """
    rows = list(dict.fromkeys(rows))
    options = recipe.captions
    if not options.model:
        return _counted(rows, brought.captions(table, rows), 0)
    if not rows:
        return _counted(rows, {}, 0)
    model = tools.host.installed(options.model)
    name = captioner_name(model, options)
    by_content: dict[str, list[int]] = {}
    for row in rows:
        by_content.setdefault(table.images[row].content_id, []).append(row)
    known = dict(tools.captions.get(name, list(by_content)))
    reused = sum(len(by_content[content_id]) for content_id in known)
    wanted = [same[0] for content_id, same in by_content.items() if content_id not in known]
    job.progress(STAGE, reused, len(rows))
    if wanted:

        def load(model: InstalledModel, job: JobControl) -> Captioner:
            return captioners.get(model)(model, options, seed, job)

        with tools.host.use(options.model, Role.CAPTIONER, load, job) as captioner:
            done = reused
            for batch in _batches(wanted, captioner, tools, job):
                found = _described(table, batch, captioner, options, job)
                tools.captions.add(name, found.items())
                known |= found
                done += sum(len(by_content[table.images[row].content_id]) for row, _ in batch)
                job.progress(STAGE, done, len(rows))
    captions = {
        row: known[content_id]
        for content_id, same in by_content.items()
        if content_id in known
        for row in same
    }
    return _counted(rows, captions, reused)


def captioner_name(model: InstalledModel, options: CaptionOptions) -> str:
    """32 hex digits that name every cause of a caption but the image.

    The seed is none: captioners draw nothing at random.
    """
    causes = {
        "weights": model.fingerprint,
        "loader": str(model.spec.loader),
        "settings": sorted((key, str(value)) for key, value in model.spec.options.items()),
        "precision": _precision(model),
        "question": base.question(options),
        "tokens": base.token_limit(options),
        "beams": options.beams,
        "asking": base.VERSION,
        "clean": clean.VERSION,
    }
    return str(blake3.blake3(msgspec.json.encode(causes)).hexdigest(16))


def _precision(model: InstalledModel) -> str:
    if model.spec.loader is Loader.GGUF_VISION:
        return "as stored"
    from engine.runtimes.transformers_model import precision

    return precision(model)


def _batches(
    rows: list[int], captioner: Captioner, tools: Tools, job: JobControl
) -> Iterator[list[tuple[int, Pixels | None]]]:
    """As many images as the captioner takes at a time now, decoded while it was at work."""
    batch: list[tuple[int, Pixels | None]] = []
    for row, pixels in tools.pixels.stream(rows, captioner.shape, job):
        batch.append((row, pixels))
        if len(batch) >= captioner.batch:
            yield batch
            batch = []
    if batch:
        yield batch


def _described(
    table: ImageTable,
    batch: list[tuple[int, Pixels | None]],
    captioner: Captioner,
    options: CaptionOptions,
    job: JobControl,
) -> dict[str, str]:
    """content id -> caption, of the images that could be read."""
    seen = [(row, pixels) for row, pixels in batch if pixels is not None]
    raw = captioner.caption([pixels for _, pixels in seen], job)
    asked = base.question(options)
    return {
        table.images[row].content_id: clean.clean(text, asked)
        for (row, _), text in zip(seen, raw, strict=True)
    }


def _counted(rows: Sequence[int], captions: dict[int, str], reused: int) -> Captioned:
    empty = sum(not captions.get(row) for row in rows)
    return Captioned(captions, reused, len(rows), empty)
