"""What a file says of its camera, its date, its place and its text."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest
from PIL import Image

from engine.measurement import Value
from engine.measurements.catalogue import CATALOGUE
from engine.measurements.text import FROM_TEXT_NAMES, text_values
from engine.vocabulary import Caption

Measured = Callable[..., dict[str, Value]]
IMAGE = Image.new("RGB", (32, 24))

SILENT_NUMBERS = "exposure_time f_number iso focal_length scene_light year_taken caption_words"
SILENT_OTHERS = (
    "camera camera_maker lens software flash season time_of_day weekend has_position jpeg_quality"
)


def test_what_a_file_does_not_say_is_unknown_and_never_zero(values: Measured) -> None:
    found = values(IMAGE)
    for name in f"{SILENT_NUMBERS} {SILENT_OTHERS}".split():
        assert found[name] is None, name
    for name in ("names_camera", "has_date", "has_caption", "has_keywords"):
        assert found[name] is False


@pytest.mark.parametrize(
    ("make", "model", "maker", "camera"),
    [
        ("Canon", "Canon EOS 5D Mark II", "Canon", "Canon EOS 5D Mark II"),
        ("NIKON CORPORATION", "NIKON D90", "Nikon", "Nikon D90"),
        ("NIKON", "COOLPIX P900", "Nikon", "Nikon COOLPIX P900"),
        ("SONY", "DSC-RX100", "Sony", "Sony DSC-RX100"),
        ("OLYMPUS IMAGING CORP.  ", "E-M10           ", "Olympus", "Olympus E-M10"),
        (
            "EASTMAN KODAK COMPANY",
            "KODAK EASYSHARE Z740 ZOOM",
            "Kodak",
            "Kodak EASYSHARE Z740 ZOOM",
        ),
        ("Apple", "iPhone 12", "Apple", "Apple iPhone 12"),
        ("samsung", "SM-G950F", "Samsung", "Samsung SM-G950F"),
        ("HUAWEI", "HUAWEI P30", "Huawei", "Huawei P30"),
        ("Hewlett-Packard", "HP PhotoSmart 715", "HP", "HP PhotoSmart 715"),
        ("Lomo Optical Co., Ltd.", "X1\x00\x00", "Lomo", "Lomo X1"),
        ("Phase One A/S", "IQ180", "Phase One", "Phase One IQ180"),
        (None, "Scanner 9000", None, "Scanner 9000"),
        ("Canon", None, "Canon", None),
        ("  \x00", "", None, None),
    ],
)
def test_cameras_are_named_once_and_in_one_spelling(
    values: Measured, make: str | None, model: str | None, maker: str | None, camera: str | None
) -> None:
    found = values(IMAGE, make=make, model=model)
    assert found["camera_maker"] == maker
    assert found["camera"] == camera
    assert found["names_camera"] is (maker is not None or camera is not None)


@pytest.mark.parametrize(
    ("stored", "name"),
    [
        ("Adobe Photoshop CS6 (Windows)", "Adobe Photoshop"),
        ("Adobe Photoshop CC 2019 (Macintosh)", "Adobe Photoshop"),
        ("Adobe Photoshop 21.0 (Macintosh)", "Adobe Photoshop"),
        ("Adobe Photoshop Lightroom 5.7 (Macintosh)", "Adobe Photoshop Lightroom"),
        ("GIMP 2.10.8", "GIMP"),
        ("paint.net 4.2.5", "paint.net"),
        ("Picasa", "Picasa"),
        ("Microsoft Windows Photo Viewer 6.1.7600.16385", "Microsoft Windows Photo Viewer"),
        ("Digital Camera FinePix S5600 Ver1.00", "Digital Camera FinePix S5600"),
        ("ImageMagick v6.9 Q16", "ImageMagick"),
        ("Ver.1.01 ", None),
        ("11.2.1", None),
        ("", None),
        (None, None),
    ],
)
def test_software_is_named_without_its_version(
    values: Measured, stored: str | None, name: str | None
) -> None:
    assert values(IMAGE, software=stored)["software"] == name


def test_names_from_files_are_one_short_printable_line(values: Measured) -> None:
    found = values(IMAGE, lens="EF50mm\n f/1.8\u202e\x07 STM", software="x" * 5000)
    assert found["lens"] == "EF50mm f/1.8 STM"
    assert isinstance(found["software"], str)
    assert len(found["software"]) <= 80


def test_exposure_in_stops(values: Measured) -> None:
    sunny = values(IMAGE, exposure_s=1 / 128, f_number=16.0, iso=100.0, focal_mm=50.0, flash=False)
    assert sunny["exposure_time"] == -7
    assert sunny["f_number"] == 16
    assert sunny["focal_length"] == 50
    assert sunny["iso"] == pytest.approx(6.644, abs=0.001)
    assert sunny["flash"] is False
    assert sunny["scene_light"] == pytest.approx(15), "the sunny-sixteen rule"
    indoors = values(IMAGE, exposure_s=1 / 32, f_number=2.0, iso=1600.0)
    assert indoors["scene_light"] == pytest.approx(3)


def test_impossible_exposures_are_unknown(values: Measured) -> None:
    found = values(IMAGE, exposure_s=0.0, f_number=0.0, iso=-1.0, focal_mm=float("nan"))
    for name in ("exposure_time", "f_number", "iso", "focal_length", "scene_light"):
        assert found[name] is None


@pytest.mark.parametrize(
    ("taken", "season", "part", "weekend"),
    [
        (datetime(2019, 1, 5, 9, 30), "December–February", "in the morning", True),
        (datetime(2020, 12, 31, 23, 59), "December–February", "at night", False),
        (datetime(2020, 3, 1, 3, 0), "March–May", "at night", True),
        (datetime(2021, 8, 31, 12, 0), "June–August", "in the afternoon", False),
        (datetime(2021, 9, 1, 18, 0), "September–November", "in the evening", False),
        (datetime(2021, 9, 1, 21, 59, 59), "September–November", "in the evening", False),
        (datetime(2021, 11, 30, 5, 59, 59), "September–November", "at night", False),
        (datetime(2021, 11, 30, 0, 0, 0), "September–November", None, False),
    ],
)
def test_when_a_photograph_was_taken(
    values: Measured, taken: datetime, season: str, part: str | None, weekend: bool
) -> None:
    found = values(IMAGE, taken=taken)
    assert found["has_date"] is True
    assert found["season"] == season
    assert found["time_of_day"] == part
    assert found["weekend"] is weekend
    assert isinstance(found["year_taken"], float)
    assert int(found["year_taken"]) == taken.year


def test_years_run_evenly(values: Measured) -> None:
    middle = values(IMAGE, taken=datetime(2021, 7, 2, 12))["year_taken"]
    assert middle == pytest.approx(2021.5, abs=0.003)
    assert values(IMAGE, taken=datetime(2020, 1, 1))["year_taken"] == 2020
    last = values(IMAGE, taken=datetime(2020, 12, 31))["year_taken"]
    assert isinstance(last, float)
    assert 2020.99 < last < 2021


def test_only_whether_there_is_a_position_is_told(values: Measured) -> None:
    assert values(IMAGE, has_gps=True)["has_position"] is True
    assert values(IMAGE, has_gps=False)["has_position"] is False


def test_text_in_the_file(values: Measured) -> None:
    captions = (Caption("A dog on the beach.", "iptc"), Caption("It doesn't move.", "xmp"))
    found = values(IMAGE, captions=captions, keywords=("dog", "beach"))
    assert found["has_caption"] is True
    assert found["caption_words"] == 8
    assert found["has_keywords"] is True
    assert values(IMAGE, keywords=("",))["has_keywords"] is False


def test_text_from_beside_the_file_replaces_what_the_file_says() -> None:
    names = {measurement.name for measurement in CATALOGUE.measurements}
    assert set(FROM_TEXT_NAMES) <= names
    assert set(text_values("a well-lit room")) == set(FROM_TEXT_NAMES)
    assert text_values("a well-lit room") == {"has_caption": True, "caption_words": 3.0}
    assert text_values(" \n") == {"has_caption": False, "caption_words": None}
