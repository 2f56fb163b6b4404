"""Typesets a composed report as a PDF with Typst and the one template beside this module.

The data reach the template as JSON and are never markup. Reads the template and nothing else,
writes no file, uses no package and no network.

Fonts: only those that travel with Typst, so that the page looks the same on every machine.
Text in a script they do not hold (Chinese, Devanagari, emoji …) is set once more with the
system's fonts allowed, and only then.
"""

from __future__ import annotations

import json
import re
from importlib.resources import files
from typing import Any

from engine.errors import ExportFailed
from engine.report.data import Picture, ReportData

LONGEST_WORD = 24  # characters; longer ones may be broken, so that nothing leaves its column
_BREAK = "\u200b"  # zero width space: a place to break without a hyphen
_TOGETHER = re.compile(r"(?<=\b[pq]) (?=[=<] )|(?<=\b[pq] [=<]) |(?<=\d) (?=%)")
_LONG = re.compile(rf"\S{{{LONGEST_WORD + 1},}}")


def render(data: ReportData) -> bytes:
    """The PDF: tagged, PDF/UA-1, searchable; the same data give the same bytes.

    Where even the system has no font for a character, the page shows a box for it and the file
    is tagged without claiming PDF/UA-1; the text itself stays searchable. Raises ExportFailed.
    """
    import typst

    template = files("engine.report").joinpath("report.typ").read_bytes()
    inputs = {"data": json.dumps(_typesettable(data), ensure_ascii=False)}
    attempts: tuple[tuple[bool, typst.PDFStandards], ...] = (
        (True, "ua-1"),
        (False, "ua-1"),
        (False, None),
    )
    failure: typst.TypstError | None = None
    for ignore_system_fonts, standards in attempts:
        compiler = typst.Compiler(template, ignore_system_fonts=ignore_system_fonts)
        try:
            pdf: Any = compiler.compile(sys_inputs=inputs, pdf_standards=standards)
        except typst.TypstError as error:
            failure = error
            if "could not be displayed" not in error.message:
                break
        else:
            return bytes(pdf)
    raise ExportFailed(
        "The report could not be typeset.", "Export it as HTML, and report this error."
    ) from failure


def _typesettable(data: ReportData) -> dict[str, Any]:
    """The data with long words breakable, figures kept whole, pictures as Typst takes them."""
    pictures = {
        key: {"svg": _svg(picture), "alt": picture["alt"]}
        for key, picture in data["pictures"].items()
    }
    words = {key: value for key, value in data.items() if key != "pictures"}
    return {**_breakable(words), "pictures": pictures}


def _breakable(value: Any) -> Any:
    if isinstance(value, str):
        return _LONG.sub(_broken, _TOGETHER.sub("\u00a0", value))
    if isinstance(value, dict):
        return {key: _breakable(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_breakable(item) for item in value]
    return value


def _broken(match: re.Match[str]) -> str:
    word, piece = match.group(), LONGEST_WORD // 2
    return _BREAK.join(word[at : at + piece] for at in range(0, len(word), piece))


def _svg(picture: Picture) -> str:
    """An SVG around the JPEG: JSON holds no bytes, and Typst reads a data URI only in an SVG."""
    width, height = picture["width_px"], picture["height_px"]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}">'
        f'<image width="{width}" height="{height}" href="{picture["src"]}"/></svg>'
    )
