"""What is forgotten is gone to the last byte; what others need stays."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from engine.errors import StorageError, UnknownComparison
from engine.protocol import Job, SetSource
from engine.storage.paths import Place, data_place
from engine.storage.store import FileKey, Reading, Store
from engine.vocabulary import Comparison, ImageRef, Side
from tests.fakes.sample_comparison import sample_comparison

OLD, NOW = 1, 10**18
SECRET_ROOT = "/home/somebody/The-Quiet-Folder"
SECRETS = (b"Quiet-Folder", b"photo-of-somebody", b"Label-Nobody-Knows", b"secret caption")


@pytest.fixture(scope="module")
def plain() -> Comparison:
    return sample_comparison(findings=3)


def secret(plain: Comparison) -> Comparison:
    return replace(plain, id="5ec3e7", a=replace(plain.a, label="Label-Nobody-Knows"))


def members(numbers: range, root: str = SECRET_ROOT) -> list[tuple[Side, ImageRef]]:
    return [
        (
            Side.A if n % 2 else Side.B,
            ImageRef(root, f"photo-of-somebody-{n}.jpg", f"{n:032x}", 1, 1, "JPEG"),
        )
        for n in numbers
    ]


def fill(store: Store, numbers: range, reading: Callable[[int], Reading]) -> list[FileKey]:
    keys: list[FileKey] = [(1, n, n, OLD, OLD) for n in numbers]
    store.add_readings(map(reading, numbers), "1")
    store.remember_files(
        [(key, f"{key[1]:032x}", "") for key in keys], read_after_ns=NOW, reader="r"
    )
    for n in numbers:
        store.thumbnail_path(f"{n:032x}").write_bytes(b"pixels")
    return keys


def everything(place: Place) -> bytes:
    return b"".join(path.read_bytes() for path in place.root.rglob("*") if path.is_file())


def known(store: Store, numbers: range) -> set[int]:
    return {int(one, 16) for one in store.readings([f"{n:032x}" for n in numbers], "1")}


def test_no_byte_of_a_forgotten_comparison_stays(
    place: Place, store: Store, plain: Comparison, reading: Callable[[int], Reading]
) -> None:
    fill(store, range(2_000), reading)
    job = Job(a=SetSource((SECRET_ROOT,)), b=SetSource((SECRET_ROOT + "/b",)))
    note = replace(plain.findings[0], description="secret caption of it")
    store.save(replace(secret(plain), findings=(note,)), members(range(2_000)), job)
    store.save(secret(plain), members(range(500, 1_500)), job)  # rows moved about and deleted
    store.save(replace(secret(plain), findings=(note,)), members(range(2_000)), job)
    before = everything(place)
    assert all(words in before for words in SECRETS)

    assert store.forget("5ec") == 1

    while_open = everything(place)
    assert not [words for words in SECRETS if words in while_open]
    assert not any(place.thumbnails.iterdir())
    assert known(store, range(2_000)) == set()
    store.close()
    after = everything(place)
    assert not [words for words in SECRETS if words in after]


def test_what_another_comparison_uses_stays(
    store: Store, plain: Comparison, reading: Callable[[int], Reading]
) -> None:
    keys = fill(store, range(40), reading)
    store.save(secret(plain), members(range(20)))
    store.save(plain, members(range(10, 30), "/home/somebody/kept"))

    store.forget("5ec3e7")

    assert known(store, range(40)) == set(range(10, 40))  # 30 … 39: of an unfinished run
    assert {key[1] for key in store.known_files(keys)} == set(range(10, 40))
    assert [n for n in range(40) if store.thumbnail_path(f"{n:032x}").exists()] == [*range(10, 40)]
    assert store.load(plain.id) == plain
    assert len(store.member_paths(plain.id, [f"{n:032x}" for n in range(40)])) == 20
    with pytest.raises(UnknownComparison):
        store.forget("5ec3e7")


def test_forgetting_everything_takes_unfinished_runs_along(
    place: Place, store: Store, plain: Comparison, reading: Callable[[int], Reading]
) -> None:
    keys = fill(store, range(60), reading)
    store.remember_files([((9, 9, 9, OLD, OLD), "", "damaged")], read_after_ns=NOW, reader="r")
    store.save(secret(plain), members(range(20)))
    store.save(plain, members(range(20, 30)))

    assert store.forget_all() == 2

    assert store.entries() == []
    assert known(store, range(60)) == set()
    assert store.known_files([*keys, (9, 9, 9, OLD, OLD)], reader="r") == {}
    assert not place.thumbnails.exists()
    assert b"photo-of-somebody" not in everything(place)
    assert b"brightness" not in everything(place).partition(b"CREATE")[0]
    assert store.forget_all() == 0
    fill(store, range(3), reading)  # and goes on working
    assert known(store, range(3)) == {0, 1, 2}


def test_a_failure_known_of_a_file_is_forgotten_with_any_comparison(
    store: Store, plain: Comparison
) -> None:
    key: FileKey = (9, 9, 9, OLD, OLD)
    store.remember_files([(key, "", "damaged")], read_after_ns=NOW, reader="r")
    store.save(secret(plain), members(range(2)))
    store.forget("5ec3e7")
    assert store.known_files([key], reader="r") == {}


def test_where_another_process_is_in_the_way_it_is_said_and_made_up_for(
    tmp_path: Path, place: Place, store: Store, plain: Comparison
) -> None:
    store.save(secret(plain), members(range(500)))
    reader = sqlite3.connect(place.database, isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM members").fetchone()

    with pytest.raises(StorageError, match="It is deleted, but"):
        store.forget("5ec3e7")
    assert store.entries() == []
    reader.close()
    store.close()

    with data_place(tmp_path / "data") as again, Store.open(again):
        left = everything(again)
        assert not [words for words in SECRETS if words in left]


def test_usage_counts_what_lies_there(
    place: Place, store: Store, reading: Callable[[int], Reading]
) -> None:
    assert store.usage()["thumbnails"] == 0
    fill(store, range(5), reading)
    used = store.usage()
    assert used["thumbnails"] == 5 * len(b"pixels")
    assert used["database"] == sum(
        path.stat().st_size for path in place.root.iterdir() if path.is_file()
    )
