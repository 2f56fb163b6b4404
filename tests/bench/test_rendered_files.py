"""Rendered pairs as folders of images, and the contact sheet."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from engine.bench.rendered.pair_files import write_pair
from engine.bench.rendered.pairs import pairs
from engine.bench.rendered.reading import holds
from engine.bench.rendered.sheet import main

PAIR = replace(pairs(5)[35], images=8)


@pytest.mark.parametrize("suffix", [".png", ".jpg"])
def test_files_are_images_of_the_size_asked(tmp_path: Path, suffix: str) -> None:
    for folder in write_pair(PAIR, tmp_path, size_px=48, suffix=suffix):
        files = sorted(folder.iterdir())
        assert len(files) == 8
        for file in files:
            with Image.open(file) as image:
                image.load()
                assert image.size == (48, 48)
                assert image.mode == "RGB"


def test_the_same_pair_gives_the_same_bytes_and_another_seed_others(tmp_path: Path) -> None:
    def written(folder: str, seed: int) -> list[bytes]:
        sides = write_pair(replace(PAIR, seed=seed), tmp_path / folder, size_px=32)
        return [file.read_bytes() for side in sides for file in sorted(side.iterdir())]

    first = written("one", 5)
    assert first == written("two", 5)
    assert not set(first) & set(written("three", 6))


def test_captions_belong_to_their_files_and_are_true(tmp_path: Path) -> None:
    sides = write_pair(PAIR, tmp_path, size_px=32, with_captions=True)
    for folder, scenes in zip(sides, PAIR.scenes(), strict=True):
        with (folder / "captions.csv").open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        assert [row["file"] for row in rows] == sorted(path.name for path in folder.glob("*.png"))
        for row, scene in zip(rows, scenes, strict=True):
            assert holds(row["short"], scene)
            assert holds(row["detailed"], scene)


def test_strangers_are_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "B").mkdir()
    (tmp_path / "B" / "mine.txt").write_text("mine")
    with pytest.raises(FileExistsError):
        write_pair(PAIR, tmp_path)
    assert not (tmp_path / "A").exists()


def test_another_suffix_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="png"):
        write_pair(PAIR, tmp_path, suffix=".gif")


def test_the_contact_sheet_is_a_picture(tmp_path: Path) -> None:
    path = tmp_path / "sheet.png"
    done = CliRunner().invoke(main, [str(path), "--size", "32", "--columns", "5", "--random", "12"])
    assert done.exit_code == 0, done.output
    with Image.open(path) as image:
        assert image.size == (5 * 34 - 2, 3 * 34 - 2)
        assert np.asarray(image).std() > 20
