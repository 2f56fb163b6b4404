"""Captions in other languages are noticed, for the phrases will be in English."""

from __future__ import annotations

import pytest

from engine.captioners.english import looks_english


@pytest.mark.parametrize(
    "text",
    [
        "a dog runs along the beach",
        "two people sitting on a bench in a park",
        "beach",
        "golden retriever puppy",
        "dog, beach, sea, summer",
        "",
        "1234 !!!",
        "café tables near the river",
    ],
)
def test_english_passes(text: str) -> None:
    assert looks_english(text)


@pytest.mark.parametrize(
    "text",
    [
        "ein Hund läuft am Strand entlang",
        "un chien court sur la plage",
        "un perro corre por la playa vacía",
        "собака бежит по пляжу",
        "一只狗在海滩上奔跑",
        "犬がビーチを走る",
        "كلب يركض على الشاطئ",
    ],
)
def test_other_languages_do_not(text: str) -> None:
    assert not looks_english(text)
