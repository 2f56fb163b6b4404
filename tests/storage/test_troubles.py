"""Killed processes, full disks, damaged files, closed folders, two at once."""

from __future__ import annotations

import os
import random
import shutil
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from engine.errors import DatabaseDamaged, DatabaseNewer, StorageError
from engine.storage.paths import Place, data_place
from engine.storage.store import Reading, Store

WRITER = """
first, batches = int(sys.argv[2]), int(sys.argv[3])
with data_place(Path(sys.argv[1])) as place, Store.open(place) as store:
    for batch in range(batches):
        start = first + batch * 20
        store.add_readings([reading(n) for n in range(start, start + 20)], "1")
        say(batch + 1)
"""


def count(folder: Path, upto: int) -> int:
    with data_place(folder) as place, Store.open(place) as store:
        return sum(1 for _ in store.stream_readings((f"{n:032x}" for n in range(upto)), "1"))


@pytest.mark.parametrize("after", [1, 7, 40])
def test_a_killed_run_loses_nothing_it_had_committed(
    tmp_path: Path, start: Callable[..., Any], after: int
) -> None:
    process = start(WRITER, "0", "100000")
    committed = 0
    while committed < after:
        committed = int(process.stdout.readline())
    process.kill()
    rest, _ = process.communicate()
    whole_lines = [line for line in rest.splitlines(keepends=True) if line.endswith("\n")]
    committed = int(whole_lines[-1]) if whole_lines else committed

    found = count(tmp_path / "data", (committed + 10) * 20)
    assert found % 20 == 0  # whole commits only
    assert found >= committed * 20
    database = sqlite3.connect(tmp_path / "data" / "twofold.sqlite3")
    assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    database.close()


def test_several_processes_make_and_fill_one_database_at_once(
    tmp_path: Path, start: Callable[..., Any], result: Callable[[Any], str]
) -> None:
    writers = [start(WRITER, str(first), "15") for first in (0, 300, 600, 900)]
    for writer in writers:
        assert result(writer).split()[-1] == "15"
    assert count(tmp_path / "data", 1_300) == 1_200


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's layers are Linux's")
def test_it_works_beside_others_from_within_the_network_lock(
    tmp_path: Path, start: Callable[..., Any], result: Callable[[Any], str]
) -> None:
    lock = "import engine.privacy\nassert 'seccomp' in engine.privacy.lock_network()\n"
    writers = [start(lock + WRITER, "0", "15"), start(WRITER, "300", "15")]
    for writer in writers:
        assert result(writer).split()[-1] == "15"
    assert count(tmp_path / "data", 600) == 600


def test_threads_may_share_a_store(store: Store, reading: Callable[[int], Reading]) -> None:
    problems: list[BaseException] = []

    def work(first: int) -> None:
        try:
            for n in range(first, first + 30):
                store.add_readings([reading(n)], "1")
                assert store.readings([f"{n:032x}"], "1")
        except BaseException as error:  # noqa: BLE001 - told to the main thread
            problems.append(error)

    threads = [threading.Thread(target=work, args=(first,)) for first in (0, 100, 200)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    assert len(store.readings([f"{n:032x}" for n in range(300)], "1")) == 90


# --- damage -----------------------------------------------------------------------------------


@pytest.fixture
def filled(tmp_path: Path, reading: Callable[[int], Reading]) -> Path:
    """The database file of a folder in which much is stored and nothing is open."""
    with data_place(tmp_path / "data") as place, Store.open(place) as store:
        store.add_readings(map(reading, range(3_000)), "1")
    return place.database


def garbage(size: int) -> bytes:
    return random.Random(0).randbytes(size)


def damage(kind: str, whole: bytes) -> bytes:
    return {
        "noise": garbage(20_000),
        "a text": b"This is a letter, not a database.\n" * 100,
        "cut to half": whole[: len(whole) // 2],
        "cut in the first page": whole[:700],
        "a good header, then noise": whole[:100] + garbage(len(whole) - 100),
        "noise in the middle": whole[:8192] + garbage(len(whole) - 16384) + whole[-8192:],
    }[kind]


@pytest.mark.parametrize(
    "kind",
    [
        "noise",
        "a text",
        "cut to half",
        "cut in the first page",
        "a good header, then noise",
        "noise in the middle",
    ],
)
def test_a_damaged_file_is_told_by_its_name_and_left_alone(
    tmp_path: Path, filled: Path, kind: str
) -> None:
    broken = damage(kind, filled.read_bytes())
    filled.write_bytes(broken)
    with pytest.raises(DatabaseDamaged) as told:
        count(tmp_path / "data", 3_000)
    assert str(filled) in told.value.hint
    assert filled.read_bytes() == broken

    filled.rename(filled.with_suffix(".moved-away"))  # as the hint says
    assert count(tmp_path / "data", 3_000) == 0


def test_a_reading_that_rotted_is_no_reading(tmp_path: Path, filled: Path) -> None:
    database = sqlite3.connect(filled)
    database.execute("UPDATE readings SET body = x'93c1' WHERE rowid = 7")
    database.commit()
    database.close()
    with pytest.raises(DatabaseDamaged):
        count(tmp_path / "data", 3_000)


@pytest.mark.parametrize("table", ["CREATE TABLE recipes (x)", "PRAGMA application_id = 7"])
def test_a_database_of_another_program_is_not_touched(tmp_path: Path, table: str) -> None:
    with data_place(tmp_path / "data") as place:
        database = sqlite3.connect(place.database)
        database.execute(table)
        database.commit()
        database.close()
        before = place.database.read_bytes()
        with pytest.raises(DatabaseDamaged, match="not a database of Twofold"):
            Store.open(place)
        assert place.database.read_bytes() == before


def test_a_newer_database_is_refused_and_not_touched(tmp_path: Path, filled: Path) -> None:
    database = sqlite3.connect(filled)
    database.execute("PRAGMA user_version = 99")
    database.close()
    before = filled.read_bytes()
    with data_place(tmp_path / "data") as place, pytest.raises(DatabaseNewer) as told:
        Store.open(place)
    assert "format 99" in told.value.message
    assert "newer Twofold" in told.value.hint
    assert filled.read_bytes() == before


def test_a_folder_in_the_place_of_the_database_is_told(place: Place) -> None:
    place.database.mkdir()
    with pytest.raises(StorageError, match="not a database of Twofold"):
        Store.open(place)


# --- closed folders and full disks --------------------------------------------------------------

TRY = """
try:
    with data_place(Path(sys.argv[1])) as place, Store.open(place) as store:
        store.add_readings([reading(1)], "1")
except StorageError as error:
    say(error.code)
else:
    say("fine")
"""


@pytest.mark.skipif(os.name != "posix", reason="needs POSIX permissions")
@pytest.mark.parametrize("what", ["the folder", "the file"])
def test_what_may_not_be_written_is_told(
    filled: Path, start: Any, result: Any, without_override: tuple[str, ...], what: str
) -> None:
    closed = filled.parent if what == "the folder" else filled
    closed.chmod(0o500 if what == "the folder" else 0o400)
    if what == "the file":
        # Its owner may change the mode back, and Twofold does; not so where all is read-only.
        filled.parent.chmod(0o500)
    try:
        assert result(start(TRY, under=without_override)).split() == ["data_folder_read_only"]
    finally:
        filled.parent.chmod(0o700)


def small_disk(folder: Path, size: str) -> tuple[str, ...]:
    """A command prefix that runs a command with a tiny disk of its own at folder."""
    folder.mkdir(exist_ok=True)
    prefix = (
        "unshare", "--user", "--map-root-user", "--mount", "/bin/sh", "-c",
        f'mount -t tmpfs -o size={size} none "{folder}" && exec "$@"', "sh",
    )  # fmt: skip
    usable = shutil.which("unshare") is not None
    if not usable or subprocess.run([*prefix, "true"], capture_output=True, check=False).returncode:
        pytest.skip("needs a user namespace to mount a small disk in")
    return prefix


def test_a_disk_that_fills_up_is_told_and_what_was_stored_stays(
    tmp_path: Path, start: Any, result: Any
) -> None:
    said = result(
        start(
            """
root = Path(sys.argv[1])
filler = root / "something else"
filler.write_bytes(bytes(500_000))
with data_place(root) as place, Store.open(place) as store:
    stored = 0
    try:
        while True:
            store.add_readings([reading(n) for n in range(stored, stored + 50)], "1")
            stored += 50
    except StorageError as error:
        say(error.code)
    ids = [f"{n:032x}" for n in range(stored + 50)]
    say(len(store.readings(ids, "1")) == stored, stored > 0)
    try:
        store.forget_all()
    except StorageError as error:
        say(error.code)
    else:
        say("forgotten")
    filler.unlink()
    store.add_readings([reading(n) for n in range(50)], "1")
    say(len(store.readings(ids[:50], "1")))
with data_place(root) as place, Store.open(place) as store:
    say(len(store.readings(ids[:50], "1")))
""",
            under=small_disk(tmp_path / "data", "1500k"),
        )
    )
    first, all_there, some, forgotten, now, reopened = said.split()
    assert first == "disk_full"
    assert (all_there, some) == ("True", "True")
    assert forgotten in ("disk_full", "forgotten")
    assert (now, reopened) == ("50", "50")


@pytest.mark.parametrize("size", ["8k", "40k", "64k"])
def test_a_disk_that_is_full_from_the_start_is_told(
    tmp_path: Path, start: Any, result: Any, size: str
) -> None:
    said = result(start(TRY, under=small_disk(tmp_path / "data", size)))
    assert said.split() == ["disk_full"]
