"""A person compares two folders from the command line."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path
from typing import Any

import pypdf
import pytest

from tests.fakes.photo_folder import write_photos


@pytest.fixture
def pair(tmp_path: Path) -> tuple[Path, Path]:
    """B is brighter; half of A's texts speak of a lighthouse."""
    a, b = tmp_path / "harbour", tmp_path / "meadow"
    write_photos(a, 60, 1, caption=["a lighthouse by the sea", "the sea"])
    write_photos(b, 60, 2, brightness=45, caption="cows on a meadow")
    return a, b


def test_names_what_differs_and_on_which_side(twofold: Any, pair: tuple[Path, Path]) -> None:
    exported = twofold.compare_to_json(*pair)
    assert exported["verdict"]["outcome"] == "differ"
    assert exported["sets"]["A"]["label"] == "harbour"
    assert exported["sets"]["A"]["compared"] == exported["sets"]["B"]["compared"] == 60
    found = {f["description"]: f for f in exported["findings"] if f["significant"]}
    brighter = found["brighter images"]
    assert brighter["side"] == "B"
    assert 0.8 < brighter["auroc_low"] <= brighter["auroc"] <= brighter["auroc_high"] <= 1
    assert brighter["q"] < 0.001
    phrases = {f["side"]: f for f in found.values() if f["origin"] == "phrases"}
    assert "sea" in phrases["A"]["description"]
    assert phrases["A"]["held_out"] is True
    assert phrases["A"]["rate_a"] == 1 and phrases["A"]["rate_b"] == 0


def test_prints_plain_lines_when_piped(twofold: Any, pair: tuple[Path, Path]) -> None:
    answer = twofold("compare", *pair)
    assert answer.status == 0
    lines = answer.out.splitlines()
    assert any(line.startswith("The two sets differ") for line in lines)
    assert any("\tB\tbrighter images\t" in line for line in lines)
    assert "\x1b" not in answer.out + answer.err


def test_writes_every_kind_of_report(twofold: Any, pair: tuple[Path, Path], tmp_path: Path) -> None:
    pdf, html, table = tmp_path / "r.pdf", tmp_path / "r.html", tmp_path / "r.csv"
    answer = twofold("compare", *pair, "--report", pdf, "--html", html, "--table", table)
    assert answer.status == 0, answer.err
    text = "".join(page.extract_text() for page in pypdf.PdfReader(pdf).pages)
    assert "brighter images" in text
    assert str(tmp_path) not in text
    assert "brighter images" in html.read_text(encoding="utf-8")
    with table.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert any(row["description"] == "brighter images" and row["side"] == "B" for row in rows)


def test_same_seed_gives_the_same_bytes(
    twofold: Any, pair: tuple[Path, Path], tmp_path: Path
) -> None:
    files = []
    for run, data in enumerate(("one", "two")):
        target = tmp_path / f"{run}.pdf"
        fresh = type(twofold)(tmp_path / data)
        assert fresh("compare", *pair, "--report", target, "--date", "2026-01-31").status == 0
        files.append(target.read_bytes())
    assert files[0] == files[1]


def test_two_halves_of_one_set_do_not_differ(twofold: Any, tmp_path: Path) -> None:
    a, b = tmp_path / "a", tmp_path / "b"
    write_photos(a, 50, 3)
    write_photos(b, 50, 4)
    answer = twofold("compare", a, b)
    assert answer.status == 0
    assert "No difference" in answer.out


def test_second_run_reads_no_image_again(
    twofold: Any, pair: tuple[Path, Path], tmp_path: Path
) -> None:
    first = twofold.compare_to_json(*pair)
    moved = tmp_path / "moved"
    moved.mkdir()
    for folder in pair:
        shutil.move(folder, moved / folder.name)
    second = twofold.compare_to_json(moved / pair[0].name, moved / pair[1].name)
    assert second["id"] == first["id"]
    assert second["findings"] == first["findings"]
    read = {stage["name"]: stage for stage in second["stages"]}["read"]
    assert (read["done"], read["reused"]) == (120, 120)


def test_changed_image_is_read_again(twofold: Any, pair: tuple[Path, Path]) -> None:
    first = twofold.compare_to_json(*pair)
    write_photos(pair[0], 1, 99, brightness=90)
    second = twofold.compare_to_json(*pair)
    assert second["id"] != first["id"]


def test_table_names_sides_and_captions(twofold: Any, pair: tuple[Path, Path]) -> None:
    table = pair[0].parent / "list.csv"
    with table.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["file", "set", "words"])
        for folder in pair:
            for image in sorted(folder.glob("*.jpg")):
                writer.writerow([image.relative_to(table.parent), folder.name, "red kite"])
    columns = ("--path-column", "file", "--group-column", "set", "--caption-column", "words")
    exported = twofold.compare_to_json("--csv", table, *columns)
    assert {s["label"] for s in exported["sets"].values()} == {"harbour", "meadow"}
    assert exported["sets"]["A"]["with_text"] == 60


def test_parent_with_two_subfolders(twofold: Any, tmp_path: Path) -> None:
    write_photos(tmp_path / "both" / "first", 6, 1)
    write_photos(tmp_path / "both" / "second", 6, 2)
    exported = twofold.compare_to_json(tmp_path / "both")
    assert [exported["sets"][side]["label"] for side in "AB"] == ["first", "second"]


def test_sides_of_several_folders_and_files(twofold: Any, tmp_path: Path) -> None:
    one = write_photos(tmp_path / "one", 4, 1)
    write_photos(tmp_path / "two", 3, 2)
    other = write_photos(tmp_path / "three", 5, 3)
    side_a = ("--a", one[0], "--a", one[1], "--a", tmp_path / "two")
    side_b = [part for path in other for part in ("--b", path)]
    exported = twofold.compare_to_json(*side_a, *side_b)
    assert exported["sets"]["A"]["compared"] == 5
    assert exported["sets"]["B"]["compared"] == 5


def test_white_borders_are_found(twofold: Any, tmp_path: Path, names_of: Any) -> None:
    write_photos(tmp_path / "prints", 60, 1, border=0.5)
    write_photos(tmp_path / "scans", 60, 2)
    exported = twofold.compare_to_json(tmp_path / "prints", tmp_path / "scans")
    assert any("white border" in name for name in names_of(exported))


def test_stored_comparison_lives_and_is_forgotten(
    twofold: Any, pair: tuple[Path, Path], tmp_path: Path
) -> None:
    exported = twofold.compare_to_json(*pair)
    listed = twofold("list").out
    assert exported["id"] in listed and "harbour" in listed
    pdf = tmp_path / "again.pdf"
    assert twofold("report", exported["id"][:6], "--report", pdf).status == 0
    assert pdf.stat().st_size > 10_000
    assert twofold("rerun", exported["id"]).status == 0
    assert twofold("forget", exported["id"]).status == 0
    assert twofold("list").out.strip() == ""
    left = b"".join(file.read_bytes() for file in twofold.data.rglob("*") if file.is_file())
    assert b"harbour" not in left and b"lighthouse" not in left
    assert not list(twofold.data.rglob("*.jpg"))


def test_ephemeral_leaves_nothing(twofold: Any, pair: tuple[Path, Path], tmp_path: Path) -> None:
    pdf = tmp_path / "only.pdf"
    answer = twofold("compare", *pair, "--ephemeral", "--report", pdf)
    assert answer.status == 0
    assert pdf.exists()
    assert not twofold.data.exists() or not [f for f in twofold.data.rglob("*") if f.is_file()]
