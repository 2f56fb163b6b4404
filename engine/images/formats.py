"""Which files count as images: by suffix when listing, by their first bytes when reading.

Opens and decodes nothing.
"""

from __future__ import annotations

#: suffixes, lower case, that make a listed file an image
SUFFIXES = frozenset(
    (
        *(".jpg", ".jpeg", ".jpe", ".jfif", ".mpo"),
        *(".png", ".apng", ".webp", ".gif", ".bmp", ".dib", ".tif", ".tiff", ".tga"),
        *(".avif", ".heic", ".heif", ".hif", ".jp2", ".j2k", ".j2c", ".jpx", ".jpf"),
        *(".ppm", ".pgm", ".pbm", ".pnm"),
    )
)

#: Pillow's formats that may be opened, most frequent first. EPS is left out (it would run
#: Ghostscript) and so is everything else nobody compares; TGA comes last for it has no signature
PILLOW_FORMATS = (
    "JPEG",
    "PNG",
    "WEBP",
    "GIF",
    "BMP",
    "DIB",
    "TIFF",
    "AVIF",
    "JPEG2000",
    "HEIF",
    "PPM",
    "TGA",
)

_SIGNATURES = (
    b"\xff\xd8\xff",
    b"\x89PNG\r\n\x1a\n",
    b"GIF87a",
    b"GIF89a",
    b"BM",
    b"II*\0",
    b"MM\0*",
    b"II+\0",
    b"MM\0+",
    b"\0\0\0\x0cjP  \r\n\x87\n",
    b"\xff\x4f\xff\x51",
)
_BOX_BRANDS = frozenset((b"avif", b"avis", b"heic", b"heix", b"heim", b"heis", b"mif1", b"msf1"))


def has_suffix(name: str) -> bool:
    """Whether a file's name ends like an image's; a name that is only a suffix does not."""
    return name[name.rfind(".", 1) :].lower() in SUFFIXES


def begins_like_an_image(data: bytes) -> bool:
    """Whether the first bytes are the signature of a format that could have been read."""
    if data[:4] == b"RIFF":
        return data[8:12] == b"WEBP"
    if data[4:8] == b"ftyp":
        return data[8:12] in _BOX_BRANDS
    return data.startswith(_SIGNATURES)
