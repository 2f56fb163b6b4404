"""Writes the thumbnail of a picture: a JPEG made from its pixels, with no metadata at all."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from PIL import Image

from engine.images.decode import PIXEL_LIMIT, decode
from engine.picture import Picture

QUALITY = 85  # of the JPEG


def write_thumbnail(
    picture: Picture | bytes, target: Path, *, pixel_limit: int = PIXEL_LIMIT
) -> None:
    """Writes picture.rgb (longer side at most 256 px) to target, whole or not at all.

    picture: or the bytes of an image file, which are decoded. The folder is made if need be;
    folder and file are the user's own. Raises DecodeProblem, OSError.
    """
    if isinstance(picture, bytes):
        picture = decode(picture, pixel_limit=pixel_limit)
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = part_of(target, os.getpid())
    try:
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            Image.fromarray(picture.rgb).save(file, "JPEG", quality=QUALITY)
        part.replace(target)
    except BaseException:
        with contextlib.suppress(OSError):
            part.unlink()
        raise


def part_of(target: Path, process_id: int) -> Path:
    """The file a process writes to until the thumbnail is whole; to be removed if it dies."""
    return target.with_name(f".{target.name}.{process_id}.part")
