"""The quick folders for end-to-end and full-size tests are what their arguments say."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from benchmarks.memory_data import TEMPLATES, write_many
from tests.fakes.photo_folder import write_photos


def pixels(path: Path) -> np.ndarray:
    with Image.open(path) as image:
        return np.asarray(image.convert("L"), dtype=np.float64)


def test_photos_are_different_seeded_and_of_the_given_size(tmp_path: Path) -> None:
    first = write_photos(tmp_path / "first", 30, seed=1, size=(80, 64))
    again = write_photos(tmp_path / "again", 30, seed=1, size=(80, 64))
    other = write_photos(tmp_path / "other", 30, seed=2, size=(80, 64))
    assert [p.read_bytes() for p in first] == [p.read_bytes() for p in again]
    assert len({p.read_bytes() for p in (*first, *other)}) == 60
    assert pixels(first[0]).shape == (64, 80)
    assert sorted(p.name for p in (tmp_path / "first").iterdir()) == [p.name for p in first]


def test_brightness_border_and_captions_are_as_asked(tmp_path: Path) -> None:
    plain = write_photos(tmp_path / "plain", 40, seed=3)
    changed = write_photos(
        tmp_path / "changed", 40, seed=3, brightness=30, border=0.25, caption=["one", "two"]
    )
    mean = np.mean([pixels(path).mean() for path in plain])
    assert np.mean([pixels(path).mean() for path in changed]) > mean + 20
    bordered = [pixels(path)[:3].min() > 225 for path in changed]
    assert sum(bordered) == 10
    assert not any(pixels(path)[:3].min() > 225 for path in plain)
    texts = [path.with_suffix(".txt").read_text(encoding="utf-8") for path in changed]
    assert texts == ["one", "two"] * 20


def test_many_files_have_bytes_of_their_own_and_decode(tmp_path: Path) -> None:
    images = 2 * TEMPLATES + 3
    written = write_many(tmp_path, images, seed=4)
    paths = sorted(tmp_path.iterdir())
    contents = {path.read_bytes() for path in paths}
    assert len(paths) == len(contents) == images
    assert sum(map(len, contents)) == written
    assert (pixels(paths[0]) == pixels(paths[TEMPLATES])).all(), "another comment, one picture"
    assert len({pixels(path).tobytes() for path in paths[:TEMPLATES]}) == TEMPLATES
