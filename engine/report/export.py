"""Writes a comparison to a file: a PDF or HTML report, or its data as JSON or CSV.

Chooses the format and writes whole files only. Composes and typesets nothing itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from engine.errors import ExportFailed
from engine.protocol import ReportOptions
from engine.report import csv_export, json_export, pdf, web
from engine.report.compose import chosen_findings, compose, images_shown
from engine.report.target import write
from engine.vocabulary import Comparison, Finding

__all__ = ["FORMATS", "export", "images_shown"]

#: format -> the suffixes its files may have
FORMATS = {"pdf": (".pdf",), "html": (".html", ".htm"), "json": (".json",), "csv": (".csv",)}


def export(
    comparison: Comparison,
    format: str,
    target: Path,
    options: ReportOptions,
    thumbnails: Mapping[str, Path],
) -> None:
    """Write `comparison` to `target` as "pdf", "html", "json" or "csv".

    thumbnails: content id -> file of a small image, for the reports; see `images_shown`. The
    data formats hold every finding unless the options name some. Raises ExportFailed,
    NoPermission or DiskFull; the target is then as it was before.
    """
    if format not in FORMATS:
        raise ExportFailed("This format is not known.", f"Choose one of {', '.join(FORMATS)}.")
    if target.suffix.lower() not in FORMATS[format]:
        raise ExportFailed(
            f"The name of the file does not fit its format, {format.upper()}.",
            f"Let it end in {FORMATS[format][0]}.",
        )
    write(target, _content(comparison, format, options, thumbnails))


def _content(
    comparison: Comparison, format: str, options: ReportOptions, thumbnails: Mapping[str, Path]
) -> bytes:
    if format == "json":
        return json_export.render(comparison, _exported(comparison, options))
    if format == "csv":
        return csv_export.render(_exported(comparison, options))
    data = compose(comparison, options, thumbnails)
    return pdf.render(data) if format == "pdf" else web.render(data)


def _exported(comparison: Comparison, options: ReportOptions) -> Sequence[Finding]:
    return chosen_findings(comparison, options) if options.findings else comparison.findings
