"""The form of the database, as steps from nothing to now.

Append only: a step that was ever released is never changed, for databases of that form exist.
`PRAGMA user_version` counts the steps taken. Knows no value that is stored.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path

from engine.storage.problems import newer, not_ours

#: "2fld", in the file's header: this is a database of ours
APPLICATION_ID = 0x32666C64

MIGRATIONS: tuple[tuple[str, ...], ...] = (
    (
        # What stood in a file of this size, place and time. No path, no name.
        """
        CREATE TABLE files (
            key BLOB NOT NULL PRIMARY KEY,      -- digest of the file's identity on disk
            content_id BLOB,                    -- 16 bytes; NULL when it could not be read
            skip_code TEXT,                     -- then: why, by …
            reader TEXT                         -- … a reader of this version and limits
        ) WITHOUT ROWID
        """,
        # The measurements of one version, in the order in which readings hold their values.
        """
        CREATE TABLE layouts (
            id INTEGER PRIMARY KEY,
            version TEXT NOT NULL,
            names TEXT NOT NULL,                -- JSON array
            UNIQUE (version, names)
        )
        """,
        # The newest reading of each image.
        """
        CREATE TABLE readings (
            content_id BLOB NOT NULL PRIMARY KEY,
            layout INTEGER NOT NULL REFERENCES layouts (id),
            body BLOB NOT NULL                  -- MessagePack
        )
        """,
        """
        CREATE TABLE comparisons (
            number INTEGER PRIMARY KEY,
            id TEXT NOT NULL UNIQUE,
            created TEXT NOT NULL,
            label_a TEXT NOT NULL,
            label_b TEXT NOT NULL,
            compared_a INTEGER NOT NULL,
            compared_b INTEGER NOT NULL,
            outcome TEXT NOT NULL,
            significant INTEGER NOT NULL,
            body BLOB NOT NULL,                 -- JSON of the comparison without its findings
            job BLOB                            -- JSON of what was asked for
        )
        """,
        """
        CREATE TABLE findings (
            comparison INTEGER NOT NULL REFERENCES comparisons (number) ON DELETE CASCADE,
            id TEXT NOT NULL,
            place INTEGER NOT NULL,             -- 0 is the best
            body BLOB NOT NULL,                 -- JSON
            judgement TEXT,                     -- the person's, as is the note
            note TEXT,
            PRIMARY KEY (comparison, id)
        )
        """,
        """
        CREATE TABLE roots (
            id INTEGER PRIMARY KEY,
            path BLOB NOT NULL UNIQUE           -- as the file system spells it
        )
        """,
        """
        CREATE TABLE members (
            comparison INTEGER NOT NULL REFERENCES comparisons (number) ON DELETE CASCADE,
            content_id BLOB NOT NULL,
            side TEXT NOT NULL,
            root INTEGER NOT NULL REFERENCES roots (id),
            name BLOB NOT NULL,
            PRIMARY KEY (comparison, content_id, side)
        ) WITHOUT ROWID
        """,
        # What has to be finished after a process that was killed.
        "CREATE TABLE chores (name TEXT NOT NULL PRIMARY KEY) WITHOUT ROWID",
    ),
    (
        # What captioners wrote about images.
        """
        CREATE TABLE captions (
            content_id BLOB NOT NULL,
            captioner BLOB NOT NULL,            -- digest of the model, its options and its question
            text TEXT NOT NULL,                 -- "" where it had nothing usable to say
            PRIMARY KEY (content_id, captioner)
        ) WITHOUT ROWID
        """,
        # How fast a stage was with these models, to foresee how long it takes next time.
        """
        CREATE TABLE paces (
            work TEXT NOT NULL PRIMARY KEY,     -- stage and models
            seconds_per_item REAL NOT NULL
        ) WITHOUT ROWID
        """,
        # What language models and text encoders answered.
        """
        CREATE TABLE answers (
            key BLOB NOT NULL PRIMARY KEY,      -- digest of everything that decides the answer
            body BLOB NOT NULL
        ) WITHOUT ROWID
        """,
    ),
)


def check_origin(connection: sqlite3.Connection, database: Path) -> None:
    """Raises DatabaseNewer or DatabaseDamaged for a file this program must not touch."""
    version = _number(connection, "user_version")
    application = _number(connection, "application_id")
    filled = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0] > 0
    if application != APPLICATION_ID and (filled or version or application):
        raise not_ours(database)
    if version > len(MIGRATIONS):
        raise newer(database, version, len(MIGRATIONS))


def migrate(connection: sqlite3.Connection, database: Path) -> None:
    """Takes the steps that are missing, all or none. Safe beside another process doing so."""
    if _number(connection, "user_version") == len(MIGRATIONS):
        return
    connection.execute("BEGIN IMMEDIATE")
    try:
        check_origin(connection, database)  # again: now no other process can change it
        for step in MIGRATIONS[_number(connection, "user_version") :]:
            for statement in step:
                connection.execute(statement)
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _number(connection: sqlite3.Connection, pragma: str) -> int:
    return int(connection.execute(f"PRAGMA {pragma}").fetchone()[0])
