"""How many layers of a language model go to a graphics card."""

from __future__ import annotations

from engine.runtimes.llama_placement import (
    ALL,
    OVERHEAD_BYTES,
    Placement,
    fewer,
    memory_need,
    place,
)

GIB = 1024**3
QWEN = {
    "general.architecture": "qwen3",
    "qwen3.block_count": "36",
    "qwen3.embedding_length": "4096",
    "qwen3.attention.head_count": "32",
    "qwen3.attention.head_count_kv": "8",
    "qwen3.attention.key_length": "128",
    "qwen3.attention.value_length": "128",
}


def test_memory_of_a_context() -> None:
    # keys and values, 36 layers of 8 groups of 128 numbers each, two bytes a number
    assert memory_need(QWEN, 8192) == 2 * 8192 * 36 * 8 * (128 + 128)
    without = {name: value for name, value in QWEN.items() if "attention.key" not in name}
    assert memory_need(without, 8192) == memory_need(QWEN, 8192)
    several = QWEN | {"qwen3.attention.head_count_kv": "[0, 8, 0, 8]"}
    assert memory_need(several, 8192) >= memory_need(QWEN, 8192)
    assert memory_need({}, 8192) > 0


def test_everything_goes_to_a_card_with_room() -> None:
    whole = place(5 * GIB, GIB, 36, 6 * GIB + OVERHEAD_BYTES)
    assert whole == Placement(ALL, 36)
    assert whole.whole
    assert whole.remark() == ""


def test_as_much_as_fits_goes_to_a_small_card() -> None:
    some = place(5 * GIB, GIB, 36, 3 * GIB + OVERHEAD_BYTES)
    assert 0 < some.layers < 36
    assert some.layers * 6 * GIB / 37 <= 3 * GIB
    assert f"{some.layers} of 36 layers" in some.remark()


def test_a_full_card_gets_nothing() -> None:
    for free in (0, OVERHEAD_BYTES, OVERHEAD_BYTES + 1024**2):
        none = place(5 * GIB, GIB, 36, free)
        assert none.none
        assert none.remark()


def test_when_the_card_was_full_after_all_half_is_tried_until_nothing_is_left() -> None:
    tried = [Placement(ALL, 36)]
    while (following := fewer(tried[-1])) is not None:
        tried.append(following)
    assert [placement.layers for placement in tried] == [ALL, 18, 9, 4, 2, 1, 0]
