"""Models see the pixels that their own preprocessing would have shown them, whatever the file.

The reference is open_clip's own transform, on an image that Pillow decoded in full, turned
upright and put on white.
"""

from __future__ import annotations

import functools
import io
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageOps

from engine.errors import SKIP_REASONS
from engine.images import for_model as module
from engine.images import resample
from engine.images.decode import DecodeProblem, decode
from engine.images.for_model import OVERSAMPLING, for_model
from engine.pixels import Cut, Pixels, PixelShape
from tests.fakes import odd_files

open_clip_transform = pytest.importorskip("open_clip.transform")

CROP = PixelShape(Cut.CROP, 224, 224)
SQUASH = PixelShape(Cut.SQUASH, 224, 224)
PAD = PixelShape(Cut.PAD, 224, 224, fill=(90, 90, 90))
SMALL_CROP = PixelShape(Cut.CROP, 32, 32)
MODES = {Cut.CROP: "shortest", Cut.SQUASH: "squash", Cut.PAD: "longest"}

SAME = 0.03  # of 255, mean: the same filter in other arithmetic
ROUNDED = 0.3  # of 255, mean: the same filter along the axes in the other order
SCALED = 0.3  # of 255, mean: a JPEG that was decoded smaller


@functools.cache
def photo(seed: int, width: int, height: int) -> Image.Image:
    return odd_files.photo(seed, width, height)


def encoded(image: Image.Image, kind: str = "JPEG", **options: object) -> bytes:
    buffer = io.BytesIO()
    if kind == "JPEG":
        options = {"quality": 90, **options}
    image.save(buffer, kind, **options)  # type: ignore[arg-type]
    return buffer.getvalue()


def reference(image: Image.Image, shape: PixelShape) -> Pixels:
    """By open_clip, without the arithmetic on colours that follows."""
    transform = open_clip_transform.image_transform(
        (shape.height_px, shape.width_px),
        is_train=False,
        mean=(0.0,) * 3,
        std=(1.0,) * 3,
        resize_mode=MODES[shape.cut],
        interpolation=shape.interpolation,
        fill_color=shape.fill[0],
    )
    pixels: Pixels = np.rint(transform(image).numpy().transpose(1, 2, 0) * 255).astype(np.uint8)
    return pixels


def opened(data: bytes) -> Image.Image:
    """By plain Pillow, upright and on white."""
    image = ImageOps.exif_transpose(Image.open(io.BytesIO(data)))
    if image.has_transparency_data:
        image = image.convert("RGBA")
        white = Image.new("RGBA", image.size, "white")
        return Image.alpha_composite(white, image).convert("RGB")
    return image


def assert_alike(found: Pixels, wanted: Pixels, mean: float = SAME, most: int = 3) -> None:
    assert found.dtype == np.uint8
    assert found.shape == wanted.shape
    assert found.flags.c_contiguous
    assert found.flags.writeable
    error = np.abs(found.astype(int) - wanted)
    assert error.mean() <= mean
    assert error.max() <= most


@pytest.fixture(params=["torch", "Pillow"])
def resizer(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """With torch and without; what is missing is hidden from the search for installed modules."""
    if request.param == "Pillow":
        find_spec = resample.importlib.util.find_spec
        hidden = ("torch", "simplejpeg")
        monkeypatch.setattr(
            resample.importlib.util,
            "find_spec",
            lambda name: None if name in hidden else find_spec(name),
        )
    for cached in (resample.torch_if_installed, module._simplejpeg):
        cached.cache_clear()
    yield request.param
    monkeypatch.undo()
    for cached in (resample.torch_if_installed, module._simplejpeg):
        cached.cache_clear()


# --- the same as open_clip ----------------------------------------------------------------

SIZES = [
    (512, 384),
    (384, 512),
    (333, 251),
    (224, 224),
    (225, 224),
    (640, 227),
    (97, 61),
    (50, 400),
]


@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("shape", [CROP, SQUASH, PAD], ids=lambda shape: shape.cut)
def test_a_jpeg_looks_as_open_clip_would_show_it(
    resizer: str, shape: PixelShape, size: tuple[int, int]
) -> None:
    data = encoded(photo(1, *size))
    mean = ROUNDED if max(size) > 4 * min(size) else SAME
    assert_alike(for_model(data, shape), reference(opened(data), shape), mean)


@pytest.mark.parametrize(
    "shape",
    [
        PixelShape(Cut.CROP, 160, 224),
        PixelShape(Cut.CROP, 224, 97),
        PixelShape(Cut.PAD, 160, 224, "bilinear"),
        PixelShape(Cut.SQUASH, 97, 160, "bilinear"),
        PixelShape(Cut.CROP, 160, 160, "bilinear"),
    ],
    ids=str,
)
def test_shapes_that_are_no_square_and_the_other_filter(resizer: str, shape: PixelShape) -> None:
    data = encoded(photo(2, 401, 300))
    assert_alike(for_model(data, shape), reference(opened(data), shape))


@pytest.mark.parametrize("size", [(1, 1), (1, 700), (700, 1), (3, 2), (2000, 9)], ids=str)
@pytest.mark.parametrize("shape", [CROP, SQUASH, PAD], ids=lambda shape: shape.cut)
def test_extreme_proportions(resizer: str, shape: PixelShape, size: tuple[int, int]) -> None:
    image = photo(3, 2000, 700).crop((0, 0, *size))
    data = encoded(image, subsampling=0)
    if shape is PAD and max(size) > 2 * 224 * min(size):
        found = for_model(data, shape)  # open_clip would make it 0 pixels wide, and fails
        assert found.shape == (224, 224, 3)
        assert (found == 90).all(axis=2).mean() > 0.99
    else:
        assert_alike(for_model(data, shape), reference(opened(data), shape), ROUNDED)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("shape", [CROP, PAD], ids=lambda shape: shape.cut)
def test_every_orientation_is_shown_upright(
    resizer: str, shape: PixelShape, orientation: int
) -> None:
    """The size is odd so that the middle cannot be cut out exactly."""
    tags = Image.Exif()
    tags[odd_files.ORIENTATION] = orientation
    data = encoded(photo(4, 401, 260), exif=tags)
    mean = ROUNDED if orientation >= 5 else SAME
    assert_alike(for_model(data, shape), reference(opened(data), shape), mean)


@pytest.mark.parametrize(
    ("mode", "kind"),
    [
        ("L", "JPEG"),
        ("CMYK", "JPEG"),
        ("RGB", "PNG"),
        ("L", "PNG"),
        ("RGB", "WEBP"),
        ("RGB", "TIFF"),
        ("CMYK", "TIFF"),
        ("RGB", "BMP"),
        ("RGB", "AVIF"),
    ],
)
def test_other_kinds_of_file(resizer: str, mode: str, kind: str) -> None:
    data = encoded(photo(5, 300, 400).convert(mode), kind)
    assert_alike(for_model(data, CROP), reference(opened(data), CROP))


@pytest.mark.parametrize("mode", ["RGBA", "LA"])
def test_transparency_is_white_before_it_is_resized(mode: str) -> None:
    image = photo(6, 300, 400).convert(mode)
    alpha = Image.new("L", image.size, 255)
    alpha.paste(0, (0, 0, 150, 200))
    alpha.paste(100, (150, 200, 300, 400))
    image.putalpha(alpha)
    data = encoded(image, "PNG")
    assert_alike(for_model(data, CROP), reference(opened(data), CROP))


def test_a_deep_grey_is_stretched_as_it_is_measured(tmp_path: Path) -> None:
    data = odd_files.deep_grey_png(tmp_path).read_bytes()
    grey = Image.fromarray(decode(data).rgb)
    assert_alike(for_model(data, CROP), reference(grey, CROP))


def test_a_profile_decides_the_colours_of_a_jpeg_too() -> None:
    from tests.images.test_decode import swapped_profile

    image = photo(7, 300, 300)
    plain = for_model(encoded(image), CROP)
    swapped = for_model(encoded(image, icc_profile=swapped_profile()), CROP)
    difference = np.abs(swapped[..., [1, 0, 2]].astype(int) - plain)
    assert difference.mean() < 1
    assert np.abs(swapped.astype(int) - plain).mean() > 5


@pytest.mark.parametrize("write", odd_files.READABLE, ids=lambda write: write.__name__)
def test_every_format_shows_the_same_picture(
    resizer: str, tmp_path: Path, write: Callable[[Path], Path]
) -> None:
    pixels = for_model(write(tmp_path).read_bytes(), PixelShape(Cut.SQUASH, 64, 48))
    colours = [tuple(int(v) for v in pixels[y, x]) for y in (12, 36) for x in (16, 48)]
    wanted = (odd_files.RED, odd_files.GREEN, odd_files.BLUE, odd_files.YELLOW)
    for found, right in zip(colours, wanted, strict=True):
        assert max(abs(a - b) for a, b in zip(found, right, strict=True)) <= 10


# --- Cut.FIT ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("size", "fitted"),
    [((600, 400), (120, 80)), ((400, 600), (80, 120)), ((90, 30), (90, 30)), ((900, 1), (120, 1))],
)
def test_fitting_keeps_proportions_and_never_enlarges(
    resizer: str, size: tuple[int, int], fitted: tuple[int, int]
) -> None:
    image = photo(8, 900, 600).crop((0, 0, *size))
    pixels = for_model(encoded(image, "PNG"), PixelShape(Cut.FIT, 120, 120))
    wanted = image.resize(fitted, Image.Resampling.BICUBIC)
    assert_alike(pixels, np.asarray(wanted))


# --- JPEGs decoded smaller ----------------------------------------------------------------


@pytest.mark.parametrize("mode", ["RGB", "L"])
@pytest.mark.parametrize("size", [(1201, 903), (901, 1203), (1399, 1343)], ids=str)
@pytest.mark.parametrize("shape", [PixelShape(cut, 100, 100) for cut in MODES], ids=str)
def test_a_jpeg_decoded_smaller_differs_little(
    resizer: str, mode: str, size: tuple[int, int], shape: PixelShape
) -> None:
    """Sizes that are no multiple of 8: the last column stands for less than a whole one."""
    data = encoded(photo(13, *size).convert(mode))
    assert min(size) / 2 > OVERSAMPLING * 100, "or it would be decoded in full"
    found, wanted = for_model(data, shape), reference(opened(data), shape)
    assert_alike(found, wanted, SCALED)
    for edge in (np.s_[:, -20:], np.s_[-20:]):
        error = np.abs(found[edge].astype(int) - wanted[edge])
        assert error.mean() <= SCALED, "nor is it shifted at the far edges"


def test_the_sharpest_of_photos_differ_little_more() -> None:
    """Small photos beside each other: more detail than a camera sees, and hard edges."""
    canvas = Image.new("RGB", (1200, 900))
    for i in range(100):
        canvas.paste(photo(i, 120, 90), (i % 10 * 120, i // 10 * 90))
    data = encoded(canvas)
    shape = PixelShape(Cut.CROP, 100, 100)
    assert_alike(for_model(data, shape), reference(opened(data), shape), 0.5, 10)


def test_what_is_hardly_large_enough_is_decoded_in_full() -> None:
    data = encoded(photo(14, 640, 640))
    shape = PixelShape(Cut.CROP, 100, 100)
    assert OVERSAMPLING * 100 > 640 / 2
    assert_alike(for_model(data, shape), reference(opened(data), shape))


# --- what cannot be read ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "write"), odd_files.BROKEN, ids=lambda value: getattr(value, "__name__", value)
)
def test_a_broken_file_has_the_code_that_decode_gives(
    resizer: str, tmp_path: Path, code: str, write: Callable[[Path], Path]
) -> None:
    with pytest.raises(DecodeProblem) as problem:
        for_model(write(tmp_path).read_bytes(), SMALL_CROP)
    assert problem.value.code == code


def test_no_part_of_a_damaged_jpeg_is_taken_for_the_whole() -> None:
    """Cut anywhere, or with bytes changed anywhere: what decode refuses is refused here, and
    what it shows is shown here.
    """
    whole = encoded(photo(9, 160, 120), progressive=True)
    random = np.random.default_rng(0)
    samples = [whole[:length] for length in range(0, len(whole), 97)]
    for _ in range(150):
        changed = bytearray(whole)
        for place in random.integers(2, len(whole), 3):
            changed[place] = random.integers(256)
        samples.append(bytes(changed))
    refused = 0
    for data in samples:
        verdicts = []
        for read in (decode, lambda data: for_model(data, SMALL_CROP)):
            try:
                read(data)
                verdicts.append("")
            except DecodeProblem as problem:
                assert problem.code in SKIP_REASONS
                verdicts.append(problem.code)
        assert verdicts[0] == verdicts[1]
        refused += verdicts[0] != ""
    assert 50 < refused < len(samples)


def test_a_jpeg_with_damage_that_decode_forgives_is_shown_alike() -> None:
    """libjpeg goes on after bytes that make no sense; so does Pillow, and so do we."""
    data = bytearray(encoded(photo(10, 320, 240)))
    data[len(data) // 2] ^= 0x55
    image = Image.open(io.BytesIO(bytes(data)))
    image.load()
    assert_alike(for_model(bytes(data), CROP), reference(image, CROP))


def test_the_pixel_limit_is_read_from_the_header() -> None:
    data = encoded(photo(11, 64, 48))
    for_model(data, SMALL_CROP, pixel_limit=64 * 48)
    with pytest.raises(DecodeProblem) as problem:
        for_model(data, SMALL_CROP, pixel_limit=64 * 48 - 1)
    assert problem.value.code == "too_many_pixels"


def test_two_heads_do_not_smuggle_a_bomb_past_the_limit() -> None:
    """A second frame header that Pillow reads and libjpeg does not, or the other way round."""
    data = encoded(photo(12, 64, 48), subsampling=0)
    at = data.index(b"\xff\xc0")
    length = int.from_bytes(data[at + 2 : at + 4], "big") + 2
    head = bytearray(data[at : at + length])
    head[5:9] = (60_000).to_bytes(2, "big") * 2
    for forged in (data[:at] + head + data[at:], data[: at + length] + head + data[at + length :]):
        with pytest.raises(DecodeProblem) as problem:
            for_model(bytes(forged), SMALL_CROP, pixel_limit=1_000_000)
        assert problem.value.code in ("too_many_pixels", "damaged")
