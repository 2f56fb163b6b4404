"""Both sides from a CSV file, as spreadsheets and scripts write them."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from engine.errors import BadTable, MissingPath, NotTwoGroups
from engine.images.open_safely import read_file
from engine.images.scan import Listing
from engine.images.table import scan_table
from engine.job import JobControl
from engine.protocol import TableSource


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("a.jpg", "b.jpg", "c.jpg", "sub/d.jpg"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"x")
    return tmp_path


def scan(folder: Path, text: str | bytes, **columns: str) -> tuple[Listing, Listing]:
    table = folder / "table.csv"
    table.write_bytes(text.encode() if isinstance(text, str) else text)
    return scan_table(TableSource(str(table), **columns), job=JobControl())


def captions(listing: Listing) -> dict[str, str]:
    return {file.name: file.caption for file in listing.files}


PLAIN = "path,group,caption\nb.jpg,cats,a cat\na.jpg,dogs,a dog\nsub/d.jpg,cats,two cats\n"


@pytest.mark.parametrize(
    "written",
    [
        PLAIN.encode(),
        PLAIN.encode("utf-8-sig"),
        PLAIN.encode("utf-16"),
        PLAIN.replace(",", ";").encode(),
        PLAIN.replace(",", "\t").encode(),
        PLAIN.replace("\n", "\r\n").encode(),
        b"sep=;\r\n" + PLAIN.replace(",", ";").encode(),
        PLAIN.replace("path,group", " Path , GROUP").encode(),
    ],
    ids=["utf-8", "mark", "utf-16", "semicolon", "tabulator", "crlf", "excel", "spelling"],
)
def test_a_table_as_programs_write_it(folder: Path, written: bytes) -> None:
    a, b = scan(folder, written)
    assert (a.label, captions(a)) == ("cats", {"b.jpg": "a cat", "sub/d.jpg": "two cats"})
    assert (b.label, captions(b)) == ("dogs", {"a.jpg": "a dog"})
    assert a.files[0].root == str(folder)


def test_quoted_line_breaks_and_delimiters_belong_to_the_caption(folder: Path) -> None:
    a, _ = scan(folder, 'path,group,caption\na.jpg,x,"one, two\nthree ""four"""\nb.jpg,y,\n')
    assert captions(a) == {"a.jpg": 'one, two\nthree "four"'}


def test_columns_and_groups_can_be_named(folder: Path) -> None:
    text = "file,kind,words\na.jpg,1,one\nb.jpg,2,two\nc.jpg,3,three\n"
    a, b = scan(
        folder,
        text,
        path_column="file",
        group_column="kind",
        caption_column="words",
        group_a="3",
        group_b="1",
    )
    assert captions(a) == {"c.jpg": "three"}
    assert captions(b) == {"a.jpg": "one"}
    two = "path,group\na.jpg,x\nb.jpg,y\n"
    assert [side.label for side in scan(folder, two, group_b="x")] == ["y", "x"]


def test_a_file_that_does_not_exist_is_skipped_once(folder: Path) -> None:
    a, _ = scan(folder, "path,group\na.jpg,x\nno.jpg,x\nno.jpg,x\nsub,x\nb.jpg,y\n")
    assert [(item.name, item.code) for item in a.skipped] == [
        ("no.jpg", "missing_in_table"),
        ("sub", "not_an_image"),
    ]
    assert a.skipped[0].path == str(folder / "no.jpg")


def test_a_path_that_stands_twice_is_kept_once_with_both_captions(folder: Path) -> None:
    a, b = scan(
        folder,
        "path,group,caption\na.jpg,x,sitting\n./a.jpg,x,standing\na.jpg,x,sitting\na.jpg,y,lying\n",
    )
    assert captions(a) == {"a.jpg": "sitting\nstanding"}
    assert captions(b) == {"a.jpg": "lying"}


def test_absolute_paths_and_paths_above_the_table(folder: Path) -> None:
    elsewhere = folder / "sub"
    (elsewhere / "table.csv").write_text(f"path,group\n../a.jpg,x\n{folder / 'b.jpg'},y\nd.jpg,y\n")
    a, b = scan_table(TableSource(str(elsewhere / "table.csv")), job=JobControl())
    assert [(file.root, file.name) for file in a.files] == [(str(folder), "a.jpg")]
    assert [file.path for file in b.files] == [str(folder / "b.jpg"), str(elsewhere / "d.jpg")]


def test_text_beside_a_file_of_a_table_belongs_to_it(folder: Path) -> None:
    (folder / "a.txt").write_text("a cat")
    a, _ = scan(folder, "path,group\na.jpg,x\nb.jpg,y\n")
    assert a.files[0].sidecar == "a.txt"


@pytest.mark.skipif(sys.platform == "win32", reason="there it is the usual separator")
def test_a_table_written_on_windows(folder: Path) -> None:
    a, _ = scan(folder, "path,group\nsub\\d.jpg,x\nb.jpg,y\n")
    assert [file.name for file in a.files] == ["sub/d.jpg"]


@pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX files")
def test_named_links_are_followed_and_pipes_are_not_opened(folder: Path) -> None:
    (folder / "link.jpg").symlink_to("a.jpg")
    os.mkfifo(folder / "pipe.jpg")
    a, _ = scan(folder, "path,group\nlink.jpg,x\npipe.jpg,x\nb.jpg,y\n")
    assert [file.name for file in a.files] == ["link.jpg"]
    assert read_file(a.files[0].open_path).data == b"x"
    assert [item.code for item in a.skipped] == ["special_file"]


def test_other_than_two_groups_are_refused_with_their_counts(folder: Path) -> None:
    three = "path,group\na.jpg,x\nb.jpg,y\nc.jpg,z\nsub/d.jpg,x\n"
    with pytest.raises(NotTwoGroups, match=r"3 values: x \(2\), y \(1\), z \(1\)"):
        scan(folder, three)
    with pytest.raises(NotTwoGroups, match="“w” is none of them"):
        scan(folder, three, group_a="x", group_b="w")
    with pytest.raises(NotTwoGroups):
        scan(folder, three, group_a="x", group_b="x")
    with pytest.raises(NotTwoGroups):
        scan(folder, "path,group\na.jpg,x\n")
    with pytest.raises(NotTwoGroups, match="no value"):
        scan(folder, "path,group\na.jpg,\n")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("file,kind\na.jpg,x\n", "“path”.*“file”, “kind”"),
        ("path,kind\na.jpg,x\n", "“group”.*“path”, “kind”"),
        (b"", "empty"),
        ("path,group,caption\na.jpg,x,caf\xe9\n".encode("latin-1"), "UTF-8"),
        ('path,group,caption\na.jpg,x,"never closed\n', "Line"),
        ("path,group\na.jpg,x\n,y\n", "Line 3"),
    ],
)
def test_what_is_no_such_table_is_refused(folder: Path, text: str | bytes, words: str) -> None:
    with pytest.raises(BadTable, match=words) as refusal:
        scan(folder, text)
    assert refusal.value.hint


def test_a_missing_table_is_refused(tmp_path: Path) -> None:
    with pytest.raises(MissingPath):
        scan_table(TableSource(str(tmp_path / "no.csv")), job=JobControl())
    with pytest.raises(BadTable):
        scan_table(TableSource(str(tmp_path)), job=JobControl())
