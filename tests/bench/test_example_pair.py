"""The example pair is what its description says, in its files and not only in its plan."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image, ImageOps

from engine.bench.example_pair import (
    EXPECTED,
    NO_DIFFERENCE,
    Truth,
    main,
    truth,
    write_example_pair,
)
from engine.bench.scenes.paint import paint
from engine.errors import SKIP_REASONS
from engine.measurements.catalogue import CATALOGUE
from engine.vocabulary import Origin, Side
from tests.fakes.sample_comparison import sample_comparison

IMAGES = 24
SEED = 5
PAGE = Path(__file__).parents[2] / "docs" / "example.md"


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return write_example_pair(tmp_path_factory.mktemp("pair"), images=IMAGES, seed=SEED)


@pytest.fixture(scope="module")
def known() -> Truth:
    return truth(SEED, images=IMAGES)


def digests(folder: Path) -> dict[str, str]:
    return {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in sorted(folder.iterdir())}


def upright(path: Path) -> Image.Image:
    with Image.open(path) as image:
        return ImageOps.exif_transpose(image).copy()


def test_holds_exactly_the_files_that_are_announced(pair: tuple[Path, Path], known: Truth) -> None:
    for side, folder in zip(Side, pair, strict=True):
        assert {path.name for path in folder.iterdir()} == known.names(side)
        assert len(known.images(side)) == IMAGES


def test_every_image_opens_with_its_size_and_its_caption(
    pair: tuple[Path, Path], known: Truth
) -> None:
    for side, folder in zip(Side, pair, strict=True):
        for planned in known.images(side):
            image = upright(folder / planned.name)
            image.load()
            if planned.stored != "smaller":
                assert 400 <= min(image.size) <= max(image.size) <= 800
                assert image.size == (planned.scene.width_px, planned.scene.height_px)
            caption = (folder / planned.name).with_suffix(".txt").read_text(encoding="utf-8")
            assert caption == planned.caption + "\n"


def test_captions_say_what_stands_in_the_scene() -> None:
    plan = truth(SEED, images=80)
    for planned in (*plan.a, *plan.b):
        text = planned.caption
        assert text[0].isupper() and text.endswith(".") and "  " not in text and "\n" not in text
        assert ("sailing boat" in text.lower()) == (planned.scene.boats > 0)
        assert ("lighthouse" in text.lower()) == planned.scene.lighthouse
        if planned.scene.birds == 0:
            assert "gull" not in text.lower() and "bird" not in text.lower()
        if planned.scene.lateness < 0.5:
            assert "evening" not in text.lower() and "sunset" not in text.lower()
    assert len({planned.caption for planned in (*plan.a, *plan.b)}) > 120


def test_the_same_seed_gives_the_same_bytes_however_many_images(
    pair: tuple[Path, Path], tmp_path: Path
) -> None:
    again = write_example_pair(tmp_path, images=20, seed=SEED)
    for longer, shorter in zip(pair, again, strict=True):
        assert digests(shorter).items() <= digests(longer).items()


def test_another_seed_gives_other_scenes() -> None:
    first, second = truth(SEED), truth(SEED + 1)
    scenes = [(planned.scene, planned.caption) for planned in first.a]
    assert scenes != [(planned.scene, planned.caption) for planned in second.a]
    assert first.rate("birds", Side.A) > 0


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_rates_are_as_described(seed: int) -> None:
    plan = truth(seed)
    described = {
        "sailing boats": (0.55, 0.15),
        "lighthouse": (0.12, 0.50),
        "white border": (0.35, 0.04),
        "camera": (0.0, 0.5),
    }
    for name, (a, b) in described.items():
        assert plan.rate(name, Side.A) == pytest.approx(a, abs=0.05)
        assert plan.rate(name, Side.B) == pytest.approx(b, abs=0.05)


def test_light_differs_in_the_pixels(pair: tuple[Path, Path], known: Truth) -> None:
    brightness, warmth = {}, {}
    for side, folder in zip(Side, pair, strict=True):
        pixels = [
            np.asarray(upright(folder / planned.name).convert("RGB"), dtype=np.float64)
            for planned in known.images(side)
            if planned.stored in ("jpeg", "rotated")
        ]
        brightness[side] = [float(image.mean()) for image in pixels]
        warmth[side] = [float((image[..., 0] - image[..., 2]).mean()) for image in pixels]
    assert np.mean(brightness[Side.A]) > np.mean(brightness[Side.B]) + 8
    assert np.mean(warmth[Side.B]) > np.mean(warmth[Side.A]) + 8
    # they overlap: neither tells the sides apart alone
    assert min(brightness[Side.A]) < max(brightness[Side.B])
    assert max(warmth[Side.A]) > min(warmth[Side.B])


def test_a_border_is_white_and_straight_and_only_where_it_is_planned(
    pair: tuple[Path, Path], known: Truth
) -> None:
    bordered = 0
    for side, folder in zip(Side, pair, strict=True):
        for planned in known.images(side):
            if planned.stored not in ("jpeg", "rotated", "exact"):
                continue
            pixels = np.asarray(upright(folder / planned.name).convert("L"))
            edges = np.concatenate(
                (pixels[:10].ravel(), pixels[-10:].ravel(), pixels[:, :10].ravel())
            )
            assert bool(np.mean(edges > 240) > 0.99) == planned.border
            bordered += planned.border
    assert bordered >= 5


def test_boats_and_lighthouses_are_painted() -> None:
    """A scene with them differs from the same scene without them, and only in a part of it."""
    plan = truth(SEED, images=40)
    for planned in [planned for planned in plan.a if planned.scene.boats][:4]:
        scene = replace(planned.scene, lighthouse=False, trees=0, houses=0, birds=0)
        empty = paint(replace(scene, boats=0))
        assert empty.shape == (3, scene.height_px, scene.width_px)
        assert np.isfinite(empty).all()
        upper = int(scene.height_px * 0.6)  # above the near shore, whose stones may differ
        changed = np.abs(paint(scene) - empty).max(axis=0)[:upper] > 0.1
        assert 0.0003 < changed.mean() < 0.2
        tower = np.abs(paint(replace(scene, boats=0, lighthouse=True)) - empty).max(axis=0) > 0.1
        assert tower[:upper].any()


def test_metadata_says_camera_and_date(pair: tuple[Path, Path], known: Truth) -> None:
    years = {Side.A: "2019", Side.B: "2024"}
    models: dict[Side, set[str]] = {side: set() for side in Side}
    positions = 0
    for side, folder in zip(Side, pair, strict=True):
        for planned in known.images(side):
            if planned.stored != "jpeg":
                continue
            with Image.open(folder / planned.name) as image:
                exif = image.getexif()
            models[side].add(exif[0x0110])
            assert exif[0x0110] == planned.camera.name
            taken = exif.get_ifd(0x8769).get(0x9003)
            assert (taken is None) == (planned.taken is None)
            assert taken is None or taken.startswith(years[side])
            assert (0x8825 in exif) == planned.has_position
            positions += planned.has_position
    assert models == {Side.A: {"Aurora D40"}, Side.B: {"Aurora D40", "Lumen X2"}}
    assert positions > 0


def test_unreadable_files_are_unreadable_for_the_stated_reason(
    pair: tuple[Path, Path], known: Truth
) -> None:
    for side, folder in zip(Side, pair, strict=True):
        unreadable = known.unreadable_a if side is Side.A else known.unreadable_b
        assert sorted(unreadable.values()) == ["damaged", "not_an_image"]
        assert set(unreadable.values()) <= set(SKIP_REASONS)
        for name, code in unreadable.items():
            with pytest.raises(OSError), Image.open(folder / name) as image:
                assert code == "damaged", "the header of a text file must not open"
                image.load()


def test_odd_formats_are_what_they_claim(pair: tuple[Path, Path], known: Truth) -> None:
    for side, folder in zip(Side, pair, strict=True):
        stored = {planned.stored: folder / planned.name for planned in known.images(side)}
        with Image.open(stored["rotated"]) as image:
            assert image.getexif()[0x0112] == 6
            assert upright(stored["rotated"]).size == (image.height, image.width)
        with Image.open(stored["png"]) as image:
            assert image.mode == "RGBA"
            assert image.getchannel("A").getextrema() == (0, 255)
        with Image.open(stored["tiff"]) as image:
            assert image.mode == "I;16"
            assert np.asarray(image).max() > 255


def test_shared_images_stand_in_both_folders(pair: tuple[Path, Path], known: Truth) -> None:
    a, b = pair
    assert sorted(exact for _, _, exact in known.shared) == [False, True, True]
    for name_a, name_b, exact in known.shared:
        assert ((a / name_a).read_bytes() == (b / name_b).read_bytes()) == exact
        small = upright(b / name_b).convert("RGB")
        original = upright(a / name_a).convert("RGB").resize(small.size, Image.Resampling.BOX)
        difference = np.asarray(small, dtype=float) - np.asarray(original, dtype=float)
        assert np.abs(difference).mean() < 6
    everywhere = set(digests(a).values()) & set(digests(b).values())
    assert len(everywhere) == 2 + 3, "two images and the captions of three, and nothing else"


def test_writes_again_over_its_own_files_but_spares_others(pair: tuple[Path, Path]) -> None:
    a, b = pair
    before = digests(a)
    (a / "coast-2019-002.jpg").write_bytes(b"half written")
    mine = b / "my own.jpg"
    mine.write_bytes(b"mine")
    with pytest.raises(FileExistsError, match=r"my own\.jpg"):
        write_example_pair(a.parent, images=IMAGES, seed=SEED)
    assert mine.read_bytes() == b"mine"
    assert (a / "coast-2019-002.jpg").read_bytes() == b"half written", "nothing was written"
    mine.unlink()
    write_example_pair(a.parent, images=IMAGES, seed=SEED)
    assert digests(a) == before


def test_too_few_images_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="at least 20"):
        write_example_pair(tmp_path, images=19)
    result = CliRunner().invoke(main, [str(tmp_path), "--images", "3"])
    assert result.exit_code == 1 and "at least 20" in result.output
    assert list(tmp_path.iterdir()) == []


def test_the_page_describes_every_difference() -> None:
    page = PAGE.read_text(encoding="utf-8")
    for built_in in EXPECTED:
        row = next(line for line in page.splitlines() if built_in.text in line)
        assert f"| {built_in.side} |" in row
    for alike in NO_DIFFERENCE:
        assert f"- {alike.text}\n" in page


def test_expected_findings_exist() -> None:
    """The ids that confirm a difference name measurements that Twofold has."""
    names = {measurement.name for measurement in CATALOGUE.measurements}
    ids = [i for built_in in EXPECTED for i in built_in.findings]
    ids += [i for alike in NO_DIFFERENCE for i in alike.findings]
    assert ids
    for identifier in ids:
        assert identifier.removeprefix("measured:").split("=")[0] in names
    for built_in in EXPECTED:
        assert built_in.findings or built_in.words
        assert set(built_in.explained_by) <= names


def test_findings_confirm_or_contradict_what_was_put_in() -> None:
    some = sample_comparison().findings[0]
    boats = next(built_in for built_in in EXPECTED if built_in.name == "sailing boats")
    border = next(built_in for built_in in EXPECTED if built_in.name == "white border")
    birds = next(alike for alike in NO_DIFFERENCE if alike.text == "Birds")
    shape = next(alike for alike in NO_DIFFERENCE if "measured:orientation" in alike.findings)
    phrase = replace(
        some,
        id="phrases:two sailing boats",
        description="two sailing boats",
        side=Side.A,
        origin=Origin("phrases"),
        significant=True,
        also=(),
    )
    assert boats.confirmed_by([phrase]) == [phrase]
    assert boats.confirmed_by([replace(phrase, side=Side.B)]) == []
    assert boats.confirmed_by([replace(phrase, significant=False)]) == []
    assert birds.contradicted_by([phrase]) == []
    gulls = replace(phrase, id="phrases:some gulls", description="some gulls")
    assert birds.contradicted_by([phrase, gulls]) == [gulls]
    measured = replace(phrase, id="measured:white_share", description="more pure white")
    merged = replace(measured, also=("images with straight white borders",))
    assert border.confirmed_by([measured, merged]) == [merged]
    portrait = replace(measured, id="measured:orientation=portrait")
    assert shape.contradicted_by([measured, portrait]) == [portrait]
