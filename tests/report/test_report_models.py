"""What a report says of models: how phrases came about, which weights, where, how long."""

from __future__ import annotations

import io
import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from pypdf import PdfReader

from engine.protocol import ReportOptions
from engine.report import models, pdf, web, wording
from engine.report.compose import compose
from engine.report.export import export
from engine.report.method import limits, method
from engine.vocabulary import Comparison, Finding, ModelUse
from tests.fakes.model_comparison import MODELS, model_comparison
from tests.fakes.sample_comparison import identical_comparison, sample_comparison

CAPTIONER, PROPOSER, RANKER = MODELS
NONE = "No language or vision model took part."


@pytest.fixture(scope="module")
def with_models() -> Comparison:
    return model_comparison(goal="season and time of day")


def used(comparison: Comparison, *uses: ModelUse, **options: str) -> Comparison:
    """The comparison with other models and some other options."""
    settings = comparison.settings
    return replace(
        comparison,
        settings=replace(settings, models=uses, options={**settings.options, **options}),
    )


def passages(comparison: Comparison) -> dict[str, str]:
    return {passage["title"]: passage["text"] for passage in method(comparison)}


def finding(comparison: Comparison, description: str) -> Finding:
    return next(f for f in comparison.findings if f.description == description)


# --- how it was done --------------------------------------------------------------------------


def test_the_way_of_a_phrase_is_told_with_the_names_of_the_models(with_models: Comparison) -> None:
    said = passages(with_models)
    way = said["Phrases of a language model"]
    assert way.startswith("BLIP-2 FLAN-T5-XXL described a sample of the images of each set, from")
    assert "Vicuna 13B v1.5, a language model, read captions of both sets" in way
    assert "in 3 rounds, up to 20 captions of each set at a time" in way
    assert "told what you want to know: “season and time of day”" in way
    assert "merged into one" in way
    assert said["Similarity"].startswith("CLIP ViT-bigG-14 (LAION-2B) turned every image")
    assert "no probability" in said["Similarity"]
    assert "phrases that a language model proposed" in said["What was tested"]
    assert said["Models"].startswith("Three models took part. All ran on this machine")


def test_only_what_was_done_is_told(with_models: Comparison) -> None:
    alone = tuple(replace(f, also=()) for f in with_models.findings)
    texts = {"goal": "", "captions.model": ""}
    plain = used(replace(with_models, findings=alone), PROPOSER, RANKER, **texts)
    way = passages(plain)["Phrases of a language model"]
    assert way.startswith("The text that came with the images served as captions")
    assert "BLIP-2" not in way
    assert "what you want to know" not in way
    assert "merged" not in way
    unknown = used(
        with_models, PROPOSER, RANKER
    )  # a captioner took part, and only its name is left
    assert passages(unknown)["Phrases of a language model"].startswith(
        "blip2-flan-t5-xxl described"
    )
    once = used(with_models, *MODELS, **{"language.rounds": "1", "language.samples": "8"})
    assert (
        "read captions of both sets, up to 8 captions of each set, and"
        in (passages(once)["Phrases of a language model"])
    )


def test_images_that_were_not_held_out_are_not_said_to_be_half(with_models: Comparison) -> None:
    small = replace(with_models, verdict=replace(with_models.verdict, split=False))
    assert "half" in passages(with_models)["Phrases of a language model"]
    assert "half" not in passages(small)["Phrases of a language model"]


def test_several_phrasings_are_told(with_models: Comparison) -> None:
    several = used(with_models, *MODELS, **{"clip.phrasings": "{}; a photo of {}"})
    assert "the mean of 2 ways to put it" in passages(several)["Similarity"]
    assert "ways to put it" not in passages(with_models)["Similarity"]


@pytest.mark.parametrize("make", [sample_comparison, identical_comparison])
def test_without_models_that_is_said_and_nothing_else(make: object) -> None:
    comparison = make()  # type: ignore[operator]
    said = passages(comparison)
    assert said["Models"] == NONE
    assert not {"Phrases of a language model", "Similarity"} & set(said)
    assert models.table(comparison) == []
    assert not any("model" in line.lower() for line in limits(comparison))


def test_findings_of_an_unknown_proposer_are_not_denied_a_model() -> None:
    c = sample_comparison()
    odd = replace(c.findings[0], origin=replace(c.findings[0].origin, proposer="oracle"))
    assert NONE not in passages(replace(c, findings=(odd,))).values()


def test_limits_name_what_models_are_weak_at(with_models: Comparison) -> None:
    said = " ".join(limits(with_models))
    for weakness in ("numbers of things", "left and right", "small details", "prejudices"):
        assert weakness in said
    assert "the captions, which can be wrong" in said
    assert "or proposed by the language model, can be found" in said


# --- the table --------------------------------------------------------------------------------


def test_each_model_has_a_row(with_models: Comparison) -> None:
    rows = models.table(with_models)
    assert [row["title"] for row in rows] == [use.title for use in MODELS]
    assert [row["did"] for row in rows] == [
        "described images", "proposed phrases", "scored phrases on images",
    ]  # fmt: skip
    first = rows[0]
    assert first["revision"] == CAPTIONER.revision[:12]
    assert first["fingerprint"] == CAPTIONER.fingerprint[:12]
    assert (first["device"], first["precision"]) == (
        "graphics card and processor", "cuda:0 + cpu, float16",
    )  # fmt: skip
    assert (first["loaded"], first["worked"]) == ("loaded in 58 s", "at work 2 min 22 s")
    assert first["memory"] == "23 GB"
    assert first["remarks"] == list(CAPTIONER.remarks)


def test_a_model_that_was_loaded_twice_stands_once(with_models: Comparison) -> None:
    again = replace(RANKER, load_s=10.0, used_s=100.0, peak_bytes=9_000_000_000, remarks=())
    rows = models.table(used(with_models, RANKER, PROPOSER, again))
    assert [row["title"] for row in rows] == [RANKER.title, PROPOSER.title]
    row = rows[0]
    assert row["loaded"] == "loaded twice in 22 s"
    assert row["worked"] == "at work 1 min 49 s"
    assert row["memory"] == "9.0 GB"
    assert row["remarks"] == list(RANKER.remarks)
    other = replace(RANKER, device="cpu")
    assert len(models.table(used(with_models, RANKER, other))) == 2


def test_a_model_whose_answers_were_kept_was_not_loaded(with_models: Comparison) -> None:
    kept = replace(RANKER, device="", precision="", load_s=0, used_s=0, peak_bytes=0, remarks=())
    only = used(with_models, kept)
    [row] = models.table(only)
    assert (row["device"], row["precision"]) == ("not loaded", "its answers were kept from before")
    assert (row["loaded"], row["memory"]) == ("", "–")
    assert "One model took part. Every answer was kept" in models.sentence(only)
    assert models.line(only) == "CLIP ViT-bigG-14 (LAION-2B) (answers kept)"


@pytest.mark.parametrize(
    ("device", "words"),
    [
        ("cuda:1", "graphics card"),
        ("cuda:0 + cuda:1", "2 graphics cards"),
        ("mps", "graphics of this Mac"),
        ("cpu", "processor"),
        ("xpu:0", "another device"),
    ],
)
def test_devices_are_called_what_they_are(with_models: Comparison, device: str, words: str) -> None:
    [row] = models.table(used(with_models, replace(RANKER, device=device)))
    assert row["device"] == words
    assert row["precision"] == f"{device}, float16"


def test_what_is_not_known_is_said_to_be(with_models: Comparison) -> None:
    [row] = models.table(used(with_models, replace(RANKER, revision="", licence="", title="")))
    assert row["revision"] == "not known"
    assert row["licence"] == "not known"
    assert row["title"] == RANKER.name


# --- a finding --------------------------------------------------------------------------------


def test_a_phrase_of_a_language_model_says_where_it_comes_from(with_models: Comparison) -> None:
    f = finding(with_models, "hikers with heavy backpacks")
    assert wording.origin_words(f) == "from a language model, round 2, tested on images held out"
    assert wording.where_from(f).startswith(
        "Proposed by a language model from captions of both sets, first in round 2 (concepts-1, "
        "in 1 of 3 rounds). Found on one half"
    )
    same = replace(f, held_out=False)
    assert wording.origin_words(same).endswith("round 2, not held out")
    assert "the correction allows for it" in wording.where_from(same)
    merged = finding(with_models, "a mountain at dusk")
    assert wording.also(merged) == (
        "Says nearly the same: “an evening sky above mountains” and “sunset light”."
    )


def test_a_similarity_is_not_called_a_share(with_models: Comparison) -> None:
    f = finding(with_models, "a mountain at dusk")
    assert wording.rates(f) == (
        "True of 7 % of A and 76 % of B, counting a similarity of 0.215 or more as true. "
        "Mean similarity 0.193 in A and 0.226 in B, as the cosine of image and phrase."
    )
    data = compose(with_models, ReportOptions(findings=(f.id,)), {})
    assert data["findings"][0]["plot"]["unit"] == "cosine similarity of image and phrase"


def test_phrases_of_any_kind_are_counted_in_the_verdict(with_models: Comparison) -> None:
    held_out = sum(f.held_out for f in with_models.findings if f.significant)
    assert f"{held_out} of the 14 are phrases, found on one half" in (
        wording.verdict_subline(with_models)
    )


# --- pages ------------------------------------------------------------------------------------


def in_pdf(comparison: Comparison) -> str:
    data = compose(comparison, ReportOptions(thumbnails="none"), {})
    pages = PdfReader(io.BytesIO(pdf.render(data))).pages
    return re.sub(r"\s+", " ", " ".join(page.extract_text() for page in pages))


def test_pdf_and_page_show_the_table(with_models: Comparison) -> None:
    page = web.render(compose(with_models, ReportOptions(thumbnails="none"), {})).decode()
    for text in (in_pdf(with_models), re.sub(r"<[^>]+>", "", page)):
        for shown in (
            "BLIP-2 FLAN-T5-XXL", CAPTIONER.revision[:12], RANKER.fingerprint[:12],
            "graphics card and processor", "at work 2 min 22 s", "Llama 2 Community License",
            "The batch was halved to 32 for want of memory.", "What you want to know",
            "as its length allows",
        ):  # fmt: skip
            assert shown in text
        assert CAPTIONER.fingerprint not in text
    assert '<table class="models">' in page


def test_names_and_remarks_of_models_are_text_and_nothing_else(with_models: Comparison) -> None:
    odd = replace(
        RANKER,
        title="<img src=x onerror=alert(1)> #text(red)[*x*] \u202egnp",
        remarks=("<script>alert(1)</script> $x$ \x07",),
    )
    comparison = used(with_models, odd)
    page = web.render(compose(comparison, ReportOptions(thumbnails="none"), {})).decode()
    assert "<script" not in page
    assert "<img" not in page
    text = in_pdf(comparison).replace(" ", "")
    assert "#text(red)[*x*]\\u202egnp" in text
    assert "<script>alert(1)</script>$x$\\x07" in text


def test_many_models_do_not_run_off_the_page(with_models: Comparison) -> None:
    many = tuple(replace(RANKER, name=f"m{i}", title=f"Model number {i}") for i in range(40))
    text = in_pdf(used(with_models, *many))
    assert all(f"Model number {i}" in text for i in range(40))


def test_a_prompt_file_does_not_give_away_its_folder(with_models: Comparison) -> None:
    path = "/home/ada/prompts/mine.txt"
    comparison = used(with_models, *MODELS, **{"language.prompt": path})
    rows = {s["name"]: s["value"] for s in compose(comparison, ReportOptions(), {})["settings"]}
    assert rows["Prompt of the language model"] == "mine.txt"
    assert rows["What was asked about each image"] == ("Twofold’s own question")


def test_json_holds_models_whole(with_models: Comparison, tmp_path: Path) -> None:
    target = tmp_path / "a.json"
    export(with_models, "json", target, ReportOptions(), {})
    data = json.loads(target.read_bytes())
    [first, *_] = data["settings"]["models"]
    assert first["fingerprint"] == CAPTIONER.fingerprint
    assert first["revision"] == CAPTIONER.revision
    assert first["remarks"] == list(CAPTIONER.remarks)
    assert [stage["name"] for stage in data["stages"]] == [
        "scan", "read", "caption", "propose", "embed", "score", "test",
    ]  # fmt: skip
    phrase = next(f for f in data["findings"] if f["origin"] == "caption_llm")
    assert (phrase["origin_detail"], phrase["unit"]) == ("concepts-1, in 3 of 3 rounds", "cosine")
