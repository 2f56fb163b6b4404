"""Listing a side: what counts, what is left alone, what is skipped and why."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from engine.errors import Cancelled, MissingPath, NoPermission, NotTwoGroups
from engine.images.open_safely import read_file
from engine.images.scan import Listing, scan_parent, scan_paths
from engine.job import JobControl
from tests.fakes import odd_files

posix = pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX files")


def scan(*paths: Path | str, recursive: bool = True, label: str = "") -> Listing:
    return scan_paths([str(p) for p in paths], recursive=recursive, label=label, job=JobControl())


def touch(folder: Path, *names: str) -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")


def names(listing: Listing) -> list[str]:
    return [file.name for file in listing.files]


def skipped(listing: Listing) -> dict[str, str]:
    return {item.name: item.code for item in listing.skipped}


def test_images_are_listed_by_suffix_and_name(tmp_path: Path) -> None:
    touch(tmp_path, "b.PNG", "a.jpg", "sub/c.HeIc", "sub/deep/d.tif", "notes.md", "film.mp4", "jpg")
    listing = scan(tmp_path)
    assert names(listing) == ["a.jpg", "b.PNG", "sub/c.HeIc", "sub/deep/d.tif"]
    assert listing.other_files == 3
    assert listing.subfolders == ("sub",)
    assert listing.label == tmp_path.name
    entry = listing.files[0]
    status = (tmp_path / "a.jpg").stat()
    assert entry.root == str(tmp_path)
    assert entry.path == str(tmp_path / "a.jpg")
    assert (entry.size_bytes, entry.mtime_ns, entry.inode) == (1, status.st_mtime_ns, status.st_ino)


def test_subfolders_are_left_out_when_asked(tmp_path: Path) -> None:
    touch(tmp_path, "a.jpg", "sub/c.jpg")
    listing = scan(tmp_path, recursive=False)
    assert names(listing) == ["a.jpg"]
    assert listing.subfolders == ()


def test_hidden_files_and_leftovers_do_not_exist(tmp_path: Path) -> None:
    touch(
        tmp_path,
        *("a.jpg", "._a.jpg", ".hidden.png", ".DS_Store", "Thumbs.db", "desktop.ini"),
        *(".git/b.jpg", "@eaDir/a.jpg/SYNOPHOTO_THUMB.jpg", "__MACOSX/a.jpg"),
    )
    listing = scan(tmp_path)
    assert names(listing) == ["a.jpg"]
    assert listing.other_files == 0
    assert listing.skipped == []


def test_an_empty_folder_is_an_empty_listing(tmp_path: Path) -> None:
    listing = scan(tmp_path)
    assert (listing.files, listing.skipped, listing.other_files) == ([], [], 0)


def test_text_beside_an_image_belongs_to_it(tmp_path: Path) -> None:
    touch(tmp_path, "a.jpg", "a.txt", "a.jpg.txt", "b.png", "B.CAPTION", "c.jpg", "readme.txt")
    listing = scan(tmp_path)
    assert {file.name: file.sidecar for file in listing.files} == {
        "a.jpg": "a.jpg.txt",
        "b.png": "B.CAPTION",
        "c.jpg": "",
    }
    assert listing.other_files == 2, "a.txt, which nothing uses, and readme.txt"


def test_single_files_and_folders_mix_without_counting_twice(tmp_path: Path) -> None:
    touch(tmp_path, "a.jpg", "sub/b.jpg", "sub/c.txt", "other/d.jpg", "other/e.jpg", "other/d.txt")
    listing = scan(
        tmp_path / "sub",
        tmp_path / "sub" / "b.jpg",
        tmp_path / "other" / "d.jpg",
        tmp_path / "other" / "d.jpg",
        tmp_path / "other" / "d.txt",
        tmp_path / "sub" / ".." / "sub",
    )
    assert names(listing) == ["b.jpg", "d.jpg"]
    assert listing.files[1].root == str(tmp_path / "other")
    assert listing.files[1].sidecar == "d.txt"
    assert listing.other_files == 2
    assert listing.label == "sub"


def test_a_folder_within_a_chosen_folder_is_counted_once(tmp_path: Path) -> None:
    touch(tmp_path, "a.jpg", "sub/b.jpg")
    for order in ((tmp_path, tmp_path / "sub"), (tmp_path / "sub", tmp_path)):
        assert len(scan(*order).files) == 2


def test_the_label_of_a_single_file_is_its_folder(tmp_path: Path) -> None:
    touch(tmp_path, "holiday/a.jpg")
    assert scan(tmp_path / "holiday" / "a.jpg").label == "holiday"
    assert scan(tmp_path / "holiday", label="Summer").label == "Summer"


def test_missing_paths_are_refused(tmp_path: Path) -> None:
    for path in (tmp_path / "nowhere", "", "a\0b"):
        with pytest.raises(MissingPath) as refusal:
            scan(path)
        assert refusal.value.hint


def test_a_cancelled_scan_stops(tmp_path: Path) -> None:
    touch(tmp_path, "a.jpg")
    job = JobControl()
    job.cancel()
    with pytest.raises(Cancelled):
        scan_paths([str(tmp_path)], recursive=True, label="", job=job)


def test_progress_counts_files(tmp_path: Path) -> None:
    touch(tmp_path, *(f"{i}.jpg" for i in range(50)))
    seen: list[tuple[str, int, int]] = []
    job = JobControl(lambda stage, done, total: seen.append((stage, done, total)))
    scan_paths([str(tmp_path)], recursive=True, label="", job=job)
    assert seen[-1] == ("scan", 50, 0)


# --- names --------------------------------------------------------------------------------


@posix
def test_strange_names_are_kept_and_can_be_opened(tmp_path: Path) -> None:
    written = odd_files.strange_names(tmp_path)
    listing = scan(tmp_path)
    assert sorted(names(listing)) == sorted(path.name for path in written)
    for file in listing.files:
        assert read_file(file.open_path).data.startswith(b"\xff\xd8")


@pytest.mark.skipif(sys.platform != "linux", reason="macOS and Windows refuse such names")
def test_a_name_that_is_no_unicode_is_shown_and_can_be_opened(tmp_path: Path) -> None:
    folder = Path(os.fsdecode(os.fsencode(tmp_path) + b"/d\xe9j\xe0"))
    folder.mkdir()
    odd_files.name_without_unicode(folder)
    listing = scan(tmp_path)
    (file,) = listing.files
    assert file.name == "d\ufffdj\ufffd/caf\ufffd.jpg"
    json.dumps([file.path, file.name, file.root], ensure_ascii=False).encode()
    assert read_file(file.open_path).data.startswith(b"\xff\xd8")
    assert listing.subfolders == ("d\ufffdj\ufffd",)
    (file,) = scan(folder).files
    assert read_file(file.open_path).data.startswith(b"\xff\xd8")


# --- links and special files --------------------------------------------------------------


@posix
def test_links_within_the_folder_count_once(tmp_path: Path) -> None:
    touch(tmp_path, "a.jpg", "sub/b.jpg", ".store/c.bin")
    (tmp_path / "again.jpg").symlink_to("a.jpg")
    (tmp_path / "c.jpg").symlink_to(".store/c.bin")
    (tmp_path / "d.jpg").symlink_to(".store/c.bin")
    (tmp_path / "linked").symlink_to("sub", target_is_directory=True)
    touch(tmp_path, "c.txt")
    listing = scan(tmp_path)
    assert names(listing) == ["a.jpg", "c.jpg", "sub/b.jpg"]
    assert (listing.files[1].sidecar, listing.other_files) == ("c.txt", 0)
    assert listing.skipped == []
    assert read_file(listing.files[1].open_path).data == b"x"


@posix
def test_a_linked_folder_that_is_listed_nowhere_else_is_followed(tmp_path: Path) -> None:
    touch(tmp_path, ".store/one/a.jpg", "b.jpg")
    (tmp_path / "linked").symlink_to(".store/one", target_is_directory=True)
    listing = scan(tmp_path)
    assert names(listing) == ["b.jpg", "linked/a.jpg"]
    assert read_file(listing.files[1].open_path).data == b"x"


@posix
def test_links_out_of_the_folder_are_not_followed(tmp_path: Path) -> None:
    touch(tmp_path, "inside/a.jpg", "outside/secret.jpg")
    inside = tmp_path / "inside"
    (inside / "out.jpg").symlink_to("../outside/secret.jpg")
    (inside / "folder").symlink_to("../outside", target_is_directory=True)
    listing = scan(inside)
    assert names(listing) == ["a.jpg"]
    assert skipped(listing) == {"folder": "outside_link", "out.jpg": "outside_link"}
    assert names(scan(inside, tmp_path / "outside")) == ["a.jpg", "secret.jpg"]


@posix
def test_broken_links_and_loops_are_named(tmp_path: Path) -> None:
    touch(tmp_path, "sub/a.jpg")
    (tmp_path / "gone.jpg").symlink_to("nowhere.jpg")
    (tmp_path / "one.jpg").symlink_to("two.jpg")
    (tmp_path / "two.jpg").symlink_to("one.jpg")
    (tmp_path / "sub" / "up").symlink_to("..", target_is_directory=True)
    (tmp_path / "gone.txt").symlink_to("nowhere.txt")
    listing = scan(tmp_path)
    assert names(listing) == ["sub/a.jpg"]
    assert skipped(listing) == {
        "gone.jpg": "broken_link",
        "one.jpg": "link_loop",
        "two.jpg": "link_loop",
        "sub/up": "link_loop",
    }
    assert all(item.reason and item.path.startswith(str(tmp_path)) for item in listing.skipped)


@posix
def test_a_chosen_link_is_followed(tmp_path: Path) -> None:
    touch(tmp_path, "real/a.jpg")
    (tmp_path / "link").symlink_to("real", target_is_directory=True)
    (tmp_path / "b.jpg").symlink_to("real/a.jpg")
    (file,) = scan(tmp_path / "link").files
    assert file.path == str(tmp_path / "link" / "a.jpg")
    (file,) = scan(tmp_path / "b.jpg").files
    assert file.name == "b.jpg"
    assert read_file(file.open_path).data == b"x"


@posix
def test_special_files_are_named_and_not_opened(tmp_path: Path) -> None:
    odd_files.pipe(tmp_path)
    assert skipped(scan(tmp_path)) == {"pipe.jpg": "special_file"}
    assert skipped(scan(tmp_path / "pipe.jpg")) == {"pipe.jpg": "special_file"}


@contextmanager
def unreadable(folder: Path) -> Iterator[None]:
    folder.chmod(0)
    try:
        if os.access(folder, os.R_OK):
            pytest.skip("this user may read everything")
        yield
    finally:
        folder.chmod(0o700)


def test_a_folder_that_cannot_be_listed_is_named(tmp_path: Path) -> None:
    touch(tmp_path, "a.jpg", "closed/b.jpg")
    with unreadable(tmp_path / "closed"):
        listing = scan(tmp_path)
        assert names(listing) == ["a.jpg"]
        assert skipped(listing) == {"closed": "unreadable_folder"}
        with pytest.raises(NoPermission):
            scan(tmp_path / "closed")
        with pytest.raises(NoPermission):
            scan(tmp_path / "closed" / "b.jpg")


# --- one parent with two subfolders -------------------------------------------------------


def test_a_parent_with_two_subfolders_gives_both_sides(tmp_path: Path) -> None:
    touch(tmp_path, "dogs/b.jpg", "cats/a.jpg", "cats/more/c.jpg", "notes/readme.md", ".x/d.jpg")
    a, b = scan_parent(str(tmp_path), job=JobControl())
    assert (a.label, names(a)) == ("cats", ["a.jpg", "more/c.jpg"])
    assert (b.label, names(b)) == ("dogs", ["b.jpg"])


def test_a_parent_with_other_than_two_subfolders_is_refused(tmp_path: Path) -> None:
    touch(tmp_path, "cats/a.jpg", "notes/readme.md")
    with pytest.raises(NotTwoGroups, match=r"1 subfolder that holds images: cats \(1\)"):
        scan_parent(str(tmp_path), job=JobControl())
    touch(tmp_path, "dogs/b.jpg", "dogs/c.jpg", "fish/d.jpg")
    with pytest.raises(NotTwoGroups, match=r"cats \(1\), dogs \(2\), fish \(1\)"):
        scan_parent(str(tmp_path), job=JobControl())
    with pytest.raises(NotTwoGroups):
        scan_parent(str(tmp_path / "cats" / "a.jpg"), job=JobControl())
    with pytest.raises(MissingPath):
        scan_parent(str(tmp_path / "nowhere"), job=JobControl())
