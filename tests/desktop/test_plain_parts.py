"""The parts of the window that know no Qt."""

from __future__ import annotations

import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desktop import figures, sources
from desktop.finding_filter import FindingFilter, count, null_half_width
from desktop.line_buffer import LineBuffer, LineTooLong
from desktop.safe_text import isolated, shortened, shown
from desktop.sources import Unusable
from desktop.time_left import PATIENCE_S, TimeLeft
from engine.vocabulary import Comparison, Side

ROOT = Path(__file__).parents[2]


def test_state_and_its_parts_work_without_qt() -> None:
    modules = "desktop.state, desktop.sources, desktop.time_left, desktop.finding_filter"
    modules += ", desktop.safe_text, desktop.line_buffer, desktop.figures"
    code = f"import {modules}, sys; print([m for m in sys.modules if 'PySide' in m])"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


# --- names ----------------------------------------------------------------------------------


def test_a_name_that_reads_backwards_is_shown_with_its_marks() -> None:
    assert shown("photo\u202egpj.exe") == "photo\\u202egpj.exe"


def test_line_breaks_and_control_characters_become_escapes() -> None:
    assert shown("a\nb\tc\x1b[0m") == "a\\nb\\tc\\u001b[0m"


def test_letters_of_any_script_stay_as_they_are() -> None:
    for name in ("été 2012", "עברית", "写真", "👩‍👩‍👧"):
        assert shown(name) == name


def test_a_right_to_left_name_cannot_reorder_its_sentence() -> None:
    assert isolated("עברית") == "\u2068עברית\u2069"


def test_piled_up_marks_are_cut() -> None:
    assert len(shown("Z" + "\u0301" * 500)) < 10


def test_a_long_name_keeps_both_ends() -> None:
    short = shortened("a" * 50 + "middle" + "z" * 50, 21)
    assert len(short) == 21
    assert short.startswith("aaaa")
    assert short.endswith("zzzz")


@settings(database=None, deadline=None)
@given(st.text(max_size=60))
def test_whatever_is_shown_holds_no_control_characters(text: str) -> None:
    assert all(c.isprintable() or c in " \u200c\u200d" or c.isspace() for c in shown(text))
    assert "\n" not in shown(text)


# --- what was dropped ---------------------------------------------------------------------------


def test_one_folder_becomes_the_side_it_was_dropped_on(folders: tuple[Path, Path]) -> None:
    assert sources.take([str(folders[1])], Side.B).sides == {Side.B: (str(folders[1]),)}


def test_two_folders_fill_both_sides(folders: tuple[Path, Path]) -> None:
    a, b = map(str, folders)
    assert sources.take([a, b], Side.B).sides == {Side.A: (a,), Side.B: (b,)}


def test_images_and_folders_in_any_mix_are_one_side(folders: tuple[Path, Path]) -> None:
    mix = [str(folders[0]), str(folders[1]), str(folders[1] / "0.jpg")]
    assert sources.take(mix, Side.A).sides == {Side.A: tuple(mix)}


def test_a_table_describes_both(tmp_path: Path) -> None:
    file = tmp_path / "Groups.CSV"
    file.write_text("path,group\n", encoding="utf-8")
    assert sources.take([str(file)], Side.A).table == str(file)


def test_what_does_not_exist_is_named(tmp_path: Path) -> None:
    taken = sources.take([str(tmp_path / "gone")], Side.A)
    assert taken.unusable is Unusable.MISSING
    assert taken.culprit == str(tmp_path / "gone")


def test_a_name_that_is_no_text_is_refused() -> None:
    assert sources.take(["/tmp/\udcff"], Side.A).unusable is Unusable.UNSPEAKABLE


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("/a/b", "/a/b"),
        ('  "/a/b c"  ', "/a/b c"),
        ("file:///a/b%20c", "/a/b c"),
        ("file://localhost/a", "/a"),
        ("/a/./b/../c/", "/a/c"),
    ],
)
def test_paths_are_read_as_people_paste_them(text: str, path: str) -> None:
    assert sources.paths_in_text(text) == ([path], None)


def test_a_tilde_means_home() -> None:
    assert sources.paths_in_text("~/x") == ([str(Path.home() / "x")], None)


@pytest.mark.parametrize("text", ["https://example.org/a", "smb://host/a", "file://host/share"])
def test_an_address_on_a_network_is_no_path(text: str) -> None:
    assert sources.paths_in_text(text) == ([], Unusable.REMOTE)


def test_the_label_is_the_folder_s_name(folders: tuple[Path, Path]) -> None:
    assert sources.default_label([str(folders[0])]) == "holiday 2012"
    assert sources.default_label([str(folder) for folder in folders]) == "pictures"
    assert sources.default_label([str(folders[0] / "1.jpg")]) == "1"


# --- the time left ------------------------------------------------------------------------------


def test_the_time_left_counts_down_between_estimates() -> None:
    left = TimeLeft(0.0)
    left.update(2.0, 100.0)
    assert left.seconds(12.0) == 90.0


def test_better_news_is_taken_at_once() -> None:
    left = TimeLeft(0.0)
    left.update(2.0, 100.0)
    left.update(3.0, 50.0)
    assert left.seconds(3.0) == 50.0


def test_a_short_hiccup_does_not_show() -> None:
    left = TimeLeft(0.0)
    left.update(2.0, 100.0)
    left.update(3.0, 400.0)
    left.update(4.0, 97.0)
    assert left.seconds(4.0) == 97.0


def test_lasting_bad_news_is_told() -> None:
    left = TimeLeft(0.0)
    left.update(2.0, 100.0)
    left.update(3.0, 400.0)
    left.update(3.0 + PATIENCE_S, 400.0)
    assert left.seconds(3.0 + PATIENCE_S) == 400.0


def test_nothing_is_shown_before_anything_is_known() -> None:
    left = TimeLeft(0.0)
    left.update(0.1, 3000.0)
    left.update(5.0, None)
    assert left.seconds(5.0) is None


@settings(database=None, deadline=None)
@given(st.lists(st.floats(0, 1000), min_size=2, max_size=60))
def test_the_time_left_never_rises_twice_within_the_patience(estimates: list[float]) -> None:
    left = TimeLeft(0.0)
    rises = []
    before = None
    for step, estimate in enumerate(estimates):
        now = 2.0 + step
        left.update(now, estimate)
        seconds = left.seconds(now)
        assert seconds is not None
        if before is not None and seconds > before:
            rises.append(now)
        before = seconds
    assert all(later - earlier >= PATIENCE_S for earlier, later in pairwise(rises))


# --- lines --------------------------------------------------------------------------------------


@settings(database=None, deadline=None)
@given(st.lists(st.binary(max_size=40), max_size=20), st.integers(1, 7))
def test_lines_come_out_whole_however_they_arrive(parts: list[bytes], size: int) -> None:
    lines = [part.replace(b"\n", b" ") + b"." for part in parts]
    stream = b"".join(line + b"\n" for line in lines)
    buffer = LineBuffer(1_000)
    for start in range(0, len(stream), size):
        buffer.feed(stream[start : start + size])
    out = []
    while (line := buffer.take()) is not None:
        out.append(line)
    assert out == lines


def test_a_line_without_end_is_refused() -> None:
    buffer = LineBuffer(10)
    with pytest.raises(LineTooLong):
        for _ in range(3):
            buffer.feed(b"aaaaa")


# --- filters and figures ------------------------------------------------------------------------


def test_filters_narrow_by_side_significance_and_words(comparison: Comparison) -> None:
    findings = comparison.findings
    of_b = [f for f in findings if FindingFilter(side=Side.B).accepts(f)]
    assert of_b
    assert all(f.side is Side.B for f in of_b)
    strong = [f for f in findings if FindingFilter(significant_only=True).accepts(f)]
    assert len(strong) == count(findings).significant < len(findings)
    found = [f.description for f in findings if FindingFilter(text="Border WHITE").accepts(f)]
    assert found == ["images with a white border"]


def test_words_are_looked_for_in_opposites_and_merged_phrases(comparison: Comparison) -> None:
    def matches(text: str) -> list[str]:
        wanted = FindingFilter(text=text)
        return [f.description for f in comparison.findings if wanted.accepts(f)]

    assert matches("darker") == ["brighter images"]
    assert matches("camping") == ["a tent"]


def test_the_region_of_chance_shrinks_with_more_images() -> None:
    assert null_half_width(10, 10) == pytest.approx(1.96 * (21 / 1200) ** 0.5)
    assert null_half_width(1000, 1000) < null_half_width(100, 100) < 0.1
    assert null_half_width(0, 5) == 0.5


@pytest.mark.parametrize(
    ("shown_as", "value"),
    [("1.00", 1.0), ("0.999", 0.9996), ("0.88", 0.881), ("0.50", 0.5), ("0.001", 0.0004)],
)
def test_an_auroc_near_the_end_is_not_rounded_over_it(shown_as: str, value: float) -> None:
    assert figures.auroc(value) == shown_as


def test_figures_read_as_people_write_them() -> None:
    thin = "\u202f"
    assert figures.percent(0.708) == f"71{thin}%"
    assert figures.percent(0.0004) == f"<{thin}0.1{thin}%"
    assert figures.percent(0.9996) == f">{thin}99.9{thin}%"
    assert figures.probability("q", 3.1e-8) == "q = 3·10⁻⁸"
    assert figures.probability("q", 0.0496) == "q = 0.0496"
    assert figures.probability("p", 0.0) == "p < 10⁻³⁰⁰"
    assert figures.short_probability(1e-9) == f"<{thin}0.001"
    assert figures.score(-0.4088) == "−0.409"
    assert figures.score(float("nan")) == "–"
    assert figures.score(2019.6) == "2020"
    assert figures.score(20196.0) == "20,196"
    assert figures.size(2_104_000_000) == "2.1 GB"
    assert figures.duration(372) == "6 min 12 s"


@settings(database=None, deadline=None)
@given(st.floats(0.0005, 1.0))
def test_a_probability_is_never_rounded_across_the_level(value: float) -> None:
    text = figures.probability("q", value)
    assert "10" in text or (float(text[4:]) < 0.05) == (value < 0.05)
