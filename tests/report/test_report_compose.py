"""What a report shows, and what it must not."""

from __future__ import annotations

import base64
import io
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageFilter

from engine.errors import ExportFailed
from engine.protocol import ReportOptions
from engine.report.compose import chosen_findings, compose, images_shown
from engine.vocabulary import Comparison
from tests.fakes.sample_comparison import (
    identical_comparison,
    no_difference_comparison,
    sample_comparison,
    too_few_comparison,
)
from tests.report.conftest import SECRET_USER


def pixels(src: str) -> Image.Image:
    return Image.open(io.BytesIO(base64.b64decode(src.split(",")[1])))


def test_every_significant_finding_is_shown_best_first(
    sample: Comparison, thumbnails: dict[str, Path]
) -> None:
    data = compose(sample, ReportOptions(), thumbnails)
    shown = [f["description"] for f in data["findings"]]
    assert shown == [f.description for f in sample.findings if f.significant]
    assert [f["number"] for f in data["findings"]] == list(range(1, len(shown) + 1))
    assert data["untold"] == "25 further possible differences were tested and did not hold up."


def test_chosen_findings_are_shown_even_if_not_significant(sample: Comparison) -> None:
    chosen = (sample.findings[-1].id, sample.findings[0].id)
    data = compose(sample, ReportOptions(findings=chosen), {})
    assert [f["significant"] for f in data["findings"]] == [True, False]
    assert "this report shows a choice" in data["untold"]


def test_an_unknown_finding_is_refused(sample: Comparison) -> None:
    with pytest.raises(ExportFailed, match="no finding “measured:ghost”"):
        chosen_findings(sample, ReportOptions(findings=("measured:ghost",)))


@pytest.mark.parametrize(
    "options",
    [
        ReportOptions(thumbnails="tiny"),
        ReportOptions(paper="a5"),
        ReportOptions(date="yesterday"),
    ],
)
def test_unknown_options_are_refused(sample: Comparison, options: ReportOptions) -> None:
    with pytest.raises(ExportFailed) as refused:
        compose(sample, options, {})
    assert refused.value.hint


def test_no_path_no_user_and_no_file_name_by_default(
    sample: Comparison, thumbnails: dict[str, Path]
) -> None:
    text = json.dumps(compose(sample, ReportOptions(), thumbnails))
    assert "mountains 2019" in text
    for secret in (SECRET_USER, "/home", "ridge_0", "IMG_0", "notes.jpg", ".toml/"):
        assert secret not in text
    for f in sample.findings:
        for image in f.evidence.a_most:
            assert image.content_id not in text


def test_file_names_are_relative_when_asked_for(
    sample: Comparison, thumbnails: dict[str, Path]
) -> None:
    data = compose(sample, ReportOptions(file_names=True), thumbnails)
    text = json.dumps(data)
    assert "2019/ridge_0" in text
    assert [listing["title"] for listing in data["listings"]] == [
        "In both sets", "Could not be compared in A", "Could not be compared in B",
    ]  # fmt: skip
    assert SECRET_USER not in text


def test_pictures_are_new_files_without_metadata(
    sample: Comparison, thumbnails: dict[str, Path]
) -> None:
    pictures = compose(sample, ReportOptions(), thumbnails)["pictures"]
    sources = {path.read_bytes() for path in thumbnails.values()}
    assert len(pictures) == len(images_shown(sample, ReportOptions()))
    for picture in list(pictures.values())[:20]:
        data = base64.b64decode(picture["src"].split(",")[1])
        assert data not in sources
        image = pixels(picture["src"])
        assert not image.getexif()
        assert "comment" not in image.info
        assert image.size == (picture["width_px"], picture["height_px"])


def test_blurred_pictures_keep_colours_and_lose_shapes(
    sample: Comparison, thumbnails: dict[str, Path]
) -> None:
    full = compose(sample, ReportOptions(), thumbnails)["pictures"]
    blurred = compose(sample, ReportOptions(thumbnails="blurred"), thumbnails)["pictures"]
    assert blurred.keys() == full.keys()
    for key in list(full)[:10]:
        sharp, soft = pixels(full[key]["src"]), pixels(blurred[key]["src"])
        soft = soft.resize(sharp.size)
        edges = [
            np.asarray(i.convert("L").filter(ImageFilter.FIND_EDGES))[2:-2, 2:-2].std()
            for i in (sharp, soft)
        ]
        assert edges[1] < edges[0] / 3
        means = [np.asarray(i).mean(axis=(0, 1)) for i in (sharp, soft)]
        assert np.abs(means[0] - means[1]).max() < 12


def test_no_pictures_when_none_are_wanted(sample: Comparison, thumbnails: dict[str, Path]) -> None:
    options = ReportOptions(thumbnails="none")
    data = compose(sample, options, thumbnails)
    assert data["pictures"] == {}
    assert images_shown(sample, options) == []
    assert all(not f["evidence"] for f in data["findings"])


def test_missing_and_damaged_thumbnails_leave_a_blank(
    sample: Comparison, thumbnails: dict[str, Path], tmp_path: Path
) -> None:
    damaged = tmp_path / "damaged.jpg"
    damaged.write_bytes(b"\xff\xd8\xff no picture")
    first, second, *rest = images_shown(sample, ReportOptions())
    some = {first: damaged} | {key: thumbnails[key] for key in rest}
    data = compose(sample, ReportOptions(), some)
    items = [i for row in data["findings"][0]["evidence"] for i in row["items"]]
    assert [i["picture"] for i in items[:2]] == ["", ""]
    assert all(i["picture"] in data["pictures"] for i in items[2:])
    assert second not in some


def test_both_sides_have_counter_examples(sample: Comparison, thumbnails: dict[str, Path]) -> None:
    data = compose(sample, ReportOptions(), thumbnails)
    for f in data["findings"]:
        other = "B" if f["side"] == "A" else "A"
        assert [row["side"] for row in f["evidence"]] == [f["side"], f["side"], other]


def test_drawings_stay_inside_and_show_the_same_numbers(sample: Comparison) -> None:
    data = compose(sample, ReportOptions(findings=tuple(f.id for f in sample.findings)), {})
    for shown, f in zip(data["findings"], sample.findings, strict=True):
        m, plot = shown["mark"], shown["plot"]
        assert 0 <= m["null_low"] < m["half"] < m["null_high"] <= 1
        assert m["low"] <= m["at"] <= m["high"]
        assert m["at"] == pytest.approx((f.auroc - 0.4) / 0.6, abs=1e-3)
        values = (*plot["a"], *plot["b"], *plot["edges"], *(t["at"] for t in plot["ticks"]))
        assert all(0 <= v <= 1 for v in values)
        if plot["kind"] == "bars":
            assert plot["a"] == [pytest.approx(f.rate_a, abs=1e-3)]
        else:
            assert max(*plot["a"], *plot["b"]) == 1
            assert len(plot["edges"]) == len(plot["a"]) + 1


def test_a_finding_against_its_direction_stays_on_the_scale(sample: Comparison) -> None:
    wrong = replace(sample.findings[0], auroc=0.2, auroc_low=0.1, auroc_high=0.3)
    data = compose(replace(sample, findings=(wrong,)), ReportOptions(findings=(wrong.id,)), {})
    m = data["findings"][0]["mark"]
    assert (m["low"], m["at"], m["high"], m["text"]) == (0, 0, 0, "0.20")


def test_a_histogram_that_cannot_be_drawn_is_said_to_be_missing(sample: Comparison) -> None:
    flat = replace(sample.findings[0].histogram, edges=(1.0, 1.0), a=(1.0,), b=(1.0,))
    broken = replace(sample.findings[0], histogram=flat)
    data = compose(replace(sample, findings=(broken,)), ReportOptions(), {})
    assert data["findings"][0]["plot"]["kind"] == "none"


def test_a_report_without_a_finding_shows_what_came_nearest() -> None:
    data = compose(no_difference_comparison(), ReportOptions(), {})
    assert data["findings"] == []
    assert data["table_title"] == "The nearest to a difference"
    assert len(data["table"]) == 10
    assert not any(f["significant"] for f in data["table"])
    assert "26 further" in data["untold"]


@pytest.mark.parametrize("make", [identical_comparison, too_few_comparison])
def test_where_nothing_was_tested_no_method_is_claimed(make: object) -> None:
    comparison = make()  # type: ignore[operator]
    data = compose(comparison, ReportOptions(), {})
    titles = [p["title"] for p in data["method"]]
    assert "AUROC" not in titles
    assert data["untold"] == ""
    assert data["table"] == []


def test_the_date_is_the_comparisons_own_unless_given(sample: Comparison) -> None:
    assert compose(sample, ReportOptions(), {})["date_words"] == "23 November 2026"
    given = compose(sample, ReportOptions(date="2027-01-02"), {})
    assert (given["date"], given["date_words"]) == ("2027-01-02", "2 January 2027")


def test_what_was_skipped_and_how_it_was_made_is_told(sample: Comparison) -> None:
    data = compose(sample, ReportOptions(), {})
    settings = {s["name"]: s["value"] for s in data["settings"]}
    assert settings["Seed"] == "0"
    assert settings["Recipe"] == "mine.toml"
    assert "numpy 2.4.1" in settings["Versions"]
    assert "namespace" in settings["Network lock"]
    assert sum(int(row["a"]) for row in data["skipped"]) == len(sample.a.skipped)
    assert data["shared"].startswith("3 images stand in both sets: 2 byte for byte and 1 as")


def test_the_sample_is_the_same_each_time() -> None:
    assert sample_comparison() == sample_comparison()
    assert sample_comparison(seed=1) != sample_comparison()
