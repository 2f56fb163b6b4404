"""The program of a worker: reads one image after another, and may die of any of them.

`python -m engine.workers.inspect_image`, with a pool at the other end of stdin and stdout. It
opens what it is asked to open and nothing else, gives itself a memory limit, and ends when its
stdin does, even in the middle of an image. Knows no comparison and keeps nothing. It loads torch
when pixels for a model are wanted for the first time, and never otherwise.
"""

from __future__ import annotations

import contextlib
import errno
import os
import queue
import sys
import threading
import traceback
from io import BufferedReader, BufferedWriter
from pathlib import Path

import msgspec

from engine.images.open_safely import CannotRead, FileContent, read_file
from engine.vocabulary import Caption
from engine.workers.memory_limit import MemoryLimit
from engine.workers.wire import (
    CANNOT_WRITE,
    DISK_FULL,
    Answer,
    Inspection,
    PixelData,
    Ready,
    Request,
    Setup,
    file_key,
    frame,
    read_frame,
)

SELF_TEST_SIDE_PX = 64
CONTENT_ID_BYTES = 16


def main() -> None:
    """Serves one pool until it goes away."""
    incoming, outgoing = _claim_wire()
    body = read_frame(incoming)
    if body is None:
        return
    setup = msgspec.msgpack.decode(body, type=Setup)
    _leave_no_core()
    limit = MemoryLimit(setup.memory_limit_bytes)
    _self_test()
    _send(outgoing, Ready(os.getpid(), limit.holds))
    requests: queue.SimpleQueue[Request] = queue.SimpleQueue()
    threading.Thread(target=_receive, args=(incoming, requests), daemon=True).start()
    ready_for_pixels = False
    while True:
        request = requests.get()
        if request.shape is not None and not ready_for_pixels:
            with limit.while_loading():
                _get_ready_for_pixels()
            ready_for_pixels = True
            _send(outgoing, Ready(os.getpid(), limit.holds))
        _send(outgoing, answer(request, setup))


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

    from engine.images.decode import DecodeProblem

    content = read_file(os.fsdecode(request.path), size_limit=setup.size_limit_bytes)
    content_id = blake3(content.data).hexdigest(length=CONTENT_ID_BYTES)
    if request.content_id not in ("", content_id):
        return Answer(request.number, "vanished")
    try:
        if request.shape is not None:
            return _resized(request, content, setup)
        return _inspected(request, content, content_id, setup)
    except DecodeProblem as problem:
        return Answer(request.number, problem.code)


def _resized(request: Request, content: FileContent, setup: Setup) -> Answer:
    from engine.images.for_model import for_model

    assert request.shape is not None
    pixels = for_model(content.data, request.shape, pixel_limit=setup.pixel_limit)
    return Answer(request.number, pixels=PixelData.of(pixels))


def _inspected(request: Request, content: FileContent, content_id: str, setup: Setup) -> Answer:
    from engine.images.decode import decode
    from engine.images.signature import signature
    from engine.images.thumbnails import write_thumbnail
    from engine.measurements.catalogue import measure

    picture = decode(content.data, pixel_limit=setup.pixel_limit)
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


def _claim_wire() -> tuple[BufferedReader, BufferedWriter]:
    """Takes both pipes away from everybody else: what prints goes to the log instead."""
    incoming, outgoing = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    return os.fdopen(incoming, "rb"), os.fdopen(outgoing, "wb")


def _leave_no_core() -> None:
    """A worker that dies leaves no copy of its memory, and so of an image, on the disk."""
    if sys.platform == "win32":
        return
    import resource

    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _self_test() -> None:
    """Loads everything and tries it once, so that a worker that cannot work says so at once."""
    from engine.images.decode import decode
    from engine.images.signature import signature
    from engine.measurements.catalogue import measure

    picture = decode(_own_picture())
    measure(picture)
    signature(picture)


def _get_ready_for_pixels() -> None:
    """Loads what resizes images and tries it once, on one thread as all else."""
    from engine.images.for_model import for_model
    from engine.images.resample import torch_if_installed
    from engine.pixels import Cut, PixelShape

    torch = torch_if_installed()
    if torch is not None:
        torch.set_num_threads(1)
    for_model(_own_picture(), PixelShape(Cut.CROP, SELF_TEST_SIDE_PX // 2, SELF_TEST_SIDE_PX // 2))


def _own_picture() -> bytes:
    """A JPEG of noise."""
    import io

    import numpy as np
    from PIL import Image

    pixels = np.random.default_rng(0).integers(0, 256, (SELF_TEST_SIDE_PX, SELF_TEST_SIDE_PX, 3))
    file = io.BytesIO()
    Image.fromarray(pixels.astype(np.uint8)).save(file, "JPEG")
    return file.getvalue()


def _receive(incoming: BufferedReader, requests: queue.SimpleQueue[Request]) -> None:
    decoder = msgspec.msgpack.Decoder(Request)
    while (body := read_frame(incoming)) is not None:
        requests.put(decoder.decode(body))
    os._exit(0)  # the pool is gone: no image is worth finishing


def _send(outgoing: BufferedWriter, message: msgspec.Struct) -> None:
    try:
        outgoing.write(frame(message))
        outgoing.flush()
    except OSError:
        os._exit(0)  # the pool is gone


if __name__ == "__main__":
    main()
