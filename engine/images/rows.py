"""Reads the rows of a table in CSV: path, group, caption. Looks at no file but the table."""

from __future__ import annotations

import codecs
import csv
import io
import os
from collections.abc import Iterator
from dataclasses import dataclass

from engine.errors import BadTable, NoPermission
from engine.images.open_safely import CannotRead, read_file
from engine.job import JobControl
from engine.protocol import TableSource

SIZE_LIMIT_BYTES = 512 * 1024**2
DELIMITERS = (",", ";", "\t")
NAMED_COLUMNS = 12  # in an error
CHECK_EVERY = 4096  # rows

_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


@dataclass(frozen=True, slots=True)
class Row:
    line: int  # of the file, where the row ends; counted from 1
    path: str
    group: str
    caption: str


def read_rows(file: str, source: TableSource, job: JobControl) -> list[Row]:
    """file: absolute path; UTF-8, or UTF-16 with its mark; comma, semicolon or tabulator.

    Rows without any text are left out. Raises BadTable, NoPermission, Cancelled.
    """
    text = _text(file)
    declared, text = _declared_delimiter(text)
    lines_before = 1 if declared else 0
    reader = _records(text, declared or _likely_delimiter(text, source), lines_before)
    header = [name.strip() for name in next(reader, (0, []))[1]]
    path = _column(header, source.path_column)
    group = _column(header, source.group_column)
    if path is None or group is None:
        missing = source.path_column if path is None else source.group_column
        raise BadTable(
            f"The table has no column “{missing}”; its columns are {_named(header)}.",
            "Name the columns that hold the file and the group.",
        )
    caption = _column(header, source.caption_column)
    rows: list[Row] = []
    for line, record in reader:
        if len(rows) % CHECK_EVERY == 0:
            job.check_cancelled()
        if any(cell.strip() for cell in record):
            rows.append(
                Row(line, _cell(record, path), _cell(record, group), _cell(record, caption))
            )
    return rows


def _text(file: str) -> str:
    try:
        data = read_file(os.path.realpath(file), size_limit=SIZE_LIMIT_BYTES).data
    except CannotRead as error:
        if error.code == "no_permission":
            raise NoPermission(
                "The table may not be read by this user.", "Ask its owner for permission."
            ) from error
        if error.code == "empty_file":
            raise BadTable(
                "The table is empty.", "It needs a line with the names of its columns."
            ) from error
        raise BadTable("The table could not be read as a file.", "Choose a CSV file.") from error
    try:
        return data.decode("utf-16" if data.startswith(_UTF16) else "utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadTable(
            "The table is not UTF-8 text.", "Save it as “CSV UTF-8” and try again."
        ) from error


def _declared_delimiter(text: str) -> tuple[str, str]:
    """Excel may write a first line such as “sep=;”. Returns it and the rest of the text."""
    first, _, rest = text.partition("\n")
    declared = first.rstrip("\r").strip('"')
    if len(declared) == 5 and declared.lower().startswith("sep="):
        return declared[4], rest
    return "", text


def _likely_delimiter(text: str, source: TableSource) -> str:
    """The one that yields the wanted columns, else the one that yields most columns."""

    def likelihood(delimiter: str) -> tuple[bool, int]:
        try:
            header = [name.strip() for name in next(_records(text, delimiter), (0, []))[1]]
        except BadTable:
            return False, 0
        wanted = (source.path_column, source.group_column)
        return all(_column(header, name) is not None for name in wanted), len(header)

    return max(DELIMITERS, key=likelihood)


def _records(text: str, delimiter: str, lines_before: int = 0) -> Iterator[tuple[int, list[str]]]:
    """(line, cells). Raises BadTable where the quoting is broken."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        for record in reader:
            yield lines_before + reader.line_num, record
    except csv.Error as error:
        raise BadTable(
            f"Line {lines_before + reader.line_num} of the table cannot be read: {error}.",
            "Check the quotation marks on that line and before it.",
        ) from error


def _column(header: list[str], wanted: str) -> int | None:
    """Exactly so written, else in any mixture of upper and lower case."""
    if wanted in header:
        return header.index(wanted)
    folded = [name.casefold() for name in header]
    return folded.index(wanted.casefold()) if wanted.casefold() in folded else None


def _cell(record: list[str], column: int | None) -> str:
    return record[column].strip() if column is not None and column < len(record) else ""


def _named(header: list[str]) -> str:
    if not any(header):
        return "not named"
    names = ", ".join(f"“{name}”" for name in header[:NAMED_COLUMNS])
    return names + (
        f" and {len(header) - NAMED_COLUMNS} more" if len(header) > NAMED_COLUMNS else ""
    )
