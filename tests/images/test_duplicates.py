"""Copies are found, however they were saved; pictures that merely look alike are not."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image, ImageDraw

from engine.images.decode import decode
from engine.images.duplicates import find_shared
from engine.images.signature import SIGNATURE_BYTES, signature
from tests.fakes.odd_files import photo


def signed(image: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)  # type: ignore[arg-type]
    return signature(decode(buffer.getvalue()))


def shared(a: list[bytes], b: list[bytes]) -> list[tuple[int, int, bool]]:
    return find_shared([f"a{i}" for i in range(len(a))], a, [f"b{i}" for i in range(len(b))], b)


def test_the_same_bytes_are_the_same_image() -> None:
    found = find_shared(["x", "y", "x"], [b""] * 3, ["z", "x", "x"], [b""] * 3)
    assert found == [(0, 1, True), (2, 1, True)]


@pytest.mark.parametrize(
    "copy",
    [
        lambda image: signed(image, "JPEG", quality=40),
        lambda image: signed(image, "WEBP", quality=60),
        lambda image: signed(image.resize((200, 150), Image.Resampling.LANCZOS), "JPEG"),
        lambda image: signed(image.resize((1280, 960), Image.Resampling.BICUBIC), "JPEG"),
        lambda image: signed(image.resize((213, 160), Image.Resampling.BOX), "JPEG", quality=75),
    ],
    ids=["jpeg", "webp", "smaller", "larger", "odd size"],
)
def test_copies_saved_anew_are_found(copy: object) -> None:
    images = [photo(seed, 640, 480) for seed in range(10)]
    originals = [signed(image, "JPEG", quality=92) for image in images]
    copies = [copy(image) for image in images]  # type: ignore[operator]
    assert shared(originals, copies[::-1]) == [(i, 9 - i, False) for i in range(10)]


def test_different_photos_are_not_copies() -> None:
    pictures = [signed(photo(seed, 160, 120), "JPEG") for seed in range(300)]
    assert shared(pictures[:150], pictures[150:]) == []


def test_different_photos_of_one_scene_are_not_copies() -> None:
    """The camera moved, came nearer, or something else stands in the picture."""
    scene = photo(1, 900, 700)
    first = signed(scene.crop((100, 100, 740, 580)))
    shaken = signed(scene.crop((112, 100, 752, 580)))
    moved = signed(scene.crop((140, 120, 780, 600)))
    nearer = signed(scene.crop((160, 145, 680, 535)))
    with_someone = scene.crop((100, 100, 740, 580))
    ImageDraw.Draw(with_someone).ellipse((200, 100, 420, 460), fill=(230, 190, 160))
    assert shared([first], [shaken, moved, nearer, signed(with_someone)]) == []


def test_other_colours_or_another_shape_are_not_copies() -> None:
    """Tinted so that every grey stays as it was, or stretched: the hash does not see either."""
    image = photo(3)
    tint = np.array([20, 0, -20 * 0.299 / 0.114])
    tinted = np.clip(np.asarray(image) * 0.6 + 60, 0, 255)
    plain, warm = (
        Image.fromarray(tinted.astype(np.uint8)),
        Image.fromarray(np.clip(tinted + tint, 0, 255).astype(np.uint8)),
    )
    wide = image.resize((400, 240))
    assert shared([signed(plain)], [signed(plain, "JPEG", quality=90)]) == [(0, 0, False)]
    assert shared([signed(plain), signed(image)], [signed(warm), signed(wide)]) == []


def test_pictures_with_little_in_them_are_never_near() -> None:
    """Two white pages with different words are not the same page."""
    pages = []
    for text in ("A short line", "Another line"):
        page = Image.new("RGB", (400, 560), "white")
        ImageDraw.Draw(page).text((40, 60), text, fill="black")
        pages.append(signed(page))
    flat = [signed(Image.new("RGB", (300, 200), (90, 90, 90 + i))) for i in range(3)]
    assert shared([pages[0], *flat], [pages[1], *flat]) == []


def test_each_image_of_a_is_named_once_with_its_closest_copy() -> None:
    image = photo(4, 640, 480)
    worse, better = signed(image, "JPEG", quality=5), signed(image, "JPEG", quality=95)
    assert shared([signed(image)], [worse, better, better]) == [(0, 1, False)]


def test_an_exact_copy_goes_before_a_near_one() -> None:
    image = signed(photo(6))
    assert find_shared(["x"], [image], ["y", "x"], [image, image]) == [(0, 1, True)]


def test_unknown_signatures_are_left_aside() -> None:
    image = signed(photo(5))
    assert len(image) == SIGNATURE_BYTES
    assert shared([b"", image[:-1], image], [b"", image]) == [(2, 1, False)]
    assert shared([], [image]) == []
    assert shared([image], []) == []


def test_many_alike_are_all_found() -> None:
    """A series: every frame of one side has a near copy on the other."""
    base = np.frombuffer(signed(photo(7)), np.uint8)
    random = np.random.default_rng(0)
    frames = []
    for _ in range(6_000):
        frame = base.copy()
        frame[random.integers(0, 16, 2)] ^= 1 << random.integers(0, 8, 2, dtype=np.uint8)
        frames.append(frame.tobytes())
    found = shared(frames[:3_000], frames[3_000:])
    assert [i for i, _, _ in found] == list(range(3_000))
