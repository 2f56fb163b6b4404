"""Saved comparisons: what was compared, what was found, and what the person made of it.

Whatever is stored of a comparison is written in one transaction. Compares nothing.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import replace
from itertools import islice
from typing import Any, NamedTuple, TypeVar

import msgspec

from engine.errors import UnknownComparison
from engine.protocol import ComparisonEntry, Job
from engine.storage.database import Database, Transaction
from engine.storage.problems import damaged
from engine.vocabulary import Comparison, Finding, ImageRef, Side

_BATCH = 500
LATEST = "latest"  # names the comparison that was saved last
_SHOWN_IDS = 3  # of those an ambiguous beginning fits, in the error's hint
_T = TypeVar("_T")


class Judgement(NamedTuple):
    """What the person says of one finding."""

    judgement: str | None  # "accepted", "rejected" or None
    note: str | None


def save(
    database: Database,
    comparison: Comparison,
    members: Iterable[tuple[Side, ImageRef]],
    job: Job | None,
) -> None:
    """Stores a comparison, in the place of one with the same id; judgements of it stay.

    members: every image that was compared. Raises StorageError; ValueError for a comparison
    that could not be read back, such as one that holds NaN.
    """
    body = msgspec.json.encode(replace(comparison, findings=()))
    findings = [
        (finding.id, place, msgspec.json.encode(finding))
        for place, finding in enumerate(comparison.findings)
    ]
    _check_readable(body, [encoded for _, _, encoded in findings])
    asked_for = None if job is None else msgspec.json.encode(job)
    with database.writing() as transaction:
        number = _put(transaction, comparison, body, asked_for)
        keep = msgspec.json.encode([finding_id for finding_id, _, _ in findings]).decode()
        transaction.run(
            "DELETE FROM findings WHERE comparison = ? "
            "AND id NOT IN (SELECT value FROM json_each(?))",
            (number, keep),
        )
        transaction.run_each(
            "INSERT INTO findings (comparison, id, place, body) VALUES (?, ?, ?, ?) "
            "ON CONFLICT DO UPDATE SET place = excluded.place, body = excluded.body",
            ((number, *finding) for finding in findings),
        )
        transaction.run("DELETE FROM members WHERE comparison = ?", (number,))
        _put_members(transaction, number, members)
        drop_unused_roots(transaction)


def load(database: Database, name: str) -> Comparison:
    """name: a comparison's id or the beginning of just one. Raises UnknownComparison."""
    number = find(database, name)
    [(body,)] = database.rows("SELECT body FROM comparisons WHERE number = ?", (number,))
    findings = database.rows(
        "SELECT body FROM findings WHERE comparison = ? ORDER BY place", (number,)
    )
    comparison = _decoded(database, body, Comparison)
    return replace(
        comparison,
        findings=tuple(_decoded(database, encoded, Finding) for (encoded,) in findings),
    )


def request(database: Database, name: str) -> bytes:
    """The job that was asked for, as JSON. Raises UnknownComparison."""
    number = find(database, name)
    [(job,)] = database.rows("SELECT job FROM comparisons WHERE number = ?", (number,))
    if job is None:
        raise UnknownComparison(
            "This comparison was stored without what was asked for.",
            "Choose its folders again.",
        )
    return bytes(job)


def entries(database: Database) -> list[ComparisonEntry]:
    """What is stored, newest first."""
    rows = database.rows(
        "SELECT id, created, label_a, label_b, compared_a, compared_b, outcome, significant "
        "FROM comparisons ORDER BY created DESC, number DESC"
    )
    return [ComparisonEntry(*row) for row in rows]


def member_paths(database: Database, name: str, content_ids: Iterable[str]) -> dict[str, str]:
    """content id -> absolute path of an image of the comparison, as it was then.

    Images that are not of this comparison are missing from the answer. Raises
    UnknownComparison.
    """
    number = find(database, name)
    paths: dict[str, str] = {}
    rest = iter(content_ids)
    while batch := [bytes.fromhex(content_id) for content_id in islice(rest, _BATCH)]:
        rows = database.rows(
            "SELECT content_id, path, name FROM members JOIN roots ON roots.id = members.root "
            f"WHERE comparison = ? AND content_id IN ({', '.join('?' * len(batch))})",
            (number, *batch),
        )
        for content_id, root, file_name in rows:
            path = f"{os.fsdecode(root)}/{os.fsdecode(file_name)}"
            paths.setdefault(content_id.hex(), path)
    return paths


def judge(database: Database, name: str, finding_id: str, judgement: Judgement) -> None:
    """Keeps the person's judgement of a finding. Raises UnknownComparison; KeyError."""
    number = find(database, name)
    with database.writing() as transaction:
        changed = transaction.run(
            "UPDATE findings SET judgement = ?, note = ? WHERE comparison = ? AND id = ? "
            "RETURNING id",
            (*judgement, number, finding_id),
        )
    if not changed:
        raise KeyError(finding_id)


def judgements(database: Database, name: str) -> dict[str, Judgement]:
    """finding id -> the person's judgement, of those there is one of."""
    rows = database.rows(
        "SELECT id, judgement, note FROM findings WHERE comparison = ? "
        "AND (judgement IS NOT NULL OR note IS NOT NULL)",
        (find(database, name),),
    )
    return {finding_id: Judgement(*said) for finding_id, *said in rows}


def find(database: Database, name: str) -> int:
    """The row of the comparison with this id, or this beginning of one id alone.

    “latest” is the one that was saved last. Raises UnknownComparison when there is none or more
    than one.
    """
    if name == LATEST:
        newest = database.rows(
            "SELECT number FROM comparisons ORDER BY created DESC, number DESC LIMIT 1"
        )
        if newest:
            return int(newest[0][0])
    rows = database.rows(
        "SELECT number, id FROM comparisons WHERE substr(id, 1, length(?1)) = ?1 "
        "ORDER BY id = ?1 DESC, id",
        (name,),
    )
    if not rows or not name:
        raise UnknownComparison(
            f"No comparison is stored under “{name}”.",
            "List the stored comparisons to see their ids.",
        )
    number, found = rows[0]
    if len(rows) > 1 and found != name:
        ids = [row[1] for row in rows[:_SHOWN_IDS]]
        more = "" if len(rows) <= _SHOWN_IDS else " …"
        raise UnknownComparison(
            f"The ids of {len(rows)} comparisons begin with “{name}”.",
            f"Give more of the id: {', '.join(ids)}{more}",
        )
    return int(number)


def drop_unused_roots(transaction: Transaction) -> None:
    transaction.run("DELETE FROM roots WHERE id NOT IN (SELECT root FROM members)")


def _put(transaction: Transaction, comparison: Comparison, body: bytes, job: bytes | None) -> int:
    columns: dict[str, Any] = {
        "id": comparison.id,
        "created": comparison.created,
        "label_a": comparison.a.label,
        "label_b": comparison.b.label,
        "compared_a": comparison.a.compared,
        "compared_b": comparison.b.compared,
        "outcome": str(comparison.verdict.outcome),
        "significant": comparison.verdict.significant_a + comparison.verdict.significant_b,
        "body": body,
        "job": job,
    }
    updates = [f"{name} = excluded.{name}" for name in columns if name != "job"]
    [(number,)] = transaction.run(
        f"INSERT INTO comparisons ({', '.join(columns)}) "
        f"VALUES ({', '.join('?' * len(columns))}) "
        f"ON CONFLICT (id) DO UPDATE SET {', '.join(updates)}, job = coalesce(excluded.job, job) "
        "RETURNING number",
        tuple(columns.values()),
    )
    return int(number)


def _put_members(
    transaction: Transaction, number: int, members: Iterable[tuple[Side, ImageRef]]
) -> None:
    roots: dict[str, int] = {}

    def root_of(path: str) -> int:
        if path not in roots:
            stored = os.fsencode(path)
            transaction.run("INSERT OR IGNORE INTO roots (path) VALUES (?)", (stored,))
            [(roots[path],)] = transaction.run("SELECT id FROM roots WHERE path = ?", (stored,))
        return roots[path]

    # Names are kept as the file system spells them, which need not be valid text. Of copies
    # within one side the first stands for all.
    transaction.run_each(
        "INSERT OR IGNORE INTO members (comparison, content_id, side, root, name) "
        "VALUES (?, ?, ?, ?, ?)",
        (
            (
                number,
                bytes.fromhex(image.content_id),
                str(side),
                root_of(image.root),
                os.fsencode(image.name),
            )
            for side, image in members
        ),
    )


def _check_readable(body: bytes, findings: list[bytes]) -> None:
    try:
        msgspec.json.decode(body, type=Comparison)
        for finding in findings:
            msgspec.json.decode(finding, type=Finding)
    except msgspec.ValidationError as error:
        raise ValueError(f"a comparison that cannot be read back: {error}") from error


def _decoded(database: Database, body: bytes, kind: type[_T]) -> _T:
    try:
        return msgspec.json.decode(body, type=kind)
    except msgspec.MsgspecError:
        raise damaged(database.path) from None
