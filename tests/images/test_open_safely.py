"""Only regular files of a sane size are read, and every refusal has its code."""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path

import pytest

from engine.images.open_safely import CannotRead, read_file
from tests.fakes import odd_files

posix = pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX files")


def refusal(path: Path | str, **limits: int) -> str:
    with pytest.raises(CannotRead) as problem:
        read_file(str(path), **limits)
    return problem.value.code


def test_the_whole_file_and_its_state(tmp_path: Path) -> None:
    path = tmp_path / "a.bin"
    path.write_bytes(os.urandom(100_000))
    content = read_file(str(path))
    assert content.data == path.read_bytes()
    assert content.stat.st_mtime_ns == path.stat().st_mtime_ns
    assert read_file(str(path), at_most=10).data == path.read_bytes()[:10]


def test_what_is_empty_missing_or_too_large(tmp_path: Path) -> None:
    assert refusal(odd_files.empty(tmp_path)) == "empty_file"
    assert refusal(tmp_path / "gone.jpg") == "vanished"
    assert refusal(tmp_path / "gone" / "a.jpg") == "vanished"
    assert refusal("nul\0in the name") == "vanished"
    (tmp_path / "a.jpg").write_bytes(b"12345")
    assert refusal(tmp_path / "a.jpg", size_limit=4) == "file_too_large"
    assert read_file(str(tmp_path / "a.jpg"), size_limit=5).data == b"12345"


@posix
def test_a_sparse_giant_is_refused_before_it_is_read(tmp_path: Path) -> None:
    with (tmp_path / "giant.jpg").open("wb") as file:
        file.truncate(3 * 1024**3)
    assert refusal(tmp_path / "giant.jpg") == "file_too_large"


@posix
def test_pipes_sockets_devices_links_and_folders_are_not_opened(tmp_path: Path) -> None:
    assert refusal(odd_files.pipe(tmp_path)) == "special_file"
    assert refusal("/dev/null") == "special_file"
    (tmp_path / "real.jpg").write_bytes(b"x")
    (tmp_path / "link.jpg").symlink_to("real.jpg")
    assert refusal(tmp_path / "link.jpg") == "vanished"
    assert refusal(tmp_path) == "vanished"
    here = Path.cwd()
    with socket.socket(socket.AF_UNIX) as listener:
        os.chdir(tmp_path)  # the path of a socket must be short
        try:
            listener.bind("socket.jpg")
        finally:
            os.chdir(here)
        assert refusal(tmp_path / "socket.jpg") == "special_file"


@posix
def test_a_file_that_may_not_be_read(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(b"x")
    path.chmod(0)
    if os.access(path, os.R_OK):
        pytest.skip("this user may read everything")
    assert refusal(path) == "no_permission"
