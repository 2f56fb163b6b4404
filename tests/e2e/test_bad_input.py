"""Whatever is handed in: one clear sentence, a code, the next step, and nothing lost."""

from __future__ import annotations

import os
import shutil
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.photo_folder import write_photos


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    folder = tmp_path / "photos"
    write_photos(folder, 8, 1)
    return folder


def refused(answer: Any, code: str, status: int = 2) -> str:
    assert answer.status == status, answer.err
    assert f"[{code}]" in answer.err
    assert "→" in answer.err, "the next step is missing"
    assert "Traceback" not in answer.err
    return str(answer.err)


def test_missing_folder(twofold: Any, photos: Path) -> None:
    message = refused(twofold("compare", photos, photos.parent / "nowhere"), "missing_path")
    assert "nowhere" in message


def test_empty_folder(twofold: Any, photos: Path) -> None:
    empty = photos.parent / "empty"
    empty.mkdir()
    assert "Side B" in refused(twofold("compare", photos, empty), "no_images")


def test_folder_without_an_image(twofold: Any, photos: Path) -> None:
    other = photos.parent / "letters"
    other.mkdir()
    (other / "letter.txt").write_text("Dear Sir")
    (other / "song.mp3").write_bytes(b"ID3")
    assert "other files" in refused(twofold("compare", photos, other), "no_images")


def test_only_broken_images(twofold: Any, photos: Path) -> None:
    broken = photos.parent / "broken"
    broken.mkdir()
    (broken / "a.jpg").write_text("not an image")
    assert "not_an_image" in refused(twofold("compare", photos, broken), "no_images")


def test_same_folder_twice(twofold: Any, photos: Path) -> None:
    refused(twofold("compare", photos, photos), "same_set")
    refused(twofold("compare", photos, photos / ".." / photos.name), "same_set")


def test_copy_of_the_same_folder(twofold: Any, photos: Path) -> None:
    shutil.copytree(photos, photos.parent / "copy")
    exported = twofold.compare_to_json(photos, photos.parent / "copy")
    assert exported["verdict"]["outcome"] == "identical"
    assert exported["findings"] == []


def test_one_image_a_side(twofold: Any, tmp_path: Path) -> None:
    write_photos(tmp_path / "a", 1, 1)
    write_photos(tmp_path / "b", 1, 2)
    answer = twofold("compare", tmp_path / "a", tmp_path / "b", "--report", tmp_path / "r.pdf")
    assert answer.status == 0, answer.err
    assert "Too few" in answer.out
    assert (tmp_path / "r.pdf").exists()


def test_three_against_many(twofold: Any, tmp_path: Path) -> None:
    write_photos(tmp_path / "few", 3, 1, brightness=60)
    write_photos(tmp_path / "many", 400, 2)
    exported = twofold.compare_to_json(tmp_path / "few", tmp_path / "many")
    assert exported["sets"]["A"]["compared"] == 3
    assert "very_unequal" in {note["code"] for note in exported["notes"]}
    brighter = next(f for f in exported["findings"] if f["description"] == "brighter images")
    assert brighter["side"] == "A"
    assert brighter["test"] in ("exact", "permutation")
    assert brighter["n_a"] == 3


def test_damaged_files_are_named_and_not_fatal(twofold: Any, photos: Path) -> None:
    other = photos.parent / "mixed"
    write_photos(other, 5, 7)
    whole = next(other.glob("*.jpg")).read_bytes()
    (other / "cut.jpg").write_bytes(whole[: len(whole) // 2])
    (other / "words.png").write_text("hello")
    (other / "nothing.webp").write_bytes(b"")
    os.mkfifo(other / "pipe.jpg")
    (other / "out.jpg").symlink_to(photos.parent / "elsewhere.jpg")
    exported = twofold.compare_to_json(photos, other)
    codes = {Path(s["path"]).name: s["code"] for s in exported["sets"]["B"]["skipped"]}
    assert codes == {
        "cut.jpg": "damaged",
        "words.png": "not_an_image",
        "nothing.webp": "empty_file",
        "pipe.jpg": "special_file",
        "out.jpg": "broken_link",
    }
    assert exported["sets"]["B"]["compared"] == 5


@pytest.mark.parametrize(
    "name",
    [
        "two\nlines.jpg",
        "left‮gpj.thgir.jpg",
        "ñ" * 120 + ".jpg",
        " lead.jpg",
        "-rf.jpg",
        "[red].jpg",
    ],
)
def test_odd_names(twofold: Any, photos: Path, name: str) -> None:
    other = photos.parent / "odd"
    write_photos(other, 2, 5)
    next(other.glob("*.jpg")).rename(other / name)
    pdf = photos.parent / "odd.pdf"
    answer = twofold("compare", photos, other, "--report", pdf, "--file-names")
    assert answer.status == 0, answer.err
    assert pdf.exists()


def test_bad_tables(twofold: Any, tmp_path: Path, photos: Path) -> None:
    table = tmp_path / "t.csv"
    table.write_text("file,side\nx.jpg,A\n")
    assert "file" in refused(twofold("compare", "--csv", table), "bad_table")
    table.write_text("path,group\nphotos/a.jpg,A\nphotos/b.jpg,B\nphotos/c.jpg,C\n")
    refused(twofold("compare", "--csv", table), "not_two_groups")
    refused(twofold("compare", "--csv", tmp_path / "no.csv"), "missing_path")


def test_parent_without_two_subfolders(twofold: Any, tmp_path: Path) -> None:
    write_photos(tmp_path / "p" / "one", 2, 1)
    refused(twofold("compare", tmp_path / "p"), "not_two_groups")


def test_bad_recipe(twofold: Any, photos: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    write_photos(other, 2, 2)
    refused(twofold("compare", photos, other, "--recipe", "magic"), "bad_recipe")
    recipe = tmp_path / "mine.toml"
    recipe.write_text("alhpa = 0.1\n")
    message = refused(twofold("compare", photos, other, "--recipe", recipe), "bad_recipe")
    assert "alhpa" in message


def test_unknown_comparison(twofold: Any) -> None:
    refused(twofold("report", "abcdef"), "unknown_comparison")
    refused(twofold("forget", "abcdef"), "unknown_comparison")


def test_only_one_side(twofold: Any, photos: Path) -> None:
    assert "Side B" in refused(twofold("compare", "--a", photos), "bad_input")


def test_wrong_usage_is_told(twofold: Any, photos: Path) -> None:
    answer = twofold("compare")
    assert answer.status == 2
    assert "two folders" in answer.err


def test_damaged_database_is_left_alone(twofold: Any, photos: Path, tmp_path: Path) -> None:
    write_photos(tmp_path / "other", 3, 2)
    twofold.data.mkdir()
    database = twofold.data / "twofold.sqlite3"
    database.write_bytes(b"this was a database once" * 400)
    message = refused(twofold("compare", photos, tmp_path / "other"), "database_damaged", 74)
    assert "twofold.sqlite3" in message
    assert database.read_bytes().startswith(b"this was")


def test_newer_database_is_refused(twofold: Any, photos: Path) -> None:
    twofold("list")
    with sqlite3.connect(twofold.data / "twofold.sqlite3") as database:
        database.execute("PRAGMA user_version = 999")
    refused(twofold("list"), "database_newer", 74)


def test_report_into_a_missing_folder(twofold: Any, photos: Path, tmp_path: Path) -> None:
    write_photos(tmp_path / "other", 3, 2)
    target = tmp_path / "no" / "where" / "r.pdf"
    answer = twofold("compare", photos, tmp_path / "other", "--report", target)
    assert answer.status in (2, 74)
    assert "→" in answer.err
    assert len(twofold("list").out.splitlines()) == 1, "the comparison itself is kept"
