"""A saved comparison is reopened as it was, found by its id, and keeps what the person said."""

from __future__ import annotations

import os
from dataclasses import replace

import msgspec
import pytest

from engine.errors import UnknownComparison
from engine.protocol import Job, SetSource
from engine.storage.store import Judgement, Store
from engine.vocabulary import Comparison, ImageRef, Side
from tests.fakes.sample_comparison import sample_comparison

ROOT = "/home/somebody/pictures"


@pytest.fixture(scope="module")
def comparison() -> Comparison:
    return sample_comparison()


def image(number: int, name: str | None = None, root: str = ROOT) -> ImageRef:
    return ImageRef(root, name or f"sub/{number}.jpg", f"{number:032x}", 10, 10, "JPEG")


def with_id(comparison: Comparison, name: str) -> Comparison:
    return replace(comparison, id=name)


def test_it_is_reopened_as_it_was(store: Store, comparison: Comparison) -> None:
    store.save(comparison, [(Side.A, image(1)), (Side.B, image(2))])
    assert store.load(comparison.id) == comparison
    assert [finding.id for finding in store.load(comparison.id).findings] == [
        finding.id for finding in comparison.findings
    ]


def test_the_list_shows_the_newest_first(store: Store, comparison: Comparison) -> None:
    for year in ("2024", "2026", "2025"):
        store.save(
            replace(comparison, id=f"id{year}", created=f"{year}-01-01T00:00:00Z"),
            [],
        )
    entries = store.entries()
    assert [entry.id for entry in entries] == ["id2026", "id2025", "id2024"]
    first, verdict = entries[0], comparison.verdict
    assert (first.label_a, first.label_b) == (comparison.a.label, comparison.b.label)
    assert (first.compared_a, first.compared_b) == (comparison.a.compared, comparison.b.compared)
    assert first.outcome == verdict.outcome
    assert first.significant == verdict.significant_a + verdict.significant_b


def test_the_beginning_of_one_id_is_enough(store: Store, comparison: Comparison) -> None:
    for name in ("abc1", "abc2", "abc", "xyz%"):
        store.save(with_id(comparison, name), [])
    assert store.load("abc1").id == "abc1"
    assert store.load("x").id == "xyz%"
    assert store.load("abc").id == "abc"  # a whole id is not ambiguous
    with pytest.raises(UnknownComparison) as ambiguous:
        store.load("ab")
    assert "3 comparisons" in ambiguous.value.message
    assert "abc1" in ambiguous.value.hint
    for nobody in ("", "abd", "%", "abc10"):
        with pytest.raises(UnknownComparison):
            store.load(nobody)


def test_saved_again_it_keeps_the_persons_judgement(store: Store, comparison: Comparison) -> None:
    first, second, third, *rest = comparison.findings
    store.save(comparison, [(Side.A, image(1)), (Side.B, image(2))])
    store.judge(comparison.id, first.id, Judgement("accepted", "I looked: “yes”"))
    store.judge(comparison.id, third.id, Judgement(None, "?"))

    again = replace(comparison, findings=(second, first, *rest), created="2030-01-01T00:00:00Z")
    store.save(again, [(Side.A, image(3))])

    assert store.load(comparison.id) == again
    assert store.judgements(comparison.id) == {first.id: Judgement("accepted", "I looked: “yes”")}
    assert len(store.entries()) == 1
    assert [*store.member_paths(comparison.id, [f"{n:032x}" for n in (1, 2, 3)])] == [f"{3:032x}"]
    with pytest.raises(KeyError):
        store.judge(comparison.id, third.id, Judgement("rejected", None))


def test_it_can_be_compared_again_as_it_was_asked_for(store: Store, comparison: Comparison) -> None:
    job = Job(a=SetSource(("/a",)), b=SetSource(("/b", "/c"), label="ß"), seed=7)
    store.save(comparison, [], job)
    store.save(comparison, [])  # nothing asked for anew: the old request stays
    assert msgspec.json.decode(store.request(comparison.id), type=Job) == job
    store.save(with_id(comparison, "other"), [])
    for name in ("other", "nobody"):
        with pytest.raises(UnknownComparison):
            store.request(name)


def test_images_are_found_again_where_they_were(store: Store, comparison: Comparison) -> None:
    odd = os.fsdecode(b"caf\xe9\n\xe2\x80\xae.jpg") if os.name == "posix" else "odd.jpg"
    members = [
        (Side.A, image(1)),
        (Side.A, image(1, "a copy.jpg")),
        (Side.B, image(1, "on the other side.jpg")),
        (Side.B, image(2, odd, "/elsewhere")),
    ]
    store.save(comparison, members)
    ids = [f"{n:032x}" for n in range(1_500)]
    assert store.member_paths(comparison.id, ids) == {
        ids[1]: f"{ROOT}/sub/1.jpg",
        ids[2]: f"/elsewhere/{odd}",
    }
    with pytest.raises(UnknownComparison):
        store.member_paths("nobody", ids)


def test_what_could_not_be_reopened_is_not_stored(store: Store, comparison: Comparison) -> None:
    broken = replace(comparison.findings[0], auroc=float("nan"))
    with pytest.raises(ValueError, match="read back"):
        store.save(replace(comparison, findings=(broken,)), [])
    assert store.entries() == []


def test_a_save_that_breaks_off_leaves_the_old_one_whole(
    store: Store, comparison: Comparison
) -> None:
    store.save(comparison, [(Side.A, image(1))])

    def breaks_off() -> object:
        yield Side.A, image(2)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        store.save(replace(comparison, findings=()), breaks_off())  # type: ignore[arg-type]
    assert store.load(comparison.id) == comparison
    assert [*store.member_paths(comparison.id, [f"{n:032x}" for n in (1, 2)])] == [f"{1:032x}"]
