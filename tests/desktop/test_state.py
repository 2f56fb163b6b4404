"""What the screens show, from the events of the wire alone."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from desktop.sources import Failure, Look
from desktop.state import THUMBNAILS_A_REQUEST, AppState, Change
from desktop.state_parts import Phase, Work
from engine import protocol
from engine.protocol import (
    Cancel,
    CancelledEvent,
    Compare,
    Done,
    Failed,
    FindingEvent,
    Message,
    Peek,
    PeekAnswer,
    Progress,
    ReportOptions,
    SkippedEvent,
    TableSource,
    Thumbnails,
    Welcome,
)
from engine.vocabulary import Comparison, Side, Skipped

DIED = Failure("engine_died", "It died.")


class Clock:
    now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def state(clock: Clock) -> AppState:
    made = AppState(clock)
    made.on_welcome(Welcome(1, "0.1", ("namespace",), False))
    return made


def answer(identifier: str, images: int = 3, **more: object) -> PeekAnswer:
    empty = PeekAnswer(identifier, images, 9, {"JPG": images}, 0, (), (), ())
    return msgspec.structs.replace(empty, **more)


def fill(state: AppState, side: Side, path: str) -> str:
    state.sides[side].paths = (path,)
    request = state.peek(side)[-1]
    assert isinstance(request, Peek)
    return request.id


def running(state: AppState) -> str:
    for side, path in ((Side.A, "/a"), (Side.B, "/b")):
        identifier = fill(state, side, path)
        state.on_event(answer(identifier))
        state.on_event(Done(identifier))
    request = state.compare("a", "b")[-1]
    assert isinstance(request, Compare)
    return request.id


def test_a_look_shows_counts_first_and_pictures_later(state: AppState) -> None:
    identifier = fill(state, Side.A, "/a")
    assert state.sides[Side.A].look is Look.LOOKING
    assert state.on_event(answer(identifier, images=7)) == {Change.SIDES}
    assert state.sides[Side.A].look is Look.COUNTED
    state.on_event(answer(identifier, images=7, thumbnails=("/t/1.jpg",)))
    state.on_event(Done(identifier))
    side = state.sides[Side.A]
    assert (side.look, side.answer and side.answer.thumbnails) == (Look.DONE, ("/t/1.jpg",))


def test_a_new_look_lets_go_of_the_old_one(state: AppState) -> None:
    old = fill(state, Side.A, "/a")
    state.sides[Side.A].paths = ("/other",)
    cancel, peek = state.peek(Side.A)
    assert cancel == Cancel(old)
    assert isinstance(peek, Peek)
    assert peek.source.paths == ("/other",)
    assert state.on_event(answer(old, images=99)) == set()
    assert state.sides[Side.A].answer is None


def test_a_look_that_fails_says_why(state: AppState) -> None:
    identifier = fill(state, Side.B, "/b")
    state.on_event(Failed(identifier, "no_permission", "It may not be read.", "Ask."))
    side = state.sides[Side.B]
    assert side.look is Look.FAILED
    assert side.failure == Failure("no_permission", "It may not be read.", "Ask.")


def test_a_folder_of_two_folders_is_offered_as_two_sides(state: AppState) -> None:
    identifier = fill(state, Side.A, "/a")
    state.on_event(answer(identifier, subfolders=("x", "y")))
    assert state.sides[Side.A].offers_split
    state.on_event(answer(identifier, subfolders=("x", "y", "z")))
    assert not state.sides[Side.A].offers_split


def test_comparing_carries_labels_seed_and_depth(state: AppState) -> None:
    for side, path in ((Side.A, "/a"), (Side.B, "/b")):
        fill(state, side, path)
    state.sides[Side.A].label = " First "
    state.recursive = False
    state.seed = 7
    *cancels, request = state.compare("First", "b")
    assert len(cancels) == 2  # looks that were still under way
    assert isinstance(request, Compare)
    assert request.job.a == protocol.SetSource(("/a",), "First", False)
    assert request.job.b == protocol.SetSource(("/b",), "", False)
    assert request.job.seed == 7


def test_a_table_is_compared_instead_of_folders(state: AppState) -> None:
    state.table = TableSource("/t.csv", group_column="visit")
    request = state.compare("", "")[-1]
    assert isinstance(request, Compare)
    assert (request.job.table, request.job.a, request.job.b) == (state.table, None, None)


def test_progress_skips_and_findings_arrive_while_it_runs(
    state: AppState, clock: Clock, comparison: Comparison
) -> None:
    identifier = running(state)
    clock.now_s += 5
    state.on_event(Progress(identifier, "read", 40, 100, 60.0))
    item = Skipped("/a/x", "x", "damaged", "It is damaged.")
    state.on_event(SkippedEvent(identifier, "A", item))
    state.on_event(SkippedEvent(identifier, "B", item))
    state.on_event(FindingEvent(identifier, comparison.findings[0]))
    run = state.run
    assert run is not None
    assert (run.stage, run.stages["read"].done, run.stages["read"].total) == ("read", 40, 100)
    assert run.skipped == {Side.A: 1, Side.B: 1}
    assert run.findings == [comparison.findings[0]]
    assert run.time_left.seconds(clock.now_s + 10) == 50.0


def test_the_end_of_a_run_is_its_comparison(state: AppState, comparison: Comparison) -> None:
    identifier = running(state)
    changes = state.on_event(Done(identifier, comparison=comparison))
    assert Change.COMPARISON in changes
    assert (state.run, state.comparison) == (None, comparison)


def test_an_end_without_a_comparison_is_a_failure(state: AppState) -> None:
    state.on_event(Done(running(state)))
    assert state.run is None
    assert state.run_failure is not None
    assert state.run_failure.code == "internal"


def test_a_stopped_run_is_no_failure(state: AppState) -> None:
    identifier = running(state)
    assert state.stop_run() == identifier
    assert state.stop_run() is None  # asked once
    state.on_event(CancelledEvent(identifier))
    assert (state.run, state.run_failure, state.stopped) == (None, None, True)


def test_a_failed_run_says_why(state: AppState) -> None:
    state.on_event(Failed(running(state), "no_images", "A holds no images.", "Choose another."))
    assert state.run_failure == Failure("no_images", "A holds no images.", "Choose another.")


def test_events_for_nobody_change_nothing(state: AppState, comparison: Comparison) -> None:
    running(state)
    for event in (
        Progress("nobody", "read", 1, 2),
        FindingEvent("nobody", comparison.findings[0]),
        Done("nobody", comparison=comparison),
        Failed("nobody", "x", "y", "z"),
        CancelledEvent("nobody"),
    ):
        assert state.on_event(event) == set()
    assert state.run is not None


def test_an_engine_that_dies_ends_everything_that_was_under_way(
    state: AppState, comparison: Comparison
) -> None:
    state.on_event(Done(running(state), comparison=comparison))
    state.start_export("/x.pdf", "pdf", ReportOptions())
    fill(state, Side.A, "/new")
    state.doctor()
    state.on_engine_gone(DIED, comes_back=True)
    assert state.engine.phase is Phase.STARTING
    assert (state.export.work, state.export.failure) == (Work.FAILED, DIED)
    assert state.checks_work is Work.FAILED
    assert state.comparison is comparison  # what is shown stays
    _, requests = state.on_welcome(Welcome(1, "0.1", (), False))
    assert [type(r).__name__ for r in requests] == ["ListComparisons", "Peek"]
    assert state.engine.failure == DIED  # to be read


def test_a_run_that_dies_with_the_engine_fails_in_its_words(state: AppState) -> None:
    running(state)
    state.on_engine_gone(DIED, comes_back=False)
    assert (state.run, state.run_failure, state.engine.phase) == (None, DIED, Phase.DOWN)


def test_thumbnails_are_asked_for_once_and_in_portions(
    state: AppState, comparison: Comparison
) -> None:
    state.on_event(Done(running(state), comparison=comparison))
    ids = [f"{n:032x}" for n in range(THUMBNAILS_A_REQUEST + 10)]
    first, second = state.want_thumbnails([*ids, *ids])
    assert isinstance(first, Thumbnails)
    assert isinstance(second, Thumbnails)
    assert (first.content_ids, second.content_ids) == (tuple(ids[:64]), tuple(ids[64:]))
    assert state.want_thumbnails(ids) == []
    state.on_event(Done(first.id, thumbnails={ids[0]: "/t/0.jpg"}))
    assert state.thumbnails == {ids[0]: "/t/0.jpg"}
    assert ids[1] in state.no_thumbnail
    assert state.drop_thumbnail_requests() == [Cancel(second.id)]
    assert [r.content_ids for r in want(state, ids)] == [tuple(ids[64:])]


def want(state: AppState, ids: list[str]) -> list[Thumbnails]:
    requests: list[Message] = state.want_thumbnails(ids)
    return [request for request in requests if isinstance(request, Thumbnails)]


def test_pictures_of_one_comparison_are_not_shown_for_another(
    state: AppState, comparison: Comparison
) -> None:
    state.on_event(Done(running(state), comparison=comparison))
    request = want(state, ["a" * 32])[0]
    state.on_event(Done(request.id, thumbnails={"a" * 32: "/t.jpg"}))
    opened = state.open("other")[-1]
    state.on_event(Done(opened.id, comparison=comparison))  # type: ignore[attr-defined]
    assert state.thumbnails == {}


def test_forgetting_what_is_open_closes_it(state: AppState, comparison: Comparison) -> None:
    state.on_event(Done(running(state), comparison=comparison))
    state.forget("another")
    assert state.comparison is comparison
    state.forget("*")
    assert state.comparison is None


def test_a_welcome_shows_the_lock(state: AppState, tmp_path: Path) -> None:
    state.on_welcome(Welcome(1, "0.2", ("audit",), True))
    engine = state.engine
    assert (engine.phase, engine.network_lock, engine.ephemeral) == (Phase.READY, ("audit",), True)
