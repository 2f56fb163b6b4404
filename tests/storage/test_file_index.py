"""A file is read again exactly when it may have changed."""

from __future__ import annotations

import pytest

from engine.storage.store import FileKey, KnownFile, Store

SECOND = 1_000_000_000
NOW = 1_700_000_000 * SECOND
OLD = NOW - 3600 * SECOND
KEY: FileKey = (2049, 123, 5_000, OLD, OLD)
CONTENT = "0f" * 16


def remember(store: Store, key: FileKey, content_id: str = CONTENT, code: str = "") -> None:
    store.remember_files([(key, content_id, code)], read_after_ns=NOW, reader="r1")


def test_an_unchanged_file_is_known_by_its_content(store: Store) -> None:
    remember(store, KEY)
    assert store.known_files([KEY]) == {KEY: KnownFile(CONTENT, "")}


@pytest.mark.parametrize(
    "cause", range(5), ids=["device", "inode", "size", "content", "attributes"]
)
def test_every_cause_of_a_change_counts(store: Store, cause: int) -> None:
    remember(store, KEY)
    changed = list(KEY)
    changed[cause] += 1
    other: FileKey = (changed[0], changed[1], changed[2], changed[3], changed[4])
    assert store.known_files([other]) == {}


@pytest.mark.parametrize("inode", [0, 2**63, 2**64 - 1, 2**128 - 1])
def test_inodes_of_any_size_and_times_before_1970_fit(store: Store, inode: int) -> None:
    key: FileKey = (2**64 - 1, inode, 2**62, -5 * SECOND, -1)
    remember(store, key)
    assert store.known_files([key, KEY]) == {key: KnownFile(CONTENT, "")}


@pytest.mark.parametrize(
    ("changed", "attributes", "kept"),
    [
        (NOW - 3 * SECOND, OLD, True),
        (NOW - 1 * SECOND, OLD, False),
        (OLD, NOW - 1 * SECOND, False),
        (NOW + 5 * SECOND, OLD, False),
    ],
)
def test_a_file_that_changed_just_before_it_was_read_is_read_again(
    store: Store, changed: int, attributes: int, kept: bool
) -> None:
    key: FileKey = (1, 1, 1, changed, attributes)
    remember(store, key)
    assert (key in store.known_files([key])) is kept


def test_lasting_failures_are_known_to_the_reader_that_met_them(store: Store) -> None:
    remember(store, KEY, "", "too_many_pixels")
    assert store.known_files([KEY], reader="r1") == {KEY: KnownFile("", "too_many_pixels")}
    assert store.known_files([KEY], reader="r2") == {}
    assert store.known_files([KEY]) == {}


@pytest.mark.parametrize(
    "code", ["timeout", "crashed", "out_of_memory", "no_permission", "io_error"]
)
def test_failures_that_may_pass_are_tried_again(store: Store, code: str) -> None:
    remember(store, KEY, "", code)
    assert store.known_files([KEY], reader="r1") == {}


def test_a_reader_without_a_name_leaves_no_failure_behind(store: Store) -> None:
    store.remember_files([(KEY, "", "damaged")], read_after_ns=NOW)
    assert store.known_files([KEY]) == {}


def test_a_file_that_can_be_read_by_now_is_no_failure_any_more(store: Store) -> None:
    remember(store, KEY, "", "unsupported")
    remember(store, KEY)
    assert store.known_files([KEY], reader="r1") == {KEY: KnownFile(CONTENT, "")}


def test_thousands_at_once(store: Store) -> None:
    keys: list[FileKey] = [(1, n, n, OLD, OLD) for n in range(3_001)]
    store.remember_files(
        [(key, f"{n:032x}", "") for n, key in enumerate(keys) if n % 3], read_after_ns=NOW
    )
    known = store.known_files(keys)
    assert {key: file.content_id for key, file in known.items()} == {
        key: f"{n:032x}" for n, key in enumerate(keys) if n % 3
    }
