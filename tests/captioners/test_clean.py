"""What is left of raw captions."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.captioners.base import SHORT
from engine.captioners.clean import clean, one_line

MARKS = ["<|im_end|>", "<|im_start|>", "</s>", "<s>", "<pad>", "[INST]", "[/INST]", "<<SYS>>"]
MARKS += ["<|endoftext|>", "<image>", "<extra_id_0>", "<start_of_turn>", "<｜User｜>", "[PAD]"]


@pytest.mark.parametrize(
    ("raw", "left"),
    [
        ("a dog on a beach", "a dog on a beach"),
        ("  a dog\n on\ta   beach ", "a dog on a beach"),
        ("dog dog dog dog", "dog"),
        ("dog " * 30, ""),
        ("a dog a dog a dog a dog", "a dog"),
        ("a dog, a dog " * 20, ""),
        ("the dog, the dog, the dog runs", "the dog runs"),
        ("a plate with food and and and and", "a plate with food and"),
        ("The sky is blue. The sky is blue. The sky is blue.", "The sky is blue."),
        ("hahahahahahaha", "ha"),
        ("a sign that reads 1000000", "a sign that reads 1000000"),
        ("a photo of a dog", "a dog"),
        ("An image of a photo of a car", "a car"),
        ("The image shows a man.", "a man."),
        ("This is a picture of two cats", "two cats"),
        ("In this picture we can see a bridge", "a bridge"),
        ("In the image, there is a bridge", "a bridge"),
        ("There are three boats", "three boats"),
        ("ASSISTANT: a red bus", "a red bus"),
        ("a photo of", ""),
        ("a painting of a cat", "a painting of a cat"),
        ("a black and white photo of a cat", "a black and white photo of a cat"),
        ("a photographer at work", "a photographer at work"),
        ("A dog runs. It is wet. Behind it there", "A dog runs. It is wet."),
        ("A dog runs behind", "A dog runs behind"),
        ("a man before St. Peter's church", "a man before St. Peter's church"),
        ('a sign that says "stop"', 'a sign that says "stop"'),
        ('"A dog runs."', "A dog runs."),
        ("a dog. USER: and what else? ASSISTANT: a cat", "a dog."),
        ("- a dog -", "a dog"),
        ("!!!", ""),
        ("", ""),
        ("\ufffd\u200b\u202e", ""),
    ],
)
def test_captions(raw: str, left: str) -> None:
    assert clean(raw) == left


@pytest.mark.parametrize(
    "raw",
    [
        SHORT + " a red bus",
        "USER: " + SHORT + " ASSISTANT: a red bus",
        "Question: " + SHORT + " Answer: a red bus",
        SHORT.upper() + "\na red bus",
    ],
)
def test_the_question_is_no_part_of_the_answer(raw: str) -> None:
    assert clean(raw, SHORT) == "a red bus"


@pytest.mark.parametrize("mark", MARKS)
def test_chat_marks_are_taken_away(mark: str) -> None:
    assert clean(f"{mark}a dog {mark} on{mark}a beach{mark}") == "a dog on a beach"


def test_a_mark_inside_a_mark_leaves_no_mark() -> None:
    for inner in MARKS:
        for outer in MARKS:
            middle = len(outer) // 2
            text = clean(f"a dog {outer[:middle]}{inner}{outer[middle:]} runs")
            assert not any(mark in text for mark in MARKS), (inner, outer)


@pytest.mark.parametrize(
    "text",
    [
        "Der Hund läuft im Schnee",
        "ein Foto von zwei Katzen",
        "一只狗在海滩上奔跑。",
        "犬が雪の中を走っている",
        "собака бежит по пляжу",
        "كلب يركض على الشاطئ",
        "एक कुत्ता धीरे धीरे चल रहा है।",
        "می\u200cخواهم یک سگ",
        "anak anak bermain di pantai",
    ],
)
def test_other_languages_stay_as_they_are(text: str) -> None:
    assert clean(text) == text


def test_bidirectional_controls_and_line_ends_go() -> None:
    raw = "a dog\u202e gnp.exe\u2066 \r\n\x1b[31mred\x00\u2028bus\ufeff"
    assert clean(raw) == "a dog gnp.exe [31mred bus"


WORDS = ["dog", "a", "dog dog dog", "狗", "ſ", "ﬁ", "photo of", "the image shows", "there is"]
WORDS += ["USER:", SHORT, "St.", ".", "。", '"', "- ", " ", "\n", "\u202e", "\u200d"]
PIECES = st.sampled_from([*MARKS, *WORDS, "<|", "|>", "<", ">"])
TEXTS = st.one_of(st.text(max_size=200), st.lists(PIECES, max_size=30).map("".join))


@given(TEXTS)
def test_what_is_true_of_every_text(raw: str) -> None:
    text = clean(raw, SHORT)
    assert clean(text, SHORT) == text
    assert len(text) <= len(raw)
    assert not any(mark in text for mark in MARKS)
    assert "<|" not in text
    assert "|>" not in text
    assert not re.search(r"\s\s|^\s|\s$|[^\S ]", text)
    controls = {"Cc", "Cs", "Co", "Zl", "Zp"}
    assert not controls & {unicodedata.category(sign) for sign in text}
    assert not any("\u202a" <= sign <= "\u202e" or "\u2066" <= sign <= "\u2069" for sign in text)
    assert text == "" or any(sign.isalnum() for sign in text)


@given(TEXTS)
def test_one_line_only_takes_away(raw: str) -> None:
    text = one_line(raw)
    assert one_line(text) == text
    assert len(text) <= len(raw)
    assert len(text.splitlines()) <= 1


def test_a_very_long_caption_is_read_in_no_time() -> None:
    endless = " ".join(f"word{i}" for i in range(100_000))
    assert len(clean(endless)) <= 4_000
