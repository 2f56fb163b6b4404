"""Camera: with what and how a photograph was taken, as far as the file says. Reads no pixel."""

from __future__ import annotations

import math
import re

from engine.measurement import Category, Measurement, Number, Value, YesNo
from engine.measurements.view import View
from engine.picture import FileFacts

VERSION = 1

NAME_LIMIT = 80  # characters of a name that are kept; a longer one is no name

#: how makers' names begin in files, in lower case -> how they are written
MAKERS = {
    "apple": "Apple",
    "arashi vision": "Insta360",
    "asus": "ASUS",
    "canon": "Canon",
    "casio": "Casio",
    "dji": "DJI",
    "eastman kodak": "Kodak",
    "epson": "Epson",
    "fuji photo film": "Fujifilm",
    "fujifilm": "Fujifilm",
    "google": "Google",
    "gopro": "GoPro",
    "hasselblad": "Hasselblad",
    "hewlett-packard": "HP",
    "hmd global": "Nokia",
    "htc": "HTC",
    "huawei": "Huawei",
    "kodak": "Kodak",
    "konica minolta": "Konica Minolta",
    "leica": "Leica",
    "lg electronics": "LG",
    "lge": "LG",
    "minolta": "Minolta",
    "motorola": "Motorola",
    "nikon": "Nikon",
    "nokia": "Nokia",
    "olympus": "Olympus",
    "om digital solutions": "OM System",
    "oneplus": "OnePlus",
    "oppo": "OPPO",
    "panasonic": "Panasonic",
    "pentax": "Pentax",
    "phase one": "Phase One",
    "ricoh": "Ricoh",
    "samsung": "Samsung",
    "seiko epson": "Epson",
    "sigma": "Sigma",
    "sony": "Sony",
    "vivo": "vivo",
    "xiaomi": "Xiaomi",
}

#: legal forms and trades that follow a maker's name
COMPANY_WORDS = frozenset(
    {"ag", "camera", "co", "company", "computer", "corp", "corporation", "electronics", "gmbh"}
    | {"imaging", "inc", "international", "limited", "ltd", "mobile", "optical", "sa"}
    | {"technologies", "technology"}
)

_BRACKETS = re.compile(r"\s*[(\[].*$")
_VERSION_WORD = re.compile(
    r"(?:v|ver\.?|version|release|firmware|build)?\s*\d[\w.+-]*$|(?:version|firmware|ver\.?)$"
    r"|(?:cs|cc)\d*$|v\d[\w.]*$",
    re.IGNORECASE,
)

MEASUREMENTS: tuple[Measurement, ...] = (
    YesNo(
        name="names_camera",
        title="names its camera",
        yes="images whose file names the camera",
        no="images whose file does not name a camera",
        source="Whether the EXIF data hold a make or a model.",
        technical=True,
    ),
    Category(
        name="camera_maker",
        title="maker of the camera",
        phrase="images taken with a camera by {value}",
        opposite="images taken with a camera by another maker than {value}",
        source="EXIF Make, in one spelling a maker and without its legal form.",
        technical=True,
    ),
    Category(
        name="camera",
        title="camera",
        phrase="images taken with the {value}",
        opposite="images taken with another camera than the {value}",
        source="EXIF Make and Model, the maker named once.",
        technical=True,
    ),
    Category(
        name="lens",
        title="lens",
        phrase="images taken with the lens {value}",
        opposite="images taken with another lens than {value}",
        source="EXIF LensModel.",
        technical=True,
    ),
    Category(
        name="software",
        title="software",
        phrase="images written by {value}",
        opposite="images written by other software than {value}",
        source="EXIF Software, without its version.",
        technical=True,
    ),
    Number(
        name="exposure_time",
        title="exposure time",
        unit="log2 s",
        high="images with longer exposures",
        low="images with shorter exposures",
        source="EXIF ExposureTime; one unit is a stop, a doubling.",
        technical=True,
    ),
    Number(
        name="f_number",
        title="f-number",
        unit="f-number",
        high="images taken with a smaller aperture",
        low="images taken with a wider aperture",
        source="EXIF FNumber.",
        technical=True,
    ),
    Number(
        name="iso",
        title="ISO sensitivity",
        unit="log2 ISO",
        high="images taken at higher sensitivity (ISO)",
        low="images taken at lower sensitivity (ISO)",
        source="EXIF PhotographicSensitivity; one unit is a doubling, ISO 100 is 6.64.",
        technical=True,
    ),
    Number(
        name="focal_length",
        title="focal length",
        unit="mm",
        high="images taken with longer focal lengths",
        low="images taken with shorter focal lengths",
        source="EXIF FocalLength, as on the lens, not converted to another sensor size.",
        technical=True,
    ),
    YesNo(
        name="flash",
        title="flash",
        yes="images taken with flash",
        no="images taken without flash",
        source="EXIF Flash, whether it fired.",
        technical=True,
    ),
    Number(
        name="scene_light",
        title="light of the scene",
        unit="EV at ISO 100",
        high="images of more brightly lit scenes, as in daylight",
        low="images of more dimly lit scenes, as indoors or at night",
        source="Exposure value log2(N²/t) − log2(ISO/100) from the f-number N, the time t and the "
        "sensitivity: the light for which the camera was set (ISO 2720).",
    ),
)


def tidy(name: str | None) -> str | None:
    """A name from a file as one printable line of at most NAME_LIMIT characters; None if empty."""
    if name is None:
        return None
    printable = "".join(sign if sign.isprintable() else " " for sign in name)
    return " ".join(printable.split())[:NAME_LIMIT].rstrip() or None


def maker_name(make: str | None) -> str | None:
    """A maker in one spelling: "NIKON CORPORATION" and "Nikon" are both "Nikon"."""
    make = tidy(make)
    if make is None:
        return None
    lower = make.casefold()
    for beginning, written in MAKERS.items():
        if lower == beginning or lower.startswith((f"{beginning} ", f"{beginning}-")):
            return written
    words = make.replace(",", " ").split()
    while len(words) > 1 and words[-1].casefold().strip(".") in COMPANY_WORDS:
        words.pop()
    return " ".join(words)


def camera_name(make: str | None, model: str | None) -> str | None:
    """Maker and model with the maker named once: "Canon EOS 5D". None without a model."""
    model, maker = tidy(model), maker_name(make)
    if model is None or maker is None:
        return model
    first, _, rest = model.partition(" ")
    given = (tidy(make) or "").casefold()
    if given and model.casefold().startswith(f"{given} "):
        rest = model[len(given) :].strip()
    elif first.casefold() not in {maker.casefold(), given.partition(" ")[0]}:
        rest = model
    return f"{maker} {rest}".strip()


def software_name(software: str | None) -> str | None:
    """A program without its version: "Adobe Photoshop CS6 (Windows)" is "Adobe Photoshop".

    None where only a version stands, as with the firmware of many cameras.
    """
    software = tidy(software)
    if software is None:
        return None
    words: list[str] = []
    for word in _BRACKETS.sub("", software).split():
        if _VERSION_WORD.match(word):
            break
        words.append(word)
    return " ".join(words) or None


def _positive(value: float | None) -> float | None:
    return float(value) if value is not None and math.isfinite(value) and value > 0 else None


def _log2(value: float | None) -> float | None:
    known = _positive(value)
    return math.log2(known) if known is not None else None


def _scene_light(facts: FileFacts) -> float | None:
    time, stops, sensitivity = _log2(facts.exposure_s), _log2(facts.f_number), _log2(facts.iso)
    if time is None or stops is None or sensitivity is None:
        return None
    return 2 * stops - time - (sensitivity - math.log2(100))


def measure(view: View) -> dict[str, Value]:
    """Reads FileFacts only. A zero where none is possible counts as unknown."""
    facts = view.facts
    return {
        "names_camera": tidy(facts.make) is not None or tidy(facts.model) is not None,
        "camera_maker": maker_name(facts.make),
        "camera": camera_name(facts.make, facts.model),
        "lens": tidy(facts.lens),
        "software": software_name(facts.software),
        "exposure_time": _log2(facts.exposure_s),
        "f_number": _positive(facts.f_number),
        "iso": _log2(facts.iso),
        "focal_length": _positive(facts.focal_mm),
        "flash": facts.flash,
        "scene_light": _scene_light(facts),
    }
