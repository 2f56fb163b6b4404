"""Memory and time of a whole comparison at 1,000, 10,000 and 100,000 images a side.

    python -m benchmarks.memory [--sizes 1000 10000 100000] [--folder DIR]

Every size runs in an engine process of its own with a fresh data folder; the largest resident
memory of the engine and of its workers is sampled twenty times a second. Each size is compared
twice: the second run reads nothing. Tiny images, so that what is kept for each shows, and not
what is decoded.
"""

from __future__ import annotations

import argparse
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import psutil

from benchmarks.memory_data import write_many
from engine.client import EngineClient, engine_command
from engine.protocol import Compare, Job, SetSource
from engine.vocabulary import Comparison

SAMPLE_S = 0.05


@dataclass
class Peak:
    engine_bytes: int = 0
    workers_bytes: int = 0  # the largest single worker


def watch(pid: int, peak: Peak, stop: threading.Event) -> None:
    engine = psutil.Process(pid)
    while not stop.wait(SAMPLE_S):
        try:
            peak.engine_bytes = max(peak.engine_bytes, engine.memory_info().rss)
            for worker in engine.children(recursive=True):
                peak.workers_bytes = max(peak.workers_bytes, worker.memory_info().rss)
        except psutil.Error:
            continue


def compare(data: Path, a: Path, b: Path) -> tuple[Comparison, float, Peak]:
    job = Job(a=SetSource((str(a),)), b=SetSource((str(b),)))
    with EngineClient(engine_command(data)) as client:
        peak, stop = Peak(), threading.Event()
        watcher = threading.Thread(target=watch, args=(client.pid, peak, stop))
        watcher.start()
        begun = time.monotonic()
        comparison = client.result(Compare(client.new_id(), job)).comparison
        seconds = time.monotonic() - begun
        stop.set()
        watcher.join()
    assert comparison is not None
    return comparison, seconds, peak


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--sizes", type=int, nargs="+", default=[1_000, 10_000, 100_000])
    parser.add_argument("--folder", type=Path, default=None)
    chosen = parser.parse_args()
    print("images a side | run | seconds | images/s | engine peak MB | worker peak MB | stages")
    for size in chosen.sizes:
        with tempfile.TemporaryDirectory(dir=chosen.folder) as name:
            root = Path(name)
            write_many(root / "a", size, seed=1)
            write_many(root / "b", size, seed=2, brightness=4)
            time.sleep(0.2)  # files as fresh as the clock's step would be read again
            for run in ("first", "second"):
                comparison, seconds, peak = compare(root / "data", root / "a", root / "b")
                worker_mb = peak.workers_bytes / 1e6
                stages = ", ".join(f"{s.name} {s.seconds:.1f} s" for s in comparison.stages)
                print(
                    f"{size:>13,} | {run:<6} | {seconds:7.1f} | {2 * size / seconds:8.0f} | "
                    f"{peak.engine_bytes / 1e6:14.0f} | {worker_mb:14.0f} | {stages}",
                    flush=True,
                )


if __name__ == "__main__":
    main()
