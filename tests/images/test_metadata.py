"""What files say of themselves: camera, date, words; a position only as present or not."""

from __future__ import annotations

import io
import struct
from datetime import datetime
from pathlib import Path

import pytest
from PIL import ExifTags, Image, PngImagePlugin
from PIL.TiffImagePlugin import IFDRational as Rational

from engine.images.decode import decode
from engine.images.texts import clean_text
from engine.picture import FileFacts
from engine.vocabulary import Caption
from tests.fakes import odd_files

Tag = ExifTags.Base

XMP = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF
 xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
 xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/">
<rdf:Description rdf:about="" photoshop:Headline="Spring &amp; summer">
 <dc:subject><rdf:Bag><rdf:li>tree</rdf:li><rdf:li>Meadow</rdf:li></rdf:Bag></dc:subject>
 <dc:description><rdf:Alt><rdf:li xml:lang="de">Ein Baum</rdf:li>
  <rdf:li xml:lang="x-default">A tree in a meadow</rdf:li></rdf:Alt></dc:description>
</rdf:Description></rdf:RDF></x:xmpmeta>
<?xpacket end="w"?>"""


def facts(kind: str = "JPEG", **options: object) -> FileFacts:
    tags = options.get("exif")
    if kind == "TIFF" and isinstance(tags, Image.Exif):
        written = Image.Exif()  # for TIFF, Pillow writes the inner directories only of read tags
        written.load(tags.tobytes())
        options["exif"] = written
    buffer = io.BytesIO()
    odd_files.quadrants().save(buffer, kind, **options)  # type: ignore[arg-type]
    return decode(buffer.getvalue()).facts


def camera_tags() -> Image.Exif:
    tags = Image.Exif()
    tags[Tag.Make], tags[Tag.Model], tags[Tag.Software] = "Maker\0", "  Model 3 ", "Program 1.2"
    inner = tags.get_ifd(ExifTags.IFD.Exif)
    inner[Tag.ExposureTime], inner[Tag.FNumber] = Rational(1, 250), Rational(28, 10)
    inner[Tag.ISOSpeedRatings], inner[Tag.FocalLength] = 400, Rational(50)
    inner[Tag.Flash], inner[Tag.LensModel] = 0x19, "50mm"
    inner[Tag.DateTimeOriginal] = "2024:05:31 17:04:59"
    return tags


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF"])
def test_a_camera_s_settings(kind: str) -> None:
    found = facts(kind, exif=camera_tags())
    assert (found.make, found.model, found.software) == ("Maker", "Model 3", "Program 1.2")
    assert (found.exposure_s, found.f_number) == (pytest.approx(0.004), pytest.approx(2.8))
    assert (found.iso, found.focal_mm, found.flash, found.lens) == (400, 50, True, "50mm")
    assert found.taken == datetime(2024, 5, 31, 17, 4, 59)
    assert found.has_gps is False


def test_a_file_without_metadata_says_nothing() -> None:
    found = facts()
    assert (found.make, found.taken, found.flash, found.has_gps) == (None, None, None, None)
    assert (found.captions, found.keywords) == ((), ())


def test_senseless_settings_are_unknown() -> None:
    tags = Image.Exif()
    inner = tags.get_ifd(ExifTags.IFD.Exif)
    inner[Tag.ExposureTime] = Rational(1, 0)
    inner[Tag.FNumber] = Rational(0)
    inner[Tag.DateTimeOriginal] = "0000:00:00 00:00:00"
    tags[Tag.Make] = "   "
    found = facts(exif=tags)
    assert (found.exposure_s, found.f_number, found.taken, found.make) == (None,) * 4


@pytest.mark.parametrize("kind", ["JPEG", "TIFF"])
def test_a_position_is_noticed_but_not_told(kind: str) -> None:
    tags = camera_tags()
    position = tags.get_ifd(ExifTags.IFD.GPSInfo)
    position[0] = b"\2\3\0\0"
    assert facts(kind, exif=tags).has_gps is False, "a version alone is no position"
    position[ExifTags.GPS.GPSLatitudeRef] = "N"
    position[ExifTags.GPS.GPSLatitude] = (Rational(48), Rational(8), Rational(1234, 100))
    position[ExifTags.GPS.GPSLongitude] = (Rational(11), Rational(34), Rational(5678, 100))
    found = facts(kind, exif=tags)
    assert found.has_gps is True
    assert "12.34" not in repr(found)
    assert "56.78" not in repr(found)


@pytest.mark.parametrize("kind", ["JPEG", "WEBP", "AVIF", "PNG", "TIFF"])
def test_words_from_xmp(kind: str) -> None:
    if kind == "PNG":
        text = PngImagePlugin.PngInfo()
        text.add_itxt("XML:com.adobe.xmp", XMP)
        found = facts(kind, pnginfo=text)
    elif kind == "TIFF":
        found = facts(kind, tiffinfo={700: XMP.encode()})
    else:
        found = facts(kind, xmp=XMP.encode())
    assert set(found.captions) == {
        Caption("Spring & summer", "xmp"),
        Caption("A tree in a meadow", "xmp"),
    }
    assert found.keywords == ("tree", "Meadow")


LAUGHS = "".join(
    f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' if n else '<!ENTITY l0 "ha">' for n in range(9)
)


@pytest.mark.parametrize(
    "packet",
    [
        f"<!DOCTYPE x [{LAUGHS}]>" + XMP.split("?>", 1)[1].replace("A tree", "&l8;"),
        '<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/hostname">]>'
        + XMP.split("?>", 1)[1].replace("A tree", "&f;"),
        XMP[:200],
        "no XML at all",
        "<a>" * 100_000,
        XMP.replace("A tree", "A tree " * 200_000),
    ],
    ids=["laughs", "file", "cut", "text", "deep", "large"],
)
def test_a_hostile_or_broken_packet_is_left_aside(packet: str) -> None:
    text = PngImagePlugin.PngInfo()
    text.add_itxt("XML:com.adobe.xmp", packet, zip=True)
    text.add_text("Description", "A sound text")
    found = facts("PNG", pnginfo=text)
    assert found.captions == (Caption("A sound text", "png"),)
    assert found.keywords == ()


def iptc(*data_sets: tuple[int, bytes]) -> bytes:
    record = b"".join(
        b"\x1c\x02" + bytes([number]) + struct.pack(">H", len(value)) + value
        for number, value in data_sets
    )
    resource = b"8BIM\x04\x04\0\0" + struct.pack(">I", len(record)) + record
    body = b"Photoshop 3.0\0" + resource + b"\0" * (len(resource) % 2)
    return b"\xff\xed" + struct.pack(">H", len(body) + 2) + body


def with_iptc(folder: Path, segment: bytes) -> FileFacts:
    data = odd_files.jpeg(folder).read_bytes()
    return decode(data[:2] + segment + data[2:]).facts


def test_words_from_iptc(tmp_path: Path) -> None:
    found = with_iptc(
        tmp_path,
        iptc((120, "Ein Käse".encode()), (25, b"cheese"), (25, "Caf\xe9".encode("latin-1"))),
    )
    assert found.captions == (Caption("Ein Käse", "iptc"),)
    assert found.keywords == ("cheese", "Café")


def test_a_broken_iptc_record_keeps_what_came_before(tmp_path: Path) -> None:
    whole = iptc((25, b"cheese"))
    broken = whole[:-3].replace(b"cheese", b"cheese\x1c\x02\x78\xff\xff")
    fixed = broken[:2] + struct.pack(">H", len(broken) - 2) + broken[4:]
    found = with_iptc(tmp_path, fixed)
    assert found.width_px == 64
    assert found.captions == ()


def test_words_from_exif_and_tiff() -> None:
    tags = Image.Exif()
    tags[Tag.ImageDescription] = "Grüße vom Meer".encode()
    tags[Tag.XPKeywords] = "sea;beach; sea".encode("utf-16-le")
    found = facts(exif=tags)
    assert found.captions == (Caption("Grüße vom Meer", "exif"),)
    assert found.keywords == ("sea", "beach")
    assert facts("TIFF", description="A harbour").captions == (Caption("A harbour", "exif"),)


@pytest.mark.parametrize(
    "text",
    [
        "OLYMPUS DIGITAL CAMERA         ",
        "SAMSUNG",
        "default",
        "SONY DSC",
        "oplus_1024",
        "DCIM",
        "IMG_20240531_170459.jpg",
        "12345",
        "ImageJ=1.53t\nimages=3",
        '{"shape": [3, 4]}',
        "\0\0\0",
    ],
)
def test_what_a_camera_writes_is_no_caption(text: str) -> None:
    tags = Image.Exif()
    tags[Tag.ImageDescription] = text
    assert facts(exif=tags).captions == ()


def test_the_same_words_in_several_containers_are_kept_once() -> None:
    tags = Image.Exif()
    tags[Tag.ImageDescription] = "A tree in a meadow"
    found = facts(exif=tags, xmp=XMP.encode())
    assert [caption.text for caption in found.captions].count("A tree in a meadow") == 1


def test_broken_exif_does_not_lose_the_image() -> None:
    whole = camera_tags().tobytes()
    for broken in (
        whole[:20],
        whole[:60],
        b"Exif\0\0II*\0\xff\xff\xff\xff",
        b"Exif\0\0" + b"\xff" * 99,
    ):
        assert facts(exif=broken).width_px == 64


def test_text_is_cleaned() -> None:
    assert clean_text("a\x00b\x1b[31m\u202ec\u200b  d\r\n\r\n e ") == "ab[31mc d\ne"
    assert clean_text("caf\xe9".encode("latin-1")) == "café"
    assert len(clean_text("word " * 10_000)) <= 2_000
