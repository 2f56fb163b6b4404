"""The program of a worker: reads one image after another, and may die of any of them.

`python -m engine.workers.inspect_image`, with a pool at the other end of stdin and stdout. It
opens what it is asked to open and nothing else, gives itself a memory limit, and ends when its
stdin does, even in the middle of an image. Knows no comparison and keeps nothing.
"""

from __future__ import annotations

import contextlib
import errno
import os
import queue
import sys
import threading
import traceback
from pathlib import Path
from typing import BinaryIO

import msgspec

from engine.images.open_safely import CannotRead, read_file
from engine.vocabulary import Caption
from engine.workers.wire import (
    CANNOT_WRITE,
    DISK_FULL,
    Answer,
    Inspection,
    Ready,
    Request,
    Setup,
    file_key,
    frame,
    read_frame,
)

SELF_TEST_SIDE_PX = 64
CONTENT_ID_BYTES = 16
SINGLE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


def main() -> None:
    """Serves one pool until it goes away."""
    incoming, outgoing = _claim_wire()
    body = read_frame(incoming)
    if body is None:
        return
    setup = msgspec.msgpack.decode(body, type=Setup)
    for name in SINGLE_THREAD:  # before numpy is loaded: there is a worker for every core
        os.environ[name] = "1"
    limited = _limit_resources(setup.memory_limit_bytes)
    _self_test()
    _send(outgoing, Ready(os.getpid(), limited))
    requests: queue.SimpleQueue[Request] = queue.SimpleQueue()
    threading.Thread(target=_receive, args=(incoming, requests), daemon=True).start()
    while True:
        _send(outgoing, answer(requests.get(), setup))


def answer(request: Request, setup: Setup) -> Answer:
    """Reads one file. Whatever goes wrong with it is a code, never an exception."""
    try:
        return _answer(request, setup)
    except CannotRead as problem:
        return Answer(request.number, problem.code)
    except MemoryError:
        return Answer(request.number, "out_of_memory")
    except Exception:  # noqa: BLE001 - one image must not end the others; the log says what it was
        traceback.print_exc(file=sys.stderr)
        return Answer(request.number, "crashed")


def _answer(request: Request, setup: Setup) -> Answer:
    from blake3 import blake3

    from engine.images.decode import DecodeProblem, decode
    from engine.images.signature import signature
    from engine.images.thumbnails import write_thumbnail
    from engine.measurements.catalogue import measure

    content = read_file(os.fsdecode(request.path), size_limit=setup.size_limit_bytes)
    content_id = blake3(content.data).hexdigest(length=CONTENT_ID_BYTES)
    if request.content_id not in ("", content_id):
        return Answer(request.number, "vanished")
    try:
        picture = decode(content.data, pixel_limit=setup.pixel_limit)
    except DecodeProblem as problem:
        return Answer(request.number, problem.code)
    if request.thumbnail:
        try:
            write_thumbnail(picture, Path(os.fsdecode(request.thumbnail)))
        except OSError as error:
            full = error.errno in (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC))
            return Answer(request.number, DISK_FULL if full else CANNOT_WRITE)
    if not request.measure:
        return Answer(request.number)
    facts = picture.facts
    keywords = (Caption(", ".join(facts.keywords), "keywords"),) if facts.keywords else ()
    return Answer(
        request.number,
        inspection=Inspection(
            content_id=content_id,
            width_px=facts.width_px,
            height_px=facts.height_px,
            format=facts.format,
            values=measure(picture),
            captions=facts.captions + keywords,
            signature=signature(picture),
            window=facts.window,
            key=file_key(content.stat),
        ),
    )


def _claim_wire() -> tuple[BinaryIO, BinaryIO]:
    """Takes both pipes away from everybody else: what prints goes to the log instead."""
    incoming, outgoing = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    return os.fdopen(incoming, "rb"), os.fdopen(outgoing, "wb")


def _limit_resources(memory_limit_bytes: int) -> bool:
    """Whether the address space is limited now."""
    if sys.platform == "win32":
        return False
    import resource

    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if not memory_limit_bytes:
        return False
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    limit = memory_limit_bytes if hard == resource.RLIM_INFINITY else min(memory_limit_bytes, hard)
    try:
        resource.setrlimit(resource.RLIMIT_AS, (limit, hard))
    except (ValueError, OSError):  # macOS may refuse it
        return False
    return True


def _self_test() -> None:
    """Loads everything and tries it once, so that a worker that cannot work says so at once."""
    import io

    import numpy as np
    from PIL import Image

    from engine.images.decode import decode
    from engine.images.signature import signature
    from engine.measurements.catalogue import measure

    pixels = np.random.default_rng(0).integers(0, 256, (SELF_TEST_SIDE_PX, SELF_TEST_SIDE_PX, 3))
    file = io.BytesIO()
    Image.fromarray(pixels.astype(np.uint8)).save(file, "JPEG")
    picture = decode(file.getvalue())
    measure(picture)
    signature(picture)


def _receive(incoming: BinaryIO, requests: queue.SimpleQueue[Request]) -> None:
    decoder = msgspec.msgpack.Decoder(Request)
    while (body := read_frame(incoming)) is not None:
        requests.put(decoder.decode(body))
    os._exit(0)  # the pool is gone: no image is worth finishing


def _send(outgoing: BinaryIO, message: msgspec.Struct) -> None:
    try:
        outgoing.write(frame(message))
        outgoing.flush()
    except OSError:
        os._exit(0)  # the pool is gone


if __name__ == "__main__":
    main()
