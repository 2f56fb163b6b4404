"""Where weights go when there is much, little or hardly any memory."""

from __future__ import annotations

import pytest

from engine.errors import NotEnoughMemory
from engine.runtimes.placement import GIB, place, texts_at_a_time

MODEL = "A model"


def test_all_on_the_card_that_has_room() -> None:
    placement = place(10 * GIB, "cuda", [8 * GIB, 24 * GIB], 64 * GIB, MODEL)
    assert list(placement.devices) == ["cuda:1"]
    assert not placement.split


def test_room_is_left_to_compute_in() -> None:
    placement = place(int(23.5 * GIB), "cuda", [24 * GIB], 64 * GIB, MODEL)
    assert list(placement.devices) == ["cuda:0", "cpu"]
    assert placement.devices["cuda:0"] < 22 * GIB


def test_larger_than_the_card_goes_on_in_main_memory() -> None:
    placement = place(26 * GIB, "cuda", [12 * GIB], 64 * GIB, MODEL)
    assert placement.split
    assert list(placement.devices) == ["cuda:0", "cpu"]


def test_several_cards_come_before_main_memory() -> None:
    placement = place(40 * GIB, "cuda", [24 * GIB, 24 * GIB], 64 * GIB, MODEL)
    assert list(placement.devices) == ["cuda:0", "cuda:1", "cpu"]


def test_a_full_card_is_left_out() -> None:
    placement = place(10 * GIB, "cuda", [GIB // 2, 6 * GIB], 64 * GIB, MODEL)
    assert list(placement.devices) == ["cuda:1", "cpu"]


@pytest.mark.parametrize("kind", ["cpu", "mps"])
def test_without_a_card(kind: str) -> None:
    assert list(place(10 * GIB, kind, [], 16 * GIB, MODEL).devices) == [kind]


@pytest.mark.parametrize(
    ("kind", "cards", "main"),
    [("cpu", [], 16), ("mps", [], 16), ("cuda", [8], 16), ("cuda", [8, 8], 8)],
)
def test_too_large_for_all_there_is(kind: str, cards: list[int], main: int) -> None:
    with pytest.raises(NotEnoughMemory) as raised:
        place(40 * GIB, kind, [card * GIB for card in cards], main * GIB, MODEL)
    assert "A model needs 42.9 GB" in raised.value.message
    assert raised.value.hint


def test_batches_shrink_with_what_each_text_takes() -> None:
    """LLaVA-1.5-13B: 0.8 MB a token, 630 tokens an image; with five beams that is 2.6 GB."""
    a_token = 2 * 40 * 5120 * 2
    assert texts_at_a_time(50 * GIB, "cuda", a_token, 630, 32) == 32
    assert texts_at_a_time(50 * GIB, "cuda", a_token, 630 * 5, 32) == 16
    assert texts_at_a_time(16 * GIB, "cpu", a_token, 630 * 5, 16) == 3
    assert texts_at_a_time(1 * GIB, "cpu", a_token, 630 * 5, 16) == 1
    assert texts_at_a_time(0, "cuda", a_token, 1, 32) == 1
