"""The book-keeping of one batch: which images wait, which are being read. Starts nothing."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from engine.workers.wire import Request, frame

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Task(Generic[T]):
    """One image to be read. item: whatever the caller knows it by."""

    item: T
    path: bytes  # on disk
    size_bytes: int  # 0 where it is not known
    target: Path | None = None  # of a thumbnail; without one the image is measured
    content_id: str = ""  # that the file must have; "" any


class Batch(Generic[T]):
    """Tasks by number. Takes no more from the given tasks than it is about to need."""

    def __init__(self, tasks: Iterator[Task[T]], ahead: int, first_number: int) -> None:
        """ahead: tasks to have at hand. first_number: numbers are never used twice in a pool."""
        self.next_number = first_number
        self._tasks = tasks
        self._ahead = ahead
        self._waiting: deque[tuple[int, Task[T]]] = deque()
        self._running: dict[int, Task[T]] = {}

    @property
    def waiting(self) -> int:
        """Tasks at hand; there may be more to come."""
        return len(self._waiting)

    @property
    def running(self) -> int:
        return len(self._running)

    def look_ahead(self) -> bool:
        """Whether anything is left to do."""
        while len(self._waiting) < self._ahead:
            task = next(self._tasks, None)
            if task is None:
                break
            self._waiting.append((self.next_number, task))
            self.next_number += 1
        return bool(self._waiting or self._running)

    def next_request(self) -> tuple[int, bytes]:
        """Number and frame of the next request, which runs from now on."""
        number, task = self._waiting.popleft()
        self._running[number] = task
        target = os.fsencode(task.target) if task.target else b""
        request = Request(number, task.path, not target, target, task.content_id)
        self.look_ahead()
        return number, frame(request)

    def finish(self, number: int) -> Task[T]:
        return self._running.pop(number)

    def put_back(self, numbers: Iterable[int]) -> None:
        """In front of all that wait, in their order."""
        back = [(number, self._running.pop(number)) for number in numbers]
        self._waiting.extendleft(reversed(back))

    def size_of(self, numbers: Iterable[int]) -> int:
        return sum(self._running[number].size_bytes for number in numbers)

    def targets_of(self, numbers: Iterable[int]) -> list[Path]:
        tasks = (self._running.get(number) for number in numbers)
        return [task.target for task in tasks if task is not None and task.target is not None]
