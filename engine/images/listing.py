"""What a scan returns: files, and what was found beside them. Values only; lists nothing."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from engine.vocabulary import Skipped


class FileEntry(msgspec.Struct, frozen=True, gc=False):
    """One listed file. root, name, caption and sidecar are valid Unicode and may be shown.

    A Struct because it is made ten times as fast as a frozen dataclass, and there are many.

    disk_path is set only where `path` cannot be opened as it stands: a name on disk that is no
    Unicode (shown with U+FFFD), or a followed link, where it is the real path of the target.
    """

    root: str  # absolute folder that was chosen, or the file's own folder
    name: str  # relative to root, with forward slashes
    size_bytes: int
    mtime_ns: int
    ctime_ns: int
    inode: int
    device: int
    caption: str = ""  # from a table
    sidecar: str = ""  # name of the text file beside it
    disk_path: str = ""

    @property
    def path(self) -> str:
        """Absolute path, to be shown and stored."""
        return f"{self.root}/{self.name}"

    @property
    def open_path(self) -> str:
        """Absolute path on disk, to be opened; may hold bytes that are no Unicode."""
        return self.disk_path or f"{self.root}/{self.name}"


@dataclass(frozen=True, slots=True)
class Listing:
    """What one side consists of, before any file was opened."""

    label: str
    files: list[FileEntry]  # by name
    skipped: list[Skipped]
    other_files: int  # neither images nor the text files that belong to them
    subfolders: tuple[str, ...]  # direct subfolders of the chosen folders that hold images
