"""The text beside an image, in whatever encoding it was saved."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from engine.images.scan import FileEntry, scan_paths
from engine.images.sidecars import read_sidecar
from engine.job import JobControl
from engine.vocabulary import Caption


def only_entry(folder: Path) -> FileEntry:
    (entry,) = scan_paths([str(folder)], recursive=True, label="", job=JobControl()).files
    return entry


def beside(folder: Path, data: bytes, name: str = "photo.txt") -> Caption | None:
    (folder / "photo.jpg").write_bytes(b"x")
    (folder / name).write_bytes(data)
    return read_sidecar(only_entry(folder))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "latin-1"])
def test_every_usual_encoding(tmp_path: Path, encoding: str) -> None:
    found = beside(tmp_path, "Ein Käse,\r\n auf  dem Tisch\n".encode(encoding))
    assert found == Caption("Ein Käse,\nauf dem Tisch", "sidecar")


@pytest.mark.parametrize("name", ["photo.caption", "photo.jpg.txt", "PHOTO.TXT"])
def test_every_usual_name(tmp_path: Path, name: str) -> None:
    assert beside(tmp_path, b"a cat", name) == Caption("a cat", "sidecar")


def test_words_that_cameras_use_are_kept_here(tmp_path: Path) -> None:
    """Somebody wrote this file for this image: "camera" is what it shows."""
    assert beside(tmp_path, b"camera") == Caption("camera", "sidecar")


def test_no_text_no_caption(tmp_path: Path) -> None:
    (tmp_path / "photo.jpg").write_bytes(b"x")
    assert read_sidecar(only_entry(tmp_path)) is None
    assert beside(tmp_path, b"") is None
    assert beside(tmp_path, b"\x7fELF\0\0\0\0binary") is None
    entry = only_entry(tmp_path)
    (tmp_path / "photo.txt").unlink()
    assert read_sidecar(entry) is None


def test_a_long_text_is_cut(tmp_path: Path) -> None:
    found = beside(tmp_path, "ä".encode() * 1_000_000)
    assert found is not None
    assert found.text == "ä" * 2_000


@pytest.mark.skipif(sys.platform != "linux", reason="needs names that are no Unicode")
def test_a_pipe_or_a_link_in_its_place_is_not_opened(tmp_path: Path) -> None:
    (tmp_path / "photo.jpg").write_bytes(b"x")
    (tmp_path / "photo.txt").write_text("a cat")
    entry = only_entry(tmp_path)
    (tmp_path / "photo.txt").unlink()
    os.mkfifo(tmp_path / "photo.txt")
    assert read_sidecar(entry) is None
    (tmp_path / "photo.txt").unlink()
    (tmp_path / "photo.txt").symlink_to("/etc/hostname")
    assert read_sidecar(entry) is None


@pytest.mark.skipif(sys.platform != "linux", reason="needs names that are no Unicode")
def test_names_that_are_no_unicode(tmp_path: Path) -> None:
    for suffix, data in ((b"jpg", b"x"), (b"txt", b"a coffee")):
        with open(os.fsencode(tmp_path) + b"/caf\xe9." + suffix, "wb") as file:  # noqa: PTH123
            file.write(data)
    entry = only_entry(tmp_path)
    assert entry.sidecar == "caf\ufffd.txt"
    assert read_sidecar(entry) == Caption("a coffee", "sidecar")
