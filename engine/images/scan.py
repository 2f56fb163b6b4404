"""Lists the image files of one side. Opens none of them and decodes nothing.

What is counted: regular files with an image's suffix, hidden ones left out. Links are followed
only within the chosen folders and never lead to anything being counted twice: where a link and
its target would both be listed, the target is. Order is by name, whatever the file system's.
"""

# Paths stay strings here, see names.py.
# ruff: noqa: PTH100, PTH116, PTH119, PTH120

from __future__ import annotations

import os
import stat
from collections.abc import Sequence
from operator import attrgetter

from engine.errors import MissingPath, NoPermission, NotTwoGroups
from engine.images.formats import has_suffix
from engine.images.links import is_link
from engine.images.listing import FileEntry, Listing
from engine.images.names import shown
from engine.images.walk import Walk, is_hidden
from engine.job import JobControl

__all__ = ["FileEntry", "Listing", "scan_parent", "scan_paths"]

NAMED_GROUPS = 8  # subfolders named in an error

_name_and_root = attrgetter("name", "root")


def scan_paths(paths: Sequence[str], *, recursive: bool, label: str, job: JobControl) -> Listing:
    """Lists folders and single files, in any mix; what overlaps is counted once.

    label: "" takes the name of the first folder, or of the first file's folder. An empty
    listing is a value. Raises MissingPath, NoPermission (a chosen folder itself may not be
    listed), Cancelled.
    """
    chosen = [(os.path.abspath(path), stat_chosen(path)) for path in paths]
    folders = [path for path, found in chosen if stat.S_ISDIR(found.st_mode)]
    walk = Walk(map(os.path.realpath, folders), recursive=recursive, job=job)
    for path in folders:
        try:
            walk.folder(path)
        except OSError as error:
            raise _cannot_list(path, error) from error
    walk.follow_links()
    others = 0
    for path, found in chosen:
        if not stat.S_ISDIR(found.st_mode):
            if has_suffix(os.path.basename(path)):
                walk.single_file(path, found)
            else:
                others += 1
    job.progress("scan", len(walk.files), 0)
    return Listing(
        label=shown(label) or _label(chosen),
        files=sorted(walk.files, key=attrgetter("name") if len(chosen) == 1 else _name_and_root),
        skipped=sorted(walk.skipped, key=lambda item: (item.name, item.path)),
        other_files=walk.other_files + others,
        subfolders=tuple(sorted(walk.subfolders)),
    )


def scan_parent(path: str, *, job: JobControl) -> tuple[Listing, Listing]:
    """Two sides from one folder with exactly two subfolders that hold images, by name.

    Images beside the two subfolders belong to neither side; linked subfolders are none. Raises
    NotTwoGroups, MissingPath, NoPermission, Cancelled.
    """
    parent = os.path.abspath(path)
    if not stat.S_ISDIR(stat_chosen(path).st_mode):
        raise NotTwoGroups(
            f"“{shown(os.path.basename(parent))}” is a file, not a folder with two subfolders.",
            "Choose the folder that holds the two subfolders.",
        )
    groups: list[Listing] = []
    for folder in _subfolders(parent):
        try:
            listing = scan_paths([folder], recursive=True, label="", job=job)
        except NoPermission:
            continue  # nobody can say whether it holds images, so it is none of the two
        if listing.files:
            groups.append(listing)
    if len(groups) != 2:
        raise NotTwoGroups(
            f"“{shown(os.path.basename(parent))}” has {_counted(groups)}; "
            "a comparison needs exactly two.",
            "Choose two folders instead, one as A and one as B.",
        )
    return groups[0], groups[1]


def stat_chosen(path: str) -> os.stat_result:
    """What a path that a person chose leads to. Raises MissingPath, NoPermission."""
    try:
        if not path:
            raise FileNotFoundError
        return os.stat(path)
    except PermissionError as error:
        raise _not_permitted(path) from error
    except (OSError, ValueError) as error:  # ValueError: a NUL within the path
        raise MissingPath(
            f"“{shown(path)}” does not exist.", "Check the path, or choose it again."
        ) from error


def _subfolders(parent: str) -> list[str]:
    try:
        with os.scandir(parent) as entries:
            return sorted(
                entry.path
                for entry in entries
                if entry.is_dir(follow_symlinks=False)
                and not is_link(entry)
                and not is_hidden(entry)
            )
    except OSError as error:
        raise _cannot_list(parent, error) from error


def _counted(groups: list[Listing]) -> str:
    if not groups:
        return "no subfolder that holds images"
    named = ", ".join(f"{group.label} ({len(group.files)})" for group in groups[:NAMED_GROUPS])
    more = f" and {len(groups) - NAMED_GROUPS} more" if len(groups) > NAMED_GROUPS else ""
    verb = "subfolder that holds" if len(groups) == 1 else "subfolders that hold"
    return f"{len(groups)} {verb} images: {named}{more}"


def _cannot_list(path: str, error: OSError) -> NoPermission | MissingPath:
    if isinstance(error, PermissionError):
        return _not_permitted(path)
    return MissingPath(
        f"“{shown(path)}” could not be listed ({error.strerror}).",
        "Check that its disk is connected, then try again.",
    )


def _not_permitted(path: str) -> NoPermission:
    return NoPermission(
        f"“{shown(path)}” may not be read by this user.",
        "Ask its owner for permission, or copy the images to a folder of your own.",
    )


def _label(chosen: list[tuple[str, os.stat_result]]) -> str:
    if not chosen:
        return ""
    path, found = chosen[0]
    folder = path if stat.S_ISDIR(found.st_mode) else os.path.dirname(path)
    return shown(os.path.basename(folder) or folder)
