"""The two sides of a comparison: from what was asked for to columns of readings.

Lists the files of both sides, has them read, joins in the texts that stand beside them, and
refuses what cannot be compared. Tests nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import blake3
import msgspec
import numpy as np
import PIL

from engine import __version__
from engine.assemble import Columns, SideBuilder, join_sides
from engine.errors import InputError, NoImages, SameSet
from engine.image_table import ImageTable
from engine.images.duplicates import find_shared
from engine.images.scan import Listing, scan_parent, scan_paths
from engine.images.sidecars import read_sidecar
from engine.images.table import scan_table
from engine.job import JobControl
from engine.measurements.catalogue import CATALOGUE
from engine.measurements.text import text_values
from engine.model import InstalledModel
from engine.protocol import Job
from engine.reading import ReadingCount, read_files
from engine.recipe import Recipe
from engine.statistics.split import split
from engine.storage.store import Store
from engine.vocabulary import Caption, ImageRef, SharedImage, Side, Skipped
from engine.workers.pool import WorkerPool

#: what decides whether a file can be read, beside the recipe's limits
READER = f"twofold {__version__}, pillow {PIL.__version__}"

Sides = dict[Side, SideBuilder]
Listings = dict[Side, Listing]


def list_sides(job: Job, control: JobControl) -> Listings:
    """Raises InputError when the job does not name two different sides that hold files."""
    asked = (job.a is not None or job.b is not None, job.table is not None, bool(job.parent))
    if sum(asked) != 1:
        raise InputError(
            "A comparison needs two sides.", "Give two folders, one table, or one parent folder."
        )
    if job.table is not None:
        a, b = scan_table(job.table, job=control)
    elif job.parent:
        a, b = scan_parent(job.parent, job=control)
    elif job.a is None or job.b is None:
        missing = "A" if job.a is None else "B"
        raise InputError(f"Side {missing} is missing.", f"Choose a folder for side {missing}.")
    else:
        a = scan_paths(job.a.paths, recursive=job.a.recursive, label=job.a.label, job=control)
        b = scan_paths(job.b.paths, recursive=job.b.recursive, label=job.b.label, job=control)
    listings = {Side.A: a, Side.B: b}
    _require_two_sets(listings)
    return listings


def _require_two_sets(listings: Listings) -> None:
    for side, listing in listings.items():
        if not listing.files and not listing.skipped:
            beside = f" It holds {listing.other_files} other files." if listing.other_files else ""
            raise NoImages(
                f"Side {side} holds no image.{beside}",
                "Choose a folder with JPEG, PNG, TIFF, WebP, HEIC or other image files.",
            )
    same = {
        side: {(file.device, file.inode, file.path) for file in listing.files}
        for side, listing in listings.items()
    }
    if same[Side.A] and same[Side.A] == same[Side.B]:
        raise SameSet(
            "Both sides are the same files.", "Choose a different folder for one of the sides."
        )


def read_sides(
    listings: Listings,
    job: Job,
    recipe: Recipe,
    store: Store,
    open_pool: Callable[[], WorkerPool],
    control: JobControl,
    count: ReadingCount,
    on_skipped: Callable[[Side, Skipped], None],
) -> Sides:
    """Reads every listed file at most once. Raises NoImages when a side keeps none."""
    columns = Columns.of(CATALOGUE)
    labels = {Side.A: job.label_a, Side.B: job.label_b}
    sides = {
        side: SideBuilder(
            side, labels[side] or listing.label or str(side), columns, listing.other_files
        )
        for side, listing in listings.items()
    }
    entries = [file for listing in listings.values() for file in listing.files]
    first_of_b = len(listings[Side.A].files)
    for side, listing in listings.items():
        for item in listing.skipped:
            sides[side].skip(-1, item)
            on_skipped(side, item)
    reader = f"{READER} {recipe.pixel_limit}"
    outcomes = read_files(entries, store, CATALOGUE.version, reader, open_pool, control, count)
    for i, outcome in outcomes:
        side = Side.A if i < first_of_b else Side.B
        if isinstance(outcome, Skipped):
            sides[side].skip(i, outcome)
            on_skipped(side, outcome)
            continue
        entry = entries[i]
        sidecar = read_sidecar(entry) if entry.sidecar else None
        text = joined_text(entry.caption, sidecar, outcome.captions)
        image = ImageRef(
            entry.root,
            entry.name,
            outcome.content_id,
            outcome.width_px,
            outcome.height_px,
            outcome.format,
        )
        values = {**outcome.values, **text_values(text)}
        sides[side].add(i, image, entry.size_bytes, values, text, outcome.signature)
    for side, builder in sides.items():
        if not builder.images:
            codes = sorted({item.code for _, item in builder.skipped})
            raise NoImages(
                f"None of the {len(builder.skipped)} files of side {side} could be read "
                f"({', '.join(codes)}).",
                "Check that the files are images and are not damaged.",
            )
    return sides


def joined_text(table_caption: str, sidecar: Caption | None, embedded: tuple[Caption, ...]) -> str:
    """What is written about one image, each wording once, one a line."""
    lines = [table_caption, sidecar.text if sidecar else "", *(c.text for c in embedded)]
    return "\n".join(dict.fromkeys(line.strip() for line in lines if line.strip()))


def identical(sides: Sides) -> bool:
    """Whether both sides hold the same images, byte for byte."""
    ids = [{image.content_id for image in builder.images} for builder in sides.values()]
    return ids[0] == ids[1]


def shared_images(sides: Sides) -> tuple[SharedImage, ...]:
    """Images that stand in both sets, exact ones first."""
    a, b = sides[Side.A], sides[Side.B]
    pairs = find_shared(
        [image.content_id for image in a.images],
        a.signatures,
        [image.content_id for image in b.images],
        b.signatures,
    )
    found = [SharedImage(a.images[i].name, b.images[j].name, exact) for i, j, exact in pairs]
    return tuple(sorted(found, key=lambda item: (not item.exact, item.name_a, item.name_b)))


def to_table(sides: Sides, recipe: Recipe, seed: int) -> ImageTable:
    """The columns of both sides, with the images that are held out marked."""
    a, b = sides[Side.A], sides[Side.B]
    ids = [builder.images[i].content_id for builder in (a, b) for i in builder.order()]
    is_a = np.arange(len(ids)) < len(a.images)
    discover, was_split = split(ids, is_a, seed, recipe.min_split)
    return join_sides(a, b, discover, was_split)


def identity(
    sides: Sides, recipe: Recipe, models: Sequence[InstalledModel], prompt: str, seed: int
) -> str:
    """Names the comparison by what went into it: contents, texts, recipe, weights, prompt, seed,
    measurements.

    prompt: the text of the file that the recipe names, if it names one. Moving or renaming the
    folders or that file keeps it; 16 hex digits.
    """
    digest = blake3.blake3()
    for builder in sides.values():
        digest.update(f"side {len(builder.images)}\n".encode())
        for row in builder.order():
            digest.update(builder.images[row].content_id.encode())
            digest.update(blake3.blake3(builder.texts[row].encode("utf-8", "replace")).digest())
    choices = {
        "recipe": replace(recipe, language=replace(recipe.language, prompt=prompt)),
        "models": [model.fingerprint for model in models],
        "seed": seed,
        "measurements": CATALOGUE.version,
    }
    digest.update(msgspec.json.encode(choices, order="deterministic"))
    return digest.hexdigest(length=8)


def members(sides: Sides) -> Iterator[tuple[Side, ImageRef]]:
    for side, builder in sides.items():
        for image in builder.images:
            yield side, image
