"""Embedding images through the product, beside the bare forward pass of the same network.

    python -m benchmarks.embed [--images 1000] [--rounds 5] [--precision auto] [--batch 0]
                               [--threads 0] [--architecture ViT-B-32]

On a graphics card: --architecture ViT-bigG-14 --images 20000 --batch 128.

Random weights in the real architecture, 512-pixel JPEGs, this machine's own device. The product
decodes files in worker processes, embeds them and commits every batch to the disk; the bare pass
calls open_clip's own encode_image on batches of the same size and precision that lie in memory.
Both take turns, round by round, and all of their time is compared; the goal is 0.9 of the bare
images a second. Beside it stands the same in processor time, workers included, which others on
the machine do not disturb. Then the whole is asked for again, from the cache, in a process of its
own.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import psutil
from blake3 import blake3

from benchmarks.decode import photo
from benchmarks.read import SMALL
from engine.image_table import ImageTable
from engine.job import JobControl
from engine.model import InstalledModel, Licence, Loader, ModelSpec, Role
from engine.model_host import ModelHost
from engine.pixel_rows import PixelRows
from engine.rankers.clip import Clip
from engine.recipe import ClipOptions
from engine.storage.paths import data_place
from engine.storage.store import Store
from engine.tools import Tools
from engine.vocabulary import ImageRef
from engine.workers.pool import WorkerPool

SIDE_PX = 224
DIFFERENT = 48  # photos that are really drawn; the others differ from them by a comment
WARM = 32  # images before anything is timed, so that every worker has loaded what it needs
BATCH = {"cpu": 16, "cuda": 128, "mps": 32}  # as the product chooses for small networks
NAME = "benchmark"
GOAL = 0.9
SECOND_GOAL = 0.05


class Shelf:
    """Holds one model and trusts it."""

    def __init__(self, model: InstalledModel) -> None:
        self.model = model

    def installed(self, name: str) -> InstalledModel:
        assert name == self.model.name
        return self.model

    def verify(self, model: InstalledModel, job: JobControl) -> None:
        pass


class Plenty:
    def free_bytes(self) -> int:
        return 1 << 40

    def need_bytes(self, model: InstalledModel) -> int:
        return model.size_bytes


def make_images(folder: Path, count: int) -> list[Path]:
    drawn = [photo(SMALL, seed) for seed in range(min(DIFFERENT, count))]
    paths = []
    for number in range(count):
        data = drawn[number % len(drawn)]
        comment = f"{number:08}".encode()
        whole = data[:2] + b"\xff\xfe" + (2 + len(comment)).to_bytes(2) + comment + data[2:]
        paths.append(folder / f"{number:06}.jpg")
        paths[-1].write_bytes(whole)
    return paths


def make_model(folder: Path, architecture: str) -> None:
    import open_clip
    import torch
    from safetensors.torch import save_file

    torch.manual_seed(0)
    network = open_clip.create_model(architecture, pretrained=None)
    save_file(network.state_dict(), folder / "open_clip_model.safetensors")


def installed(folder: Path, architecture: str) -> InstalledModel:
    spec = ModelSpec(
        name=NAME,
        title=architecture,
        roles=(Role.RANKER,),
        loader=Loader.OPEN_CLIP,
        files=(),
        licence=Licence(name="MIT", url=""),
        options={"architecture": architecture},
    )
    files = {path.name: path for path in folder.glob("*.safetensors")}
    return InstalledModel(spec=spec, folder=folder, files=files, revision="", fingerprint="b" * 32)


def content_id(path: Path) -> str:
    return blake3(path.read_bytes()).hexdigest(length=16)


def table_of(paths: list[Path]) -> ImageTable:
    n = len(paths)
    images = [
        ImageRef(str(path.parent), path.name, content_id(path), *SMALL, "JPEG") for path in paths
    ]
    return ImageTable(images, np.arange(n) < n // 2, np.ones(n, bool), False, {}, {}, [""] * n)


def tools_of(table: ImageTable, model: InstalledModel, store: Store, pool: WorkerPool) -> Tools:
    paths = [image.path for image in table.images]
    contents = [image.content_id for image in table.images]
    source = PixelRows(paths, contents, lambda: pool)
    host = ModelHost(Shelf(model), Plenty())
    return Tools(host, source, store.answers, store.captions, store.vectors)


def part(table: ImageTable, rows: slice) -> ImageTable:
    return replace(
        table, images=table.images[rows], is_a=table.is_a[rows], discover=table.discover[rows]
    )


class Bare:
    """open_clip's own network and nothing else."""

    def __init__(self, architecture: str, precision: str, batch: int) -> None:
        import open_clip
        import torch

        from engine.runtimes.device import devices

        self.device = devices()[0]
        self.dtype = getattr(torch, precision)
        network: Any = open_clip.create_model(architecture, pretrained=None)
        self.network = network.eval().to(self.device, self.dtype)
        self.batch = torch.rand(batch, 3, SIDE_PX, SIDE_PX).to(self.device, self.dtype)

    def seconds(self, images: int) -> float:
        import torch

        begun = time.perf_counter()
        with torch.inference_mode():
            for _ in range(0, images, len(self.batch)):
                self.network.encode_image(self.batch, normalize=True).float().cpu()
        return time.perf_counter() - begun


def again(folder: Path, architecture: str) -> float:
    """Seconds of a later process that finds everything in the cache, from its first import."""
    begun = time.perf_counter()
    command = [sys.executable, "-m", "benchmarks.embed", "--again", str(folder)]
    subprocess.run([*command, "--architecture", architecture], check=True)
    return time.perf_counter() - begun


def ask_again(folder: Path, architecture: str, options: ClipOptions) -> None:
    table = table_of(sorted((folder / "images").iterdir()))
    with (
        data_place(folder / "data") as place,
        Store.open(place) as store,
        WorkerPool(1, pixel_limit=10**8, timeout_s=30) as pool,
    ):
        tools = tools_of(table, installed(folder / "model", architecture), store, pool)
        begun = time.perf_counter()
        count = Clip(options, tools).embed(table, JobControl())
        assert count.reused == len(table.images)
        print(f"second run: {time.perf_counter() - begun:.3f} s to find {count.reused} vectors")


def processor_seconds(pool: WorkerPool) -> float:
    """Of this process and of the workers, so far."""
    times = [psutil.Process(pid).cpu_times() for pid in pool.process_ids]
    return time.process_time() + sum(found.user + found.system for found in times)


def measure(
    folder: Path, architecture: str, images: int, rounds: int, options: ClipOptions
) -> float:
    """Seconds the product took. Prints what was found."""
    for name in ("images", "model", "data"):
        (folder / name).mkdir()
    paths = make_images(folder / "images", images)
    make_model(folder / "model", architecture)
    table = table_of(paths)
    with (
        data_place(folder / "data") as place,
        Store.open(place) as store,
        WorkerPool(pixel_limit=10**8, timeout_s=30) as pool,
    ):
        tools = tools_of(table, installed(folder / "model", architecture), store, pool)
        ranker = Clip(options, tools)
        ranker.embed(part(table, slice(WARM)), JobControl())
        [use] = tools.host.uses
        batch = options.batch or BATCH[use.device.partition(":")[0]]
        bare = Bare(architecture, use.precision, batch)
        bare.seconds(batch)
        step = max(batch, (images - WARM) // rounds // batch * batch)
        times = []
        for start in range(WARM, images - step + 1, step):
            chosen = part(table, slice(start, start + step))
            begun, busy = time.perf_counter(), processor_seconds(pool)
            count = ranker.embed(chosen, JobControl())
            ours, ours_busy = time.perf_counter() - begun, processor_seconds(pool) - busy
            assert count.done == step
            busy = processor_seconds(pool)
            alone = bare.seconds(step)
            times.append((alone, ours, processor_seconds(pool) - busy, ours_busy))
            print(f"  bare {step / alone:.1f}, Twofold {step / ours:.1f} images/s")
        ratios = sorted(one / other for one, other, *_ in times)
        alone, ours, busy, ours_busy = (sum(column) for column in zip(*times, strict=True))
        done = step * len(times)
        print(f"{architecture}, {use.precision}, {use.device}, batches of {batch}, {done} images")
        print(f"bare:    {done / alone:.1f} images/s, {1000 * busy / done:.1f} ms of a processor")
        print(f"Twofold: {done / ours:.1f} images/s, {1000 * ours_busy / done:.1f} ms")
        print(
            f"ratio:   {alone / ours:.2f} of all, median of rounds {ratios[len(ratios) // 2]:.2f}; "
            f"in processor time {busy / ours_busy:.2f} (goal: at least {GOAL})"
        )
        ranker.embed(table, JobControl())
        print(f"memory:  {tools.host.uses[0].peak_bytes / 1e9:.2f} GB at most on the device")
        print(f"cache:   {store.vectors.bytes_used() / images:.0f} bytes an image")
        tools.host.close()
    return ours * images / done


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--images", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--precision", default="auto")
    parser.add_argument("--batch", type=int, default=0)
    parser.add_argument("--threads", type=int, default=0, help="of torch; 0: as it chooses")
    parser.add_argument("--architecture", default="ViT-B-32", help="as open_clip names it")
    parser.add_argument("--again", type=Path, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    options = ClipOptions(model=NAME, precision=chosen.precision, batch=chosen.batch)
    if chosen.again:
        ask_again(chosen.again, chosen.architecture, options)
        return
    if chosen.threads:
        import torch

        torch.set_num_threads(chosen.threads)
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        first = measure(place, chosen.architecture, chosen.images, chosen.rounds, options)
        second = again(place, chosen.architecture)
        print(
            f"whole second process: {second:.2f} s, {second / first:.1%} of the first one's "
            f"embedding (goal: less than {SECOND_GOAL:.0%})"
        )


if __name__ == "__main__":
    main()
