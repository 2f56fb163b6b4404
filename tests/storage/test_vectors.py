"""Vectors of images on disk: killed writers, several at once, damage, full disks, forgetting."""

from __future__ import annotations

import os
import stat
import subprocess
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.errors import DatabaseBusy, StorageError
from engine.storage.vectors import StoredVectors, Vectors
from tests.fakes.numbered_vectors import DIM, ENCODER, content, contents, fill, vector
from tests.storage.test_troubles import small_disk

OTHER = "0dd5" * 8

#: what scripts of their own process begin with
SCRIPT = """
from engine.storage.vectors import Vectors
from tests.fakes.numbered_vectors import DIM, ENCODER, content, contents, fill, vector
folder = Path(sys.argv[1])
cache = Vectors(folder).open(ENCODER, DIM)
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def cache(folder: Path) -> StoredVectors:
    return Vectors(folder).open(ENCODER, DIM)


def reopened(folder: Path, encoder: str = ENCODER) -> StoredVectors:
    """As another process sees it."""
    return Vectors(folder).open(encoder, DIM)


def keep(folder: Path, numbers: Iterable[int]) -> None:
    """As a process that ends afterwards."""
    cache = reopened(folder)
    fill(cache, numbers)
    cache.close()


def count(folder: Path, numbers: Any) -> int:
    """How many of these images have their very vector."""
    got = reopened(folder).get(contents(numbers))
    right = [np.array_equal(row, vector(n)) for n, row in zip(numbers, got, strict=True)]
    missing = np.isnan(got).all(axis=1)
    assert all(right | missing), "a vector of another image, or a damaged one, was handed out"
    return sum(right)


# --- what is asked of a cache -------------------------------------------------------------------


def test_an_empty_cache_knows_nothing(cache: StoredVectors) -> None:
    assert cache.have([]).shape == (0,)
    assert not cache.have(contents(range(3))).any()
    assert np.isnan(cache.get(contents(range(3)))).all()
    assert list(cache.stream(contents(range(3)))) == []


def test_vectors_come_back_in_the_order_asked_for(cache: StoredVectors, folder: Path) -> None:
    fill(cache, range(10))
    fill(cache, range(20, 30))
    asked = [25, 3, 15, 3, 29, 0]
    for looked_at in (cache, reopened(folder)):
        assert looked_at.have(contents(asked)).tolist() == [True, True, False, True, True, True]
        got = looked_at.get(contents(asked))
        assert got.dtype == np.float16
        for row, number in zip(got, asked, strict=True):
            if number == 15:
                assert np.isnan(row).all()
            else:
                assert np.array_equal(row, vector(number))


def test_a_stream_hands_out_each_image_once_and_copies_nothing_that_lies_together(
    cache: StoredVectors,
) -> None:
    fill(cache, range(9000))
    asked = contents([*range(9000), 99_999])
    seen = np.zeros(len(asked), int)
    for positions, vectors in cache.stream(asked):
        assert not vectors.flags.owndata
        seen[positions] += 1
        assert np.array_equal(vectors[0], vector(int(positions[0])))
    assert (seen[:-1] == 1).all()
    assert seen[-1] == 0


def test_another_thread_may_read_while_one_writes(cache: StoredVectors, folder: Path) -> None:
    stop = threading.Event()
    wrong: list[int] = []

    def read() -> None:
        while not stop.is_set():
            got = cache.get(contents(range(0, 300, 7)))
            for number, row in zip(range(0, 300, 7), got, strict=True):
                if not np.isnan(row).all() and not np.array_equal(row, vector(number)):
                    wrong.append(number)

    reader = threading.Thread(target=read)
    reader.start()
    for start in range(0, 300, 10):
        fill(cache, range(start, start + 10))
    stop.set()
    reader.join()
    assert wrong == []
    assert count(folder, range(300)) == 300


def test_encoders_are_kept_apart(folder: Path) -> None:
    vectors = Vectors(folder)
    fill(vectors.open(ENCODER, DIM), range(3))
    assert not vectors.open(OTHER, DIM).have(contents(range(3))).any()


def test_the_cost_of_an_image(folder: Path) -> None:
    vectors = Vectors(folder)
    wide = np.zeros((1000, 1280), np.float16)
    vectors.open(ENCODER, 1280).add(contents(range(1000)), wide)
    assert vectors.bytes_used() / 1000 <= 2700


@pytest.mark.skipif(os.name != "posix", reason="needs POSIX permissions")
def test_files_are_private(cache: StoredVectors, folder: Path) -> None:
    fill(cache, range(3))
    for path in (folder, *folder.rglob("*")):
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path


@pytest.mark.parametrize("encoder", ["", "../../../../../../etc/passwd00", "g" * 32, "a" * 31])
def test_only_a_digest_names_an_encoder(folder: Path, encoder: str) -> None:
    with pytest.raises(ValueError, match="32 hex"):
        Vectors(folder).open(encoder, DIM)


def test_other_vectors_are_refused(cache: StoredVectors, folder: Path) -> None:
    fill(cache, range(3))
    with pytest.raises(ValueError, match="float16"):
        cache.add([content(1)], np.zeros((1, DIM), np.float32))  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="float16"):
        cache.add(contents(range(2)), np.zeros((2, DIM + 1), np.float16))
    with pytest.raises(StorageError, match=f"{DIM} numbers"):
        Vectors(folder).open(ENCODER, DIM + 1).have(contents(range(3)))


# --- several writers, killed writers ------------------------------------------------------------

WRITER = (
    SCRIPT
    + """
first, batches = int(sys.argv[2]), int(sys.argv[3])
for batch in range(batches):
    fill(cache, range(first + batch * 10, first + batch * 10 + 10))
    say(batch + 1)
"""
)


@pytest.mark.parametrize("after", [1, 20])
def test_a_killed_writer_loses_nothing_it_had_committed(
    folder: Path, start: Callable[..., Any], after: int
) -> None:
    process = start(WRITER, "0", "100000")
    committed = 0
    while committed < after:
        committed = int(process.stdout.readline())
    process.kill()
    process.communicate()
    found = count(folder, range((committed + 40) * 10))
    assert found >= committed * 10
    # the next one goes on in the same files
    before = {path.name for path in (folder / ENCODER).iterdir()}
    keep(folder, range(10**6, 10**6 + 5))
    assert {path.name for path in (folder / ENCODER).iterdir()} == before
    assert count(folder, range(10**6, 10**6 + 5)) == 5


def test_two_processes_write_at_once(folder: Path, start: Any, result: Any) -> None:
    writers = [start(WRITER, str(first), "40") for first in (0, 1000)]
    for writer in writers:
        result(writer)
    assert count(folder, [*range(400), *range(1000, 1400)]) == 800
    segments = list((folder / ENCODER).glob("*.ids"))
    assert 1 <= len(segments) <= 2


def test_what_another_process_adds_is_seen_at_once(
    cache: StoredVectors, folder: Path, start: Any, result: Any
) -> None:
    fill(cache, range(5))
    assert not cache.have([content(1000)])[0]
    result(start(WRITER, "1000", "3"))
    assert cache.have(contents(range(1000, 1030))).all()
    assert cache.have(contents(range(5))).all()


# --- damage -------------------------------------------------------------------------------------


def only(folder: Path, suffix: str) -> Path:
    [path] = (folder / ENCODER).glob(f"*{suffix}")
    return path


@pytest.mark.parametrize("suffix", [".ids", ".vectors"])
@pytest.mark.parametrize("cut", [1, 7, 500])
def test_files_cut_short_cost_their_last_images(folder: Path, suffix: str, cut: int) -> None:
    keep(folder, range(100))
    path = only(folder, suffix)
    os.truncate(path, path.stat().st_size - cut)
    left = count(folder, range(100))
    assert 100 - cut <= left < 100
    keep(folder, range(left, 100))
    assert count(folder, range(100)) == 100


@pytest.mark.parametrize("suffix", [".ids", ".vectors"])
def test_files_with_garbage_at_the_end_lose_only_that(folder: Path, suffix: str) -> None:
    keep(folder, range(100))
    with only(folder, suffix).open("ab") as file:
        file.write(b"\xff" * 333)
    assert count(folder, range(100)) == 100
    keep(folder, range(100, 110))
    assert count(folder, range(110)) == 110


@pytest.mark.parametrize("suffix", [".ids", ".vectors"])
def test_a_changed_byte_costs_one_image(folder: Path, suffix: str) -> None:
    keep(folder, range(100))
    path = only(folder, suffix)
    body = bytearray(path.read_bytes())
    body[len(body) // 2] ^= 0x10
    path.write_bytes(body)
    assert count(folder, range(100)) == 99


@pytest.mark.parametrize("body", [b"", b"2F", b"\0" * 4096, os.urandom(4096)])
@pytest.mark.parametrize("suffix", [".ids", ".vectors"])
def test_files_of_something_else_are_left_out(folder: Path, suffix: str, body: bytes) -> None:
    keep(folder, range(100))
    only(folder, suffix).write_bytes(body)
    assert count(folder, range(100)) == 0
    keep(folder, range(100))
    assert count(folder, range(100)) == 100


@pytest.mark.parametrize("suffix", [".ids", ".vectors"])
def test_a_missing_file_of_a_pair_is_no_error(folder: Path, suffix: str) -> None:
    cache = reopened(folder)
    fill(cache, range(100))
    only(folder, suffix).unlink()
    assert count(folder, range(100)) == 0
    fill(cache, range(100))  # it notices that its file was removed
    assert count(folder, range(100)) == 100


# --- full disks and closed folders --------------------------------------------------------------


@pytest.mark.skipif(os.name != "posix", reason="needs a small disk")
def test_a_disk_that_fills_up_is_told_and_what_was_kept_stays(
    tmp_path: Path, start: Any, result: Any
) -> None:
    script = (
        SCRIPT
        + """
added = 0
try:
    while True:
        fill(cache, range(added, added + 30))
        added += 30
except StorageError as error:
    say(error.code)
fresh = Vectors(folder).open(ENCODER, DIM)
say(added, int(fresh.have(contents(range(added))).sum()))
say(int(fresh.have(contents(range(added, added + 30))).sum()))
"""
    )
    said = result(start(script, under=small_disk(tmp_path / "data", "128k"))).split()
    assert said[0] == "disk_full"
    assert int(said[1]) > 0
    assert said[1] == said[2]
    assert said[3] == "0"


@pytest.mark.skipif(os.name != "posix", reason="needs POSIX permissions")
def test_a_folder_that_may_not_be_written_is_told(
    folder: Path, start: Any, result: Any, without_override: tuple[str, ...]
) -> None:
    folder.mkdir(mode=0o500)
    script = SCRIPT + "\ntry:\n    fill(cache, [1])\nexcept StorageError as e:\n    say(e.code)"
    assert result(start(script, under=without_override)).split() == ["data_folder_read_only"]


# --- forgetting ---------------------------------------------------------------------------------


def every_byte(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


def test_forgotten_images_leave_no_byte_and_others_stay(folder: Path) -> None:
    vectors = Vectors(folder)
    for encoder in (ENCODER, OTHER):
        fill(vectors.open(encoder, DIM), range(50))
    assert vector(7).tobytes() in every_byte(folder)

    vectors.forget(contents(range(0, 50, 2)))

    rest = every_byte(folder)
    for number in range(50):
        for part in (bytes.fromhex(content(number)), vector(number).tobytes()):
            assert (part in rest) == (number % 2 == 1)
    for encoder in (ENCODER, OTHER):
        have = vectors.open(encoder, DIM).have(contents(range(50)))
        assert have.tolist() == [number % 2 == 1 for number in range(50)]
    assert count(folder, range(50)) == 25
    fill(vectors.open(ENCODER, DIM), range(0, 50, 2))
    assert count(folder, range(50)) == 50


def test_a_torn_tail_is_forgotten_too(folder: Path) -> None:
    keep(folder, range(10))
    with only(folder, ".vectors").open("ab") as file:
        file.write(vector(99).tobytes())  # a writer was killed before it could say whose it is
    Vectors(folder).forget([content(99)])
    assert vector(99).tobytes() not in every_byte(folder)
    assert count(folder, range(10)) == 10


def test_what_is_damaged_or_left_over_is_removed_when_forgetting(folder: Path) -> None:
    keep(folder, range(10))
    (folder / ENCODER / "abc.ids").write_bytes(b"something else")
    (folder / ENCODER / "abc.vectors").write_bytes(vector(99).tobytes())
    (folder / ENCODER / "def.vectors").write_bytes(vector(99).tobytes())
    Vectors(folder).forget([content(99)])
    assert vector(99).tobytes() not in every_byte(folder)
    assert count(folder, range(10)) == 10


def test_forgetting_all_images_leaves_no_file(folder: Path) -> None:
    vectors = Vectors(folder)
    fill(vectors.open(ENCODER, DIM), range(10))
    vectors.forget(contents(range(10)))
    assert list(folder.iterdir()) == []


def test_forgetting_nothing_and_unknown_images_changes_nothing(folder: Path) -> None:
    vectors = Vectors(folder)
    vectors.forget([])
    vectors.forget(contents([1]))
    fill(vectors.open(ENCODER, DIM), range(10))
    before = every_byte(folder)
    vectors.forget(contents(range(100, 110)))
    assert every_byte(folder) == before


def test_clear_and_bytes_used(folder: Path) -> None:
    vectors = Vectors(folder)
    assert vectors.bytes_used() == 0
    cache = vectors.open(ENCODER, DIM)
    fill(cache, range(10))
    assert vectors.bytes_used() == len(every_byte(folder)) > 0
    vectors.clear()
    assert not folder.exists()
    assert vectors.bytes_used() == 0
    assert not cache.have(contents(range(10))).any()
    fill(cache, range(10))
    assert count(folder, range(10)) == 10


def test_forgetting_waits_for_no_writer_but_says_so(folder: Path, start: Any) -> None:
    writer = start(SCRIPT + "\nfill(cache, range(10))\nsay('ready')\ntime.sleep(60)")
    assert writer.stdout.readline() == "ready\n"
    with pytest.raises(DatabaseBusy):
        Vectors(folder).forget(contents([3]))
    Vectors(folder).forget(contents([99]))  # nothing of it is there
    writer.kill()
    writer.communicate()
    Vectors(folder).forget(contents([3]))
    assert count(folder, range(10)) == 9


def test_a_process_killed_while_it_forgets_can_be_followed_by_another(
    folder: Path, start: Any
) -> None:
    keep(folder, range(4000))
    script = SCRIPT + ("\nsay('go')\nVectors(folder).forget(contents(range(0, 4000, 3)))")
    process: subprocess.Popen[str] = start(script)
    assert process.stdout is not None
    process.stdout.readline()
    process.kill()
    process.communicate()
    Vectors(folder).forget(contents(range(0, 4000, 3)))
    kept = [n for n in range(4000) if n % 3]
    assert count(folder, kept) == len(kept)
    assert not reopened(folder).have(contents(range(0, 4000, 3))).any()
