"""Every kind of file becomes an upright picture in sRGB, or one code that says why not."""

from __future__ import annotations

import io
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms, ImageOps

from engine.errors import SKIP_REASONS
from engine.images.decode import DecodeProblem, decode
from engine.picture import Picture
from tests.fakes import odd_files

QUADRANTS = (odd_files.RED, odd_files.GREEN, odd_files.BLUE, odd_files.YELLOW)
TOLERANCE = 10  # of 255: what lossy formats may change a flat colour by


def read(path: Path) -> Picture:
    return decode(path.read_bytes())


def colours(picture: Picture) -> list[tuple[int, ...]]:
    """In the middle of each quarter, row by row."""
    height, width = picture.rgb.shape[:2]
    places = [(y, x) for y in (height // 4, 3 * height // 4) for x in (width // 4, 3 * width // 4)]
    return [tuple(int(v) for v in picture.rgb[y, x]) for y, x in places]


def assert_shows_quadrants(picture: Picture) -> None:
    assert picture.rgb.shape == (48, 64, 3)
    for found, wanted in zip(colours(picture), QUADRANTS, strict=True):
        assert max(abs(a - b) for a, b in zip(found, wanted, strict=True)) <= TOLERANCE


def encoded(image: Image.Image, kind: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)  # type: ignore[arg-type]
    return buffer.getvalue()


@pytest.mark.parametrize("write", odd_files.READABLE, ids=lambda write: write.__name__)
def test_every_format_shows_the_same_picture(tmp_path: Path, write: Callable[[Path], Path]) -> None:
    picture = read(write(tmp_path))
    assert_shows_quadrants(picture)
    assert (picture.facts.width_px, picture.facts.height_px) == (64, 48)
    assert picture.rgb.dtype == picture.crop.dtype == np.uint8


@pytest.mark.parametrize(
    ("code", "write"), odd_files.BROKEN, ids=lambda value: getattr(value, "__name__", value)
)
def test_a_broken_file_has_one_code(
    tmp_path: Path, code: str, write: Callable[[Path], Path]
) -> None:
    with pytest.raises(DecodeProblem) as problem:
        read(write(tmp_path))
    assert problem.value.code == code


@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_orientation_is_shown_upright(tmp_path: Path, orientation: int) -> None:
    path = odd_files.turned_jpeg(tmp_path, orientation)
    picture = read(path)
    assert_shows_quadrants(picture)
    assert (picture.facts.width_px, picture.facts.height_px) == (64, 48)
    with Image.open(path) as image:
        upright = np.asarray(ImageOps.exif_transpose(image).convert("RGB"))
    np.testing.assert_array_equal(picture.rgb, upright)
    np.testing.assert_array_equal(picture.crop, upright)


def test_a_container_s_own_rotation_is_applied_once(tmp_path: Path) -> None:
    picture = read(odd_files.turned_heic(tmp_path))
    assert (picture.facts.width_px, picture.facts.height_px) == (48, 64)
    assert picture.rgb.shape == (64, 48, 3)
    upper_left, _, _, lower_right = colours(picture)
    assert upper_left[2] > 150 > upper_left[0], "blue came up from below"
    assert lower_right[1] > 120 > lower_right[0], "green went down on the right"


@pytest.mark.parametrize(
    ("write", "stored"),
    [
        (odd_files.jpeg, ("JPEG", "RGB", 8, 1)),
        (odd_files.multi_picture_jpeg, ("JPEG", "RGB", 8, 1)),
        (odd_files.cmyk_jpeg, ("JPEG", "CMYK", 8, 1)),
        (odd_files.animated_gif, ("GIF", "P", 8, 3)),
        (odd_files.animated_webp, ("WEBP", "RGB", 8, 3)),
        (odd_files.animated_png, ("PNG", "RGB", 8, 3)),
        (odd_files.pages_tiff, ("TIFF", "RGB", 8, 3)),
        (odd_files.deep_colour_png, ("PNG", "RGB", 16, 1)),
        (odd_files.palette_png, ("PNG", "P", 8, 1)),
        (odd_files.deep_grey_tiff, ("TIFF", "I;16", 16, 1)),
        (odd_files.float_tiff, ("TIFF", "F", 32, 1)),
        (odd_files.one_bit_png, ("PNG", "1", 1, 1)),
        (odd_files.heic, ("HEIF", "RGB", 8, 1)),
        (odd_files.avif, ("AVIF", "RGB", 8, 1)),
        (odd_files.jpeg_2000, ("JPEG2000", "RGB", 8, 1)),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_how_a_file_is_stored_is_told(
    tmp_path: Path, write: Callable[[Path], Path], stored: tuple[str, str, int, int]
) -> None:
    """Format, mode, bits a channel, frames."""
    path = write(tmp_path)
    facts = read(path).facts
    assert (facts.format, facts.mode, facts.bits, facts.frames) == stored
    assert facts.size_bytes == path.stat().st_size


def test_jpeg_says_how_it_was_compressed(tmp_path: Path) -> None:
    plain = read(odd_files.jpeg(tmp_path)).facts
    assert plain.progressive is False
    assert [len(table) for table in plain.jpeg_tables] == [64, 64]
    assert read(odd_files.progressive_jpeg(tmp_path)).facts.progressive is True
    other = read(odd_files.animated_png(tmp_path)).facts
    assert (other.progressive, other.jpeg_tables) == (None, ())


def test_transparency_is_white_and_counted(tmp_path: Path) -> None:
    picture = read(odd_files.transparent_png(tmp_path))
    assert colours(picture) == [(255,) * 3, (255,) * 3, odd_files.BLUE, odd_files.YELLOW]
    assert (picture.facts.has_alpha, picture.facts.transparent_share) == (True, 0.5)
    picture = read(odd_files.palette_png(tmp_path))
    assert colours(picture)[0] == (255, 255, 255)
    assert colours(picture)[1] == odd_files.GREEN
    assert picture.facts.transparent_share == 0.25


def test_half_transparent_colours_are_mixed_with_white() -> None:
    picture = decode(encoded(Image.new("RGBA", (600, 400), (0, 100, 200, 128)), "PNG"))
    assert picture.facts.transparent_share == 0
    for pixels in (picture.rgb, picture.crop):
        np.testing.assert_allclose(pixels.reshape(-1, 3).mean(axis=0), [127, 177, 227], atol=1)


def test_an_opaque_alpha_channel_is_no_transparency() -> None:
    facts = decode(encoded(odd_files.quadrants().convert("RGBA"), "PNG")).facts
    assert (facts.has_alpha, facts.transparent_share) == (True, 0)


@pytest.mark.parametrize(
    "write", [odd_files.deep_grey_png, odd_files.deep_grey_tiff, odd_files.float_tiff]
)
def test_deep_greys_are_stretched_over_their_own_range(
    tmp_path: Path, write: Callable[[Path], Path]
) -> None:
    picture = read(write(tmp_path))
    low, high = {"deep.png": (1_000, 5_000), "deep.tif": (1_000, 5_000)}.get(
        write(tmp_path).name, (-20, 35)
    )
    assert picture.facts.window is not None
    np.testing.assert_allclose(picture.facts.window, (low, high), atol=(high - low) * 0.01)
    assert picture.rgb.min() <= 1
    assert picture.rgb.max() >= 254
    assert picture.rgb[24].mean() == pytest.approx(128, abs=4)


def test_a_flat_deep_image_keeps_its_brightness() -> None:
    for value, shown in ((0, 0), (65_535, 255), (32_768, 128)):
        image = Image.fromarray(np.full((20, 30), value, np.uint16))
        assert decode(encoded(image, "PNG")).rgb.mean() == pytest.approx(shown, abs=1)


def test_an_image_without_a_finite_value_is_damaged() -> None:
    nothing = Image.fromarray(np.full((8, 8), np.nan, np.float32))
    with pytest.raises(DecodeProblem) as problem:
        decode(encoded(nothing, "TIFF"))
    assert problem.value.code == "damaged"


def swapped_profile() -> bytes:
    """A profile like sRGB in which red and green have changed places."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    profile = profile.replace(b"rXYZ", b"tmp ").replace(b"gXYZ", b"rXYZ").replace(b"tmp ", b"gXYZ")
    return profile.replace("sRGB".encode("utf-16-be"), "test".encode("utf-16-be"))


def test_an_embedded_profile_decides_the_colours() -> None:
    plain = decode(encoded(odd_files.quadrants(), "PNG"))
    swapped = decode(encoded(odd_files.quadrants(), "PNG", icc_profile=swapped_profile()))
    np.testing.assert_allclose(
        swapped.rgb[..., [1, 0, 2]].astype(int), plain.rgb.astype(int), atol=4
    )
    np.testing.assert_allclose(
        swapped.crop[..., [1, 0, 2]].astype(int), plain.crop.astype(int), atol=4
    )


def test_a_profile_of_another_kind_is_left_aside() -> None:
    """A profile for three colours on a grey image, as careless programs leave it."""
    grey = odd_files.quadrants().convert("L")
    picture = decode(encoded(grey, "PNG", icc_profile=swapped_profile()))
    np.testing.assert_array_equal(picture.rgb[..., 0], np.asarray(grey))


@pytest.mark.parametrize(("width", "height"), [(1, 1), (1, 900), (3000, 2), (7, 5), (256, 256)])
def test_extreme_shapes(width: int, height: int) -> None:
    picture = decode(encoded(Image.new("RGB", (width, height), odd_files.GREEN), "PNG"))
    assert (picture.facts.width_px, picture.facts.height_px) == (width, height)
    assert max(picture.rgb.shape[:2]) == min(256, max(width, height))
    assert min(picture.rgb.shape[:2]) >= 1
    assert (picture.rgb == odd_files.GREEN).all()
    assert (picture.crop == odd_files.GREEN).all()
    assert max(picture.crop.shape) <= 256


def test_the_small_picture_is_an_average_over_areas() -> None:
    """A fine checkerboard becomes grey, and halves keep their mean exactly."""
    board = np.indices((1024, 1536)).sum(axis=0) % 2 * 255
    board[:, :768] = 40
    picture = decode(encoded(Image.fromarray(board.astype(np.uint8)), "PNG"))
    assert picture.rgb.shape == (171, 256, 3)
    assert picture.rgb[:, :127].min() == picture.rgb[:, :127].max() == 40
    np.testing.assert_allclose(picture.rgb[:, 130:], 127.5, atol=2)


def test_the_crop_is_native_and_on_the_grid_of_blocks() -> None:
    image = odd_files.photo(5, 1003, 777)
    picture = decode(encoded(image, "PNG"))
    assert picture.crop.shape == (256, 256, 3)
    left, top = (1003 - 256) // 2 // 8 * 8, (777 - 256) // 2 // 8 * 8
    native = np.asarray(image)[top : top + 256, left : left + 256]
    np.testing.assert_array_equal(picture.crop, native)


def test_the_pixel_limit_is_read_from_the_header(tmp_path: Path) -> None:
    data = odd_files.jpeg(tmp_path).read_bytes()
    decode(data, pixel_limit=64 * 48)
    with pytest.raises(DecodeProblem) as problem:
        decode(data, pixel_limit=64 * 48 - 1)
    assert problem.value.code == "too_many_pixels"


def test_nothing_is_written_to_standard_output_or_warned_of(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for _, write in odd_files.BROKEN:
            with pytest.raises(DecodeProblem):
                read(write(tmp_path))
    assert capfd.readouterr().out == ""


def samples() -> list[bytes]:
    image = odd_files.quadrants()
    tags = Image.Exif()
    tags[271], tags[270] = "Maker", "words"
    kinds = ("JPEG", "PNG", "WEBP", "GIF", "TIFF", "BMP", "AVIF", "JPEG2000", "TGA")
    return [
        encoded(image, kind, **({"exif": tags} if kind in ("JPEG", "PNG", "TIFF") else {}))
        for kind in kinds
    ]


SAMPLES = samples()


@settings(max_examples=150, deadline=None)
@given(
    sample=st.sampled_from(SAMPLES),
    changes=st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), min_size=1, max_size=8),
    keep=st.floats(0.05, 1),
)
def test_damage_of_any_kind_is_a_code_or_a_picture(
    sample: bytes, changes: list[tuple[float, int]], keep: float
) -> None:
    data = bytearray(sample[: int(len(sample) * keep) + 1])
    for place, value in changes:
        data[int(place * (len(data) - 1))] = value
    try:
        picture = decode(bytes(data), pixel_limit=1_000_000)
    except DecodeProblem as problem:
        assert problem.code in SKIP_REASONS
    else:
        assert picture.rgb.ndim == picture.crop.ndim == 3
