"""Embeds the images of folders ahead of a comparison, as one of any number of processes.

    python -m engine.embed A B --recipe paper
    accelerate launch --num_processes 4 -m engine.embed A B --recipe paper

Each process takes its share of the files, on its own device, and adds to the one cache in the
data folder, which may lie on a disk that several machines share. The processes never speak to
each other: each has given up the network. A comparison afterwards finds every vector there.
"""

from __future__ import annotations

from engine.privacy import lock_network, set_offline_switches

if __name__ == "__main__":  # before any heavy import, before any thread
    set_offline_switches()
    lock_network()

import argparse
import os
import signal
import sys
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from blake3 import blake3

from engine.errors import BadRecipe, Cancelled, InputError, NoImages, TwofoldError
from engine.images.open_safely import CannotRead, read_file
from engine.images.scan import FileEntry, scan_paths
from engine.job import JobControl
from engine.model import InstalledModel, Role
from engine.pixel_rows import PixelRows
from engine.rankers.embedding import embed_rows
from engine.recipe import AUTO, Recipe, choose, needed_models
from engine.runtimes import device as runtime
from engine.runtimes.clip_config import read_config
from engine.runtimes.clip_model import ClipModel, load
from engine.storage.paths import data_place
from engine.storage.vectors import Vectors
from engine.weights.manifest import load_manifest
from engine.weights.shelf import OWN, Shelf, models_root
from engine.workers.pool import WorkerPool, available_processors

if TYPE_CHECKING:
    import torch

CONTENT_ID_BYTES = 16

#: environment variables in which torchrun, and accelerate with it, or mpirun tell a process
RANK = ("RANK", "OMPI_COMM_WORLD_RANK")
PROCESSES = ("WORLD_SIZE", "OMPI_COMM_WORLD_SIZE")
LOCAL_RANK = ("LOCAL_RANK", "OMPI_COMM_WORLD_LOCAL_RANK")
LOCAL_PROCESSES = ("LOCAL_WORLD_SIZE", "OMPI_COMM_WORLD_LOCAL_SIZE")


@dataclass(frozen=True, slots=True)
class Share:
    """Which of all processes this one is, as accelerate, torchrun or mpirun tells it."""

    rank: int = 0
    processes: int = 1
    local_rank: int = 0  # on this machine
    local_processes: int = 1

    @classmethod
    def of_environment(cls, environment: Mapping[str, str]) -> Share:
        """Raises InputError when what is told makes no sense."""

        def number(names: tuple[str, str], otherwise: int) -> int:
            told = [environment[name] for name in names if environment.get(name)]
            try:
                return int(told[0]) if told else otherwise
            except ValueError:
                return -1

        rank, processes = number(RANK, 0), number(PROCESSES, 1)
        local_rank = number(LOCAL_RANK, 0)
        local_processes = number(LOCAL_PROCESSES, processes)
        if not 0 <= rank < processes or not 0 <= local_rank < local_processes:
            raise InputError(
                "RANK, WORLD_SIZE and LOCAL_RANK do not fit together.",
                "Start the processes with accelerate launch or torchrun, or unset these.",
            )
        return cls(rank, processes, local_rank, local_processes)

    def holds(self, name: str) -> bool:
        """Whether a file is this process's to do. By its name below the folder that was chosen:
        no process has to read the files of another to know, and machines may mount the folder
        in different places."""
        digest = blake3(name.encode("utf-8", "surrogateescape")).digest(4)
        return int.from_bytes(digest) % self.processes == self.rank


@dataclass(frozen=True, slots=True)
class Outcome:
    embedded: int
    known: int  # had a vector before
    unreadable: int
    device: str  # and precision; "" when no model had to be loaded


def embed_folders(
    paths: Sequence[str],
    recipe: Recipe,
    shelf: Shelf,
    vectors: Vectors,
    share: Share,
    job: JobControl,
) -> Outcome:
    """Embeds this process's share of the images. Raises TwofoldError or Cancelled."""
    name = needed_models(recipe).get(Role.RANKER)
    if name is None:
        raise BadRecipe(
            f"The recipe “{recipe.name}” uses no CLIP model, so there is nothing to embed.",
            "Name one that does with --recipe.",
        )
    model = shelf.installed(name)
    files = scan_paths(paths, recursive=True, label="", job=job).files
    if not files:
        raise NoImages("There is no image in what was given.", "Choose folders with images.")
    mine = [file for file in files if share.holds(file.name)]
    threads = max(1, available_processors() // share.local_processes)
    contents = content_ids(mine, threads, job)
    entries = {content_id: file for content_id, file in contents if content_id}
    unreadable = sum(not content_id for content_id, _ in contents)

    config = read_config(model)
    devices = own_devices(share)
    precision = runtime.dtype_name(runtime.dtype_for(devices[0], recipe.clip.precision))
    cache = vectors.open(config.encoder_key(model, precision), config.dim)
    known = cache.have(list(entries))
    missing = [(c, e) for (c, e), there in zip(entries.items(), known, strict=True) if not there]
    if not missing:
        return Outcome(0, len(entries), unreadable, "")
    shelf.verify(model, job)
    with (
        closing(_loaded(model, recipe, devices, share, job)) as loaded,
        WorkerPool(threads, pixel_limit=recipe.pixel_limit, timeout_s=recipe.timeout_s) as pool,
    ):
        source = PixelRows(
            [file.path for _, file in missing], [c for c, _ in missing], lambda: pool
        )
        rows = {content_id: row for row, (content_id, _) in enumerate(missing)}
        embedded = embed_rows(rows, source, loaded, cache, job, before=int(known.sum()))
        where = f"{loaded.device}, {loaded.precision}"
    lost = len(missing) - embedded
    return Outcome(embedded, len(entries) - len(missing), unreadable + lost, where)


def content_ids(
    files: Sequence[FileEntry], threads: int, job: JobControl
) -> list[tuple[str, FileEntry]]:
    """The content id of each file; "" where it cannot be read."""

    def read(file: FileEntry) -> tuple[str, FileEntry]:
        job.check_cancelled()
        try:
            data = read_file(file.open_path).data
        except CannotRead:
            return "", file
        return blake3(data).hexdigest(length=CONTENT_ID_BYTES), file

    with ThreadPoolExecutor(threads, "hash") as pool:
        return list(pool.map(read, files))


def own_devices(share: Share) -> tuple[torch.device, ...]:
    """The device of this process, or all of them when it is the only one.

    Raises InputError when there are more processes than cards.
    """
    import torch

    if os.environ.get("ACCELERATE_USE_CPU", "").lower() in ("1", "true", "yes"):
        return (torch.device("cpu"),)
    devices = runtime.devices()
    if share.processes == 1 or devices[0].type != "cuda":
        return devices
    if share.local_rank >= len(devices):
        raise InputError(
            f"Process {share.local_rank + 1} on this machine has no graphics card; there are "
            f"{len(devices)}.",
            "Start as many processes as there are cards: --num_processes.",
        )
    return (devices[share.local_rank],)


def _loaded(
    model: InstalledModel,
    recipe: Recipe,
    devices: Sequence[torch.device],
    share: Share,
    job: JobControl,
) -> ClipModel:
    import torch

    if share.local_processes > 1 and "OMP_NUM_THREADS" not in os.environ:  # they share the cores
        torch.set_num_threads(max(1, torch.get_num_threads() // share.local_processes))
    return load(model, recipe.clip, job, devices)


def main(arguments: Sequence[str] | None = None) -> int:
    """Returns the exit status, as of the command line: see `twofold --help`."""
    parser = argparse.ArgumentParser(
        prog="python -m engine.embed",
        description="Embeds the images of folders ahead of a comparison.",
    )
    parser.add_argument("folders", nargs="+", metavar="FOLDER", help="folders or image files")
    parser.add_argument("--recipe", default=AUTO, help="a built-in recipe or a .toml file")
    parser.add_argument("--data-dir", type=Path, help="the data folder, instead of the user's own")
    parser.add_argument("--models-root", type=Path, help="the folder with the installed models")
    chosen = parser.parse_args(arguments)
    job = JobControl()
    _cancel_on_signals(job)
    begun = time.monotonic()
    try:
        share = Share.of_environment(os.environ)
        root = chosen.models_root or models_root(chosen.data_dir)
        shelf = Shelf(root, load_manifest(root / OWN))
        recipe = choose(chosen.recipe, shelf.has)
        with data_place(chosen.data_dir) as place, closing(Vectors(place.vectors)) as vectors:
            outcome = embed_folders(chosen.folders, recipe, shelf, vectors, share, job)
    except Cancelled:
        _say("Cancelled. What was embedded so far is kept.")
        return Cancelled.exit_status
    except TwofoldError as error:
        _say(f"Error: {error.message}\n  → {error.hint}\n  [{error.code}]")
        return error.exit_status
    where = f" on {outcome.device}" if outcome.device else ""
    _say(
        f"process {share.rank + 1} of {share.processes}: {outcome.embedded} embedded{where}, "
        f"{outcome.known} known before, {outcome.unreadable} unreadable, "
        f"{time.monotonic() - begun:.1f} s"
    )
    return 0


def _cancel_on_signals(job: JobControl) -> None:
    def stop(*_: object) -> None:
        job.cancel()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)


def _say(text: str) -> None:
    """In one piece, so that the lines of several processes do not mix."""
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


if __name__ == "__main__":
    sys.stderr.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    sys.exit(main())
