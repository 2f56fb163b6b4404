"""What is kept, as the rest of the engine asks for it. One store to a data folder.

Safe to use from several threads, such as a worker thread and the main one: each call is done
whole, one after another. Several processes may open the same folder; each call that writes is
one transaction, on the disk when it returns, so that a process killed at any moment loses no
more than the call it was in.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from engine.protocol import ComparisonEntry, Job
from engine.storage import comparisons, file_index, forgetting, readings
from engine.storage.answers import Answers, Captions
from engine.storage.comparisons import Judgement
from engine.storage.database import Database
from engine.storage.file_index import FileKey, KnownFile
from engine.storage.paths import Place
from engine.storage.readings import Reading
from engine.storage.vectors import Vectors
from engine.vocabulary import Comparison, ImageRef, Side

__all__ = ["FileKey", "Judgement", "KnownFile", "Reading", "Store"]


class Store:
    """Every method may raise StorageError; those that take a comparison, UnknownComparison.

    A comparison is named by its id, by the beginning of just one id, or as “latest”.
    """

    def __init__(self, place: Place, database: Database) -> None:
        self._place = place
        self._database = database
        self.answers = Answers(database)
        self.captions = Captions(database)
        self.vectors = Vectors(place.vectors)

    @classmethod
    def open(cls, place: Place) -> Store:
        """Raises DatabaseNewer, DatabaseDamaged, DataFolderReadOnly, DiskFull or StorageError."""
        database = Database.open(place.database)
        try:
            forgetting.finish(database)
        except BaseException:
            database.close()
            raise
        return cls(place, database)

    def close(self) -> None:
        self.vectors.close()
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    # --- files --------------------------------------------------------------------------------

    def known_files(self, keys: Sequence[FileKey], *, reader: str = "") -> dict[FileKey, KnownFile]:
        """What is known of files in this very state; see `file_index.known_files`."""
        return file_index.known_files(self._database, keys, reader)

    def remember_files(
        self,
        files: Iterable[tuple[FileKey, str, str]],
        *,
        read_after_ns: int,
        reader: str = "",
    ) -> None:
        """(key, content id or "", skip code or "") each; see `file_index.remember_files`."""
        file_index.remember_files(self._database, files, read_after_ns=read_after_ns, reader=reader)

    # --- readings -----------------------------------------------------------------------------

    def readings(self, content_ids: Iterable[str], version: str) -> dict[str, Reading]:
        """content id -> its reading, of those there are with this version of measurements."""
        return {found.content_id: found for found in self.stream_readings(content_ids, version)}

    def stream_readings(self, content_ids: Iterable[str], version: str) -> Iterator[Reading]:
        """The same in any order and in constant memory."""
        return readings.stream_readings(self._database, content_ids, version)

    def add_readings(self, found: Iterable[Reading], version: str) -> None:
        """Stores readings in one commit; an image keeps its newest reading only."""
        readings.add_readings(self._database, found, version)

    # --- pace -----------------------------------------------------------------------------------

    def pace(self, work: str) -> float | None:
        """Seconds an item of this work took last time. work: names the stage and its models."""
        rows = self._database.rows("SELECT seconds_per_item FROM paces WHERE work = ?", (work,))
        return float(rows[0][0]) if rows else None

    def remember_pace(self, work: str, seconds_per_item: float) -> None:
        with self._database.writing() as transaction:
            transaction.run("INSERT OR REPLACE INTO paces VALUES (?, ?)", (work, seconds_per_item))

    # --- comparisons --------------------------------------------------------------------------

    def save(
        self,
        comparison: Comparison,
        members: Iterable[tuple[Side, ImageRef]],
        job: Job | None = None,
    ) -> None:
        """Stores a comparison in one commit, in the place of one with the same id.

        The person's judgements of its findings stay; so does the job when none is given.
        """
        comparisons.save(self._database, comparison, members, job)

    def load(self, name: str) -> Comparison:
        return comparisons.load(self._database, name)

    def request(self, name: str) -> bytes:
        """The job that was asked for, as JSON, to compare again."""
        return comparisons.request(self._database, name)

    def entries(self) -> list[ComparisonEntry]:
        """What is stored, newest first."""
        return comparisons.entries(self._database)

    def member_paths(self, name: str, content_ids: Iterable[str]) -> dict[str, str]:
        """content id -> absolute path of that image when it was compared."""
        return comparisons.member_paths(self._database, name, content_ids)

    def judge(self, name: str, finding_id: str, judgement: Judgement) -> None:
        """Keeps what the person says of a finding. Raises KeyError when there is none such."""
        comparisons.judge(self._database, name, finding_id, judgement)

    def judgements(self, name: str) -> dict[str, Judgement]:
        """finding id -> what the person said of it."""
        return comparisons.judgements(self._database, name)

    # --- forgetting ---------------------------------------------------------------------------

    def forget(self, name: str) -> int:
        """Deletes a comparison and all that only it used, leaving no byte of it in our files."""
        return forgetting.forget(self._database, self._place, self.vectors, name)

    def forget_all(self) -> int:
        """Deletes everything in the same way. Returns the number of comparisons there were."""
        return forgetting.forget_all(self._database, self._place, self.vectors)

    # --- place --------------------------------------------------------------------------------

    def thumbnail_path(self, content_id: str) -> Path:
        """Where an image's thumbnail belongs; its folder exists. Raises ValueError."""
        return self._place.thumbnail_path(content_id)

    def usage(self) -> dict[str, int]:
        """Bytes on the disk: "database" with its log, "thumbnails", and "vectors"."""
        database = self._place.database
        files = database.parent.glob(f"{database.name}*")
        return {
            "database": sum(file.stat().st_size for file in files),
            "thumbnails": _bytes_below(self._place.thumbnails),
            "vectors": _bytes_below(self._place.vectors),
        }


def _bytes_below(folder: Path) -> int:
    total = 0
    for parent, _, names in os.walk(folder):
        for name in names:
            try:
                total += Path(parent, name).lstat().st_size
            except FileNotFoundError:  # removed meanwhile
                continue
    return total
