"""A sample comparison with thumbnails whose files hold a position and a name."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from engine.vocabulary import Comparison
from tests.fakes.sample_comparison import paint_thumbnails, sample_comparison

SECRET_USER = "zacharias_q"
SECRET_ROOT = f"/home/{SECRET_USER}/Pictures"


@pytest.fixture(scope="session")
def sample() -> Comparison:
    """Significant findings on both sides; its labels and skipped files name a user."""
    c = sample_comparison()
    skipped_a = tuple(replace(s, path=f"{SECRET_ROOT}/a/{s.name}") for s in c.a.skipped)
    return replace(
        c,
        a=replace(c.a, label=f"{SECRET_ROOT}/mountains 2019", skipped=skipped_a),
        settings=replace(c.settings, recipe=f"{SECRET_ROOT}/mine.toml"),
    )


@pytest.fixture(scope="session")
def thumbnails(sample: Comparison, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    painted = paint_thumbnails(sample, tmp_path_factory.mktemp("thumbnails"))
    for path in painted.values():
        with Image.open(path) as image:
            image.load()
            exif = Image.Exif()
            exif[0x013B] = SECRET_USER  # artist
            exif.get_ifd(0x8825).update(
                {1: "N", 2: (47.0, 33.0, 12.0), 3: "E", 4: (7.0, 35.0, 1.0)}
            )
            image.save(path, "JPEG", exif=exif, comment=SECRET_ROOT.encode())
    return painted
