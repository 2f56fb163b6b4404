"""Writes the odd files that real folders hold: broken, hostile, rare, strangely named.

Each function writes one file (or link) into a folder and returns its path. BROKEN and READABLE
list those that can be written anywhere; `quadrants` is the picture most of them show.
"""

from __future__ import annotations

import base64
import io
import os
import struct
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageCms

from tests.fakes import heic_bytes

RED, GREEN, BLUE, YELLOW = (200, 40, 40), (40, 160, 60), (40, 60, 200), (230, 220, 60)
ORIENTATION = 274  # TIFF tag


def quadrants(width: int = 64, height: int = 48) -> Image.Image:
    """Red and green above, blue and yellow below."""
    image = Image.new("RGB", (width, height), RED)
    image.paste(GREEN, (width // 2, 0, width, height // 2))
    image.paste(BLUE, (0, height // 2, width // 2, height))
    image.paste(YELLOW, (width // 2, height // 2, width, height))
    return image


def photo(seed: int, width: int = 320, height: int = 240) -> Image.Image:
    """Something like a photo: soft shapes of several sizes, and a little noise."""
    random = np.random.default_rng(seed)
    pixels = np.full((height, width, 3), 120, np.float32)
    for fields, strength in ((4, 50), (9, 35), (24, 20), (70, 10)):
        rows = max(2, round(fields * height / width))
        shapes = random.normal(0, strength, (rows, fields, 3)).astype(np.float32)
        for channel in range(3):
            layer = Image.fromarray(shapes[..., channel])
            pixels[..., channel] += np.asarray(
                layer.resize((width, height), Image.Resampling.BICUBIC)
            )
    pixels += random.normal(0, 3, pixels.shape).astype(np.float32)
    return Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))


def save(folder: Path, name: str, image: Image.Image, **options: object) -> Path:
    path = folder / name
    image.save(path, **options)  # type: ignore[arg-type]
    return path


# --- broken -------------------------------------------------------------------------------


def empty(folder: Path) -> Path:
    path = folder / "empty.jpg"
    path.touch()
    return path


def text_as_jpeg(folder: Path) -> Path:
    path = folder / "text.jpg"
    path.write_text("Dear Sir, please find enclosed no photograph.\n" * 20)
    return path


def truncated_jpeg(folder: Path) -> Path:
    return _truncated(folder / "truncated.jpg", photo(1), "JPEG")


def truncated_png(folder: Path) -> Path:
    return _truncated(folder / "truncated.png", photo(2), "PNG")


def truncated_webp(folder: Path) -> Path:
    return _truncated(folder / "truncated.webp", photo(3), "WEBP")


def truncated_tiff(folder: Path) -> Path:
    return _truncated(folder / "truncated.tif", photo(3), "TIFF")


def truncated_gif(folder: Path) -> Path:
    return _truncated(folder / "truncated.gif", photo(3).quantize(64), "GIF")


def truncated_heic(folder: Path) -> Path:
    path = folder / "truncated.heic"
    path.write_bytes(base64.b64decode(heic_bytes.PLAIN)[:-60])
    return path


def jpeg_header_only(folder: Path) -> Path:
    path = folder / "header.jpg"
    path.write_bytes(b"\xff\xd8\xff\xe0\0\x10JFIF")
    return path


def png_bomb(folder: Path) -> Path:
    """A header that promises 60,000 × 60,000 pixels, and nothing else."""
    path = folder / "bomb.png"
    path.write_bytes(_png(60_000, 60_000, 8, 2, b""))
    return path


def five_channel_tiff(folder: Path) -> Path:
    """A sound TIFF with five samples a pixel, as satellites send: nothing Pillow knows."""
    width = height = 8
    offset = 8
    pixels = bytes(range(5)) * (width * height)
    directory = offset + len(pixels)
    bits = directory + 2 + 12 * 9 + 4
    entries = (
        (256, 3, 1, width),
        (257, 3, 1, height),
        (258, 3, 5, bits),
        (259, 3, 1, 1),
        (262, 3, 1, 1),
        (273, 4, 1, offset),
        (277, 3, 1, 5),
        (278, 3, 1, height),
        (279, 4, 1, len(pixels)),
    )
    tags = b"".join(struct.pack("<HHII", *entry) for entry in entries)
    path = folder / "five.tif"
    path.write_bytes(
        struct.pack("<2sHI", b"II", 42, directory)
        + pixels
        + struct.pack("<H", len(entries))
        + tags
        + struct.pack("<I5H", 0, *[8] * 5)
    )
    return path


#: code of why it is skipped -> how to make such a file
BROKEN: Sequence[tuple[str, Callable[[Path], Path]]] = (
    ("empty_file", empty),
    ("not_an_image", text_as_jpeg),
    ("damaged", truncated_jpeg),
    ("damaged", truncated_png),
    ("damaged", truncated_webp),
    ("damaged", truncated_tiff),
    ("damaged", truncated_gif),
    ("damaged", truncated_heic),
    ("damaged", jpeg_header_only),
    ("too_many_pixels", png_bomb),
    ("unsupported", five_channel_tiff),
)

# --- rare, but sound ----------------------------------------------------------------------


def jpeg(folder: Path) -> Path:
    return save(folder, "plain.jpg", quadrants(), quality=95)


def progressive_jpeg(folder: Path) -> Path:
    return save(folder, "progressive.jpg", quadrants(), quality=95, progressive=True)


def cmyk_jpeg(folder: Path) -> Path:
    return save(folder, "cmyk.jpg", quadrants().convert("CMYK"), quality=95)


def multi_picture_jpeg(folder: Path) -> Path:
    """As phones write it: a JPEG with a second picture behind the first."""
    other = quadrants().convert("L").convert("RGB")
    return save(
        folder, "multi.jpg", quadrants(), format="MPO", save_all=True, append_images=[other]
    )


def palette_png(folder: Path) -> Path:
    """A palette with one transparent entry, which is the red quadrant."""
    image = quadrants().quantize(16, dither=Image.Dither.NONE)
    transparent = image.getpixel((0, 0))
    return save(folder, "palette.png", image, transparency=transparent)


def transparent_png(folder: Path) -> Path:
    """The upper half is transparent, its hidden colour black."""
    image = quadrants().convert("RGBA")
    image.paste((0, 0, 0, 0), (0, 0, image.width, image.height // 2))
    return save(folder, "transparent.png", image)


def one_bit_png(folder: Path) -> Path:
    return save(folder, "bits.png", quadrants().convert("1", dither=Image.Dither.NONE))


def deep_grey_png(folder: Path) -> Path:
    return save(folder, "deep.png", _ramp())


def deep_grey_tiff(folder: Path) -> Path:
    return save(folder, "deep.tif", _ramp())


def float_tiff(folder: Path) -> Path:
    """Temperatures, say, with a missing value and an infinite one."""
    values = np.linspace(-20, 35, 64 * 48, dtype=np.float32).reshape(48, 64).copy()
    values[0, 0], values[0, 1] = np.nan, np.inf
    return save(folder, "float.tif", Image.fromarray(values))


def deep_colour_png(folder: Path) -> Path:
    """16 bits a channel: quadrants again."""
    pixels = np.asarray(quadrants()).astype(">u2") * 257
    raw = b"".join(b"\0" + row.tobytes() for row in pixels)
    path = folder / "deep-colour.png"
    path.write_bytes(_png(64, 48, 16, 2, zlib.compress(raw)))
    return path


def lab_tiff(folder: Path) -> Path:
    lab = ImageCms.profileToProfile(
        quadrants(), ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB"), outputMode="LAB"
    )
    assert lab is not None
    return save(folder, "lab.tif", lab)


def pages_tiff(folder: Path) -> Path:
    others = [Image.new("RGB", (64, 48), colour) for colour in ("black", "white")]
    return save(folder, "pages.tif", quadrants(), save_all=True, append_images=others)


def animated_gif(folder: Path) -> Path:
    return _animated(folder / "animated.gif")


def animated_webp(folder: Path) -> Path:
    return _animated(folder / "animated.webp", lossless=True)


def animated_png(folder: Path) -> Path:
    return _animated(folder / "animated.png")


def webp(folder: Path) -> Path:
    return save(folder, "plain.webp", quadrants(), quality=95)


def avif(folder: Path) -> Path:
    return save(folder, "plain.avif", quadrants(), quality=90)


def jpeg_2000(folder: Path) -> Path:
    return save(folder, "plain.jp2", quadrants())


def heic(folder: Path) -> Path:
    path = folder / "plain.heic"
    path.write_bytes(base64.b64decode(heic_bytes.PLAIN))
    return path


def turned_heic(folder: Path) -> Path:
    path = folder / "turned.heic"
    path.write_bytes(base64.b64decode(heic_bytes.TURNED))
    return path


def bmp(folder: Path) -> Path:
    return save(folder, "plain.bmp", quadrants())


def ppm(folder: Path) -> Path:
    return save(folder, "plain.ppm", quadrants())


def tga(folder: Path) -> Path:
    return save(folder, "plain.tga", quadrants())


def single_pixel(folder: Path) -> Path:
    return save(folder, "pixel.png", Image.new("RGB", (1, 1), RED))


def broken_profile(folder: Path) -> Path:
    """A colour profile that is none."""
    return save(folder, "profile.png", quadrants(), icc_profile=b"no profile" * 30)


def turned_jpeg(folder: Path, orientation: int) -> Path:
    """Shows `quadrants` upright; stored as the EXIF orientation 1 to 8 says."""
    stored = {
        2: [Image.Transpose.FLIP_LEFT_RIGHT],
        3: [Image.Transpose.ROTATE_180],
        4: [Image.Transpose.FLIP_TOP_BOTTOM],
        5: [Image.Transpose.TRANSPOSE],
        6: [Image.Transpose.ROTATE_90],
        7: [Image.Transpose.TRANSVERSE],
        8: [Image.Transpose.ROTATE_270],
    }
    image = quadrants()
    for step in stored.get(orientation, []):
        image = image.transpose(step)
    tags = Image.Exif()
    tags[ORIENTATION] = orientation
    return save(folder, f"turned-{orientation}.jpg", image, quality=95, exif=tags)


#: files that are read, and all show `quadrants`
READABLE: Sequence[Callable[[Path], Path]] = (
    jpeg,
    progressive_jpeg,
    cmyk_jpeg,
    multi_picture_jpeg,
    deep_colour_png,
    lab_tiff,
    pages_tiff,
    animated_gif,
    animated_webp,
    animated_png,
    webp,
    avif,
    jpeg_2000,
    heic,
    bmp,
    ppm,
    tga,
    broken_profile,
)

# --- slow and large -----------------------------------------------------------------------


def slow_png(folder: Path, side: int = 17_000) -> Path:
    """A few kilobytes that take seconds and some 300 MB to decode: side × side black pixels."""
    row = b"\0" * (1 + -(-side // 8))
    packer = zlib.compressobj(1)
    packed = b"".join(packer.compress(row) for _ in range(side)) + packer.flush()
    path = folder / "slow.png"
    path.write_bytes(_png(side, side, 1, 0, packed))
    return path


# --- links, special files, names ----------------------------------------------------------


def pipe(folder: Path) -> Path:
    path = folder / "pipe.jpg"
    os.mkfifo(path)
    return path


def strange_names(folder: Path) -> list[Path]:
    """A line break, a mark that turns the writing direction, 250 characters, blanks and quotes."""
    names = ["line\nbreak.jpg", "right\u202eto left.jpg", "n" * 246 + ".jpg", " 'a' \"b\" %s.jpg"]
    return [save(folder, name, quadrants()) for name in names]


def name_without_unicode(folder: Path) -> Path:
    """Latin-1 bytes, as old archives hold them; not every system takes such a name."""
    buffer = io.BytesIO()
    quadrants().save(buffer, "JPEG")
    path = os.fsdecode(os.fsencode(folder) + b"/caf\xe9.jpg")
    with open(path, "wb") as file:  # noqa: PTH123 - the name is no text
        file.write(buffer.getvalue())
    return Path(path)


def _truncated(path: Path, image: Image.Image, kind: str) -> Path:
    buffer = io.BytesIO()
    image.save(buffer, kind)
    path.write_bytes(buffer.getvalue()[: buffer.tell() // 2])
    return path


def _animated(path: Path, **options: object) -> Path:
    others = [Image.new("RGB", (64, 48), colour) for colour in ("black", "white")]
    return save(path.parent, path.name, quadrants(), save_all=True, append_images=others, **options)


def _ramp() -> Image.Image:
    """16-bit greys from 1,000 to 5,000: all but black on a fixed scale."""
    values = np.linspace(1_000, 5_000, 64 * 48).reshape(48, 64)
    return Image.fromarray(values.astype(np.uint16))


def _png(width: int, height: int, bits: int, colour: int, packed: bytes) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    header = struct.pack(">IIBBBBB", width, height, bits, colour, 0, 0, 0)
    body = chunk(b"IDAT", packed) if packed else b""
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + body + chunk(b"IEND", b"")
