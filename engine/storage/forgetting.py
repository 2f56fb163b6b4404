"""Deletes comparisons so that nothing of them is left, and keeps what others still need.

Overwrites and shrinks the database, empties its log, removes thumbnails and vectors. Never
touches an image of the user's.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path

from engine.errors import DatabaseBusy
from engine.storage.comparisons import drop_unused_roots, find
from engine.storage.database import Database
from engine.storage.paths import Place
from engine.storage.problems import explained
from engine.storage.vectors import Vectors

_SCRUB = "scrub"
_TABLES = ("comparisons", "roots", "readings", "layouts", "files", "captions", "answers")


def forget(database: Database, place: Place, vectors: Vectors, name: str) -> int:
    """Deletes one comparison and all that only it used; other comparisons stay whole.

    Known failures of files, which belong to no image, and answers of language models, which may
    belong to several, are all forgotten with it; they are had again at the cost of time. name:
    an id or the beginning of just one. Returns 1. Raises UnknownComparison; StorageError.
    """
    number = find(database, name)
    only_here = database.rows(
        "SELECT content_id FROM members WHERE comparison = ?1 "
        "EXCEPT SELECT content_id FROM members WHERE comparison <> ?1",
        (number,),
    )
    # Thumbnails first: should this process be killed here, the comparison is still listed and
    # can be forgotten again.
    with explained(database.path):
        _remove_thumbnails(place, (content_id.hex() for (content_id,) in only_here))
        vectors.forget([content_id.hex() for (content_id,) in only_here])
    with database.writing() as transaction:
        transaction.run("CREATE TEMP TABLE doomed (content_id BLOB PRIMARY KEY) WITHOUT ROWID")
        transaction.run_each("INSERT INTO doomed VALUES (?)", only_here)
        for table in ("readings", "files", "captions"):
            transaction.run(
                f"DELETE FROM {table} WHERE content_id IN (SELECT content_id FROM doomed)"
            )
        transaction.run("DROP TABLE doomed")
        transaction.run("DELETE FROM files WHERE content_id IS NULL")
        transaction.run("DELETE FROM answers")
        transaction.run("DELETE FROM comparisons WHERE number = ?", (number,))
        drop_unused_roots(transaction)
        transaction.run("INSERT OR IGNORE INTO chores VALUES (?)", (_SCRUB,))
    _scrub(database)
    return 1


def forget_all(database: Database, place: Place, vectors: Vectors) -> int:
    """Deletes everything: comparisons, readings (of unfinished runs, too), thumbnails and whatever
    models made of images. Installed models stay.

    Returns the number of comparisons that were stored. Raises StorageError.
    """
    [(count,)] = database.rows("SELECT count(*) FROM comparisons")
    with explained(database.path):
        if place.thumbnails.exists():
            shutil.rmtree(place.thumbnails)
        vectors.clear()
    with database.writing() as transaction:
        for table in _TABLES:
            transaction.run(f"DELETE FROM {table}")
        transaction.run("INSERT OR IGNORE INTO chores VALUES (?)", (_SCRUB,))
    _scrub(database)
    return int(count)


def finish(database: Database) -> None:
    """Finishes what a process that was killed, or got in another's way, left undone.

    Does nothing while another process is in the way: the next start tries again.
    """
    if database.rows("SELECT 1 FROM chores WHERE name = ?", (_SCRUB,)) and database.scrub():
        _done(database)


def _scrub(database: Database) -> None:
    if not database.scrub():
        raise DatabaseBusy(
            "It is deleted, but its bytes could not be overwritten while another Twofold uses "
            "the database.",
            "Close the other one; Twofold overwrites them when it starts next.",
        )
    _done(database)


def _done(database: Database) -> None:
    with database.writing() as transaction:
        transaction.run("DELETE FROM chores WHERE name = ?", (_SCRUB,))


def _remove_thumbnails(place: Place, content_ids: Iterable[str]) -> None:
    folders: set[Path] = set()
    for content_id in content_ids:
        folder = place.thumbnails / content_id[:2]
        (folder / f"{content_id}.jpg").unlink(missing_ok=True)
        folders.add(folder)
    for folder in folders:
        if folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()
