"""Strangers' text is shown as what it is: one line, nothing invisible, not too long."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.report.names import displayable, encodable, middle_cut, without_folders


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("ridge.jpg", "ridge.jpg"),
        ("evil\u202egnp.exe", "evil\\u202egnp.exe"),
        ("two\nlines\tand a bell\x07", "two\\nlines\\tand a bell\\x07"),
        ("zero\u200bwidth", "zero\\u200bwidth"),
        ("not utf-8 \udcff", "not utf-8 \\udcff"),
        ("שלום جبال 雪 👩‍👧", "שלום جبال 雪 👩‍👧"),
        ("<b>*bold*</b> #x", "<b>*bold*</b> #x"),
    ],
)
def test_what_is_hidden_becomes_visible(text: str, shown: str) -> None:
    assert displayable(text) == shown


@given(st.text(st.characters(exclude_categories=[])), st.integers(2, 400))
def test_any_text_becomes_one_short_harmless_line(text: str, limit: int) -> None:
    shown = displayable(text, limit)
    assert len(shown) <= limit
    hidden = {c for c in shown if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp", "Cn")}
    assert hidden <= set("\u200c\u200d")
    shown.encode("utf-8")


def test_long_text_says_that_it_was_cut() -> None:
    assert displayable("x" * 5000, 80) == "x" * 79 + "…"
    assert displayable("x" * 80, 80) == "x" * 80


def test_a_tower_of_accents_does_not_cover_the_page() -> None:
    assert len(displayable("a" + "\u0301" * 500)) < 10


def test_a_cut_name_keeps_its_beginning_and_its_suffix() -> None:
    cut = middle_cut("folder/" + "long" * 60 + "_0012.jpg", 40)
    assert len(cut) == 40
    assert cut.startswith("folder/")
    assert cut.endswith("_0012.jpg")
    assert middle_cut("short.jpg", 40) == "short.jpg"


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("/home/ada/Pictures/holiday", "holiday"),
        ("C:\\Users\\ada\\holiday\\", "holiday"),
        ("\\\\server\\share\\holiday", "holiday"),
        ("~/holiday", "holiday"),
        ("before / after", "before / after"),
        ("holiday 2012", "holiday 2012"),
    ],
)
def test_a_path_gives_only_its_last_part(text: str, kept: str) -> None:
    assert without_folders(text) == kept


def test_names_that_are_no_utf8_can_be_written() -> None:
    assert encodable("caf\udce9.jpg").encode("utf-8") == b"caf\\udce9.jpg"
