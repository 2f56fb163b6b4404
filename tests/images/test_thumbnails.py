"""Thumbnails are small, whole, and say nothing but what they show."""

from __future__ import annotations

import io
import os
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import ExifTags, Image

from engine.images.decode import DecodeProblem, decode
from engine.images.thumbnails import write_thumbnail
from tests.fakes import odd_files


def test_only_pixels_are_written(tmp_path: Path) -> None:
    tags = Image.Exif()
    tags[ExifTags.Base.ImageDescription] = "a secret"
    tags[ExifTags.Base.Orientation] = 6
    buffer = io.BytesIO()
    odd_files.photo(1, 800, 600).save(buffer, "JPEG", exif=tags, comment="another secret")
    target = tmp_path / "made" / "here.jpg"
    write_thumbnail(buffer.getvalue(), target)
    assert b"secret" not in target.read_bytes()
    assert os.listdir(target.parent) == ["here.jpg"]  # noqa: PTH208 - names only
    with Image.open(target) as image:
        assert (image.format, image.size, image.mode) == ("JPEG", (192, 256), "RGB")
        assert not image.getexif()
        wanted = decode(buffer.getvalue()).rgb.astype(int)
        assert np.abs(np.asarray(image).astype(int) - wanted).mean() < 4
    if sys.platform != "win32":
        assert target.stat().st_mode & 0o077 == 0


def test_a_picture_can_be_given_and_replaces_what_was_there(tmp_path: Path) -> None:
    target = tmp_path / "a.jpg"
    target.write_bytes(b"old")
    write_thumbnail(decode(odd_files.jpeg(tmp_path).read_bytes()), target)
    with Image.open(target) as image:
        assert image.size == (64, 48)


def test_nothing_is_left_behind_when_it_fails(tmp_path: Path) -> None:
    with pytest.raises(DecodeProblem):
        write_thumbnail(b"no image", tmp_path / "a.jpg")
    (tmp_path / "taken").mkdir()
    with pytest.raises(OSError, match="taken"):
        write_thumbnail(odd_files.jpeg(tmp_path).read_bytes(), tmp_path / "taken")
    assert {path.name for path in tmp_path.iterdir()} == {"plain.jpg", "taken"}
