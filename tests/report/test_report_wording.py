"""The sentences are right for each outcome and each kind of finding."""

from __future__ import annotations

import importlib.util
from dataclasses import replace

import pytest

from engine.errors import NOTES, SKIP_REASONS
from engine.measurement import Catalogue
from engine.recipe import BUILT_IN, PROPOSERS, CaptionOptions, LanguageOptions, Recipe
from engine.report import terms, wording
from engine.versions import settings
from engine.vocabulary import Comparison, Confound, Finding, Outcome, Side, Verdict
from tests.fakes.sample_comparison import (
    identical_comparison,
    no_difference_comparison,
    sample_comparison,
    too_few_comparison,
)

MODULES = {
    "torch": "torch",
    "transformers": "transformers",
    "open_clip_torch": "open_clip",
    "llama-cpp-python": "llama_cpp",
}


def options_of(recipe: Recipe) -> dict[str, str]:
    return settings(recipe, 0, Catalogue((), "v"), ()).options


def finding(comparison: Comparison, description: str) -> Finding:
    return next(f for f in comparison.findings if f.description == description)


def test_sets_that_differ() -> None:
    c = sample_comparison()
    found = c.verdict.significant_a + c.verdict.significant_b
    assert wording.verdict_headline(c) == f"The two sets differ. {found} differences hold up."
    subline = wording.verdict_subline(c)
    assert "37 possible differences were tested" in subline
    assert "(q < 0.05)" in subline
    assert "3 images stand in both sets." in subline
    assert "7 files could not be compared." in subline


def test_only_held_out_findings_are_said_to_hold_up_on_unused_images() -> None:
    c = sample_comparison()
    held_out = tuple(f for f in c.findings if f.held_out and f.significant)
    verdict = replace(c.verdict, significant_a=0, significant_b=len(held_out))
    only = replace(c, findings=held_out, verdict=verdict)
    assert "on images that were not used to find them" in wording.verdict_headline(only)
    assert "not used to find" not in wording.verdict_headline(c)


def test_one_difference_is_singular() -> None:
    assert wording.verdict_headline(sample_comparison(1)) == (
        "The two sets differ. One difference holds up."
    )


def test_no_difference_says_what_would_have_been_seen() -> None:
    c = no_difference_comparison()
    assert wording.verdict_headline(c) == "No difference found."
    assert "an AUROC of about 0.62 or more would most likely" in wording.verdict_subline(c)


def test_what_chance_may_give_is_called_so() -> None:
    assert "which may be chance (p = 0.38" in wording.overall(no_difference_comparison().verdict)
    assert "chance" not in wording.overall(sample_comparison().verdict)


def test_every_option_of_a_recipe_has_a_name() -> None:
    whole = replace(
        BUILT_IN["paper"], proposers=tuple(PROPOSERS), captions=CaptionOptions(model="some")
    )
    assert set(options_of(whole)) == set(terms.OPTIONS)
    assert {name for name, _ in terms.VALUES} <= set(terms.OPTIONS)


def test_values_that_stand_for_something_else_are_still_written_so() -> None:
    """A default that changes its spelling would be shown as it is."""
    written = {**options_of(Recipe(proposers=tuple(PROPOSERS)))}
    written |= options_of(
        Recipe(proposers=tuple(PROPOSERS), captions=CaptionOptions(model="some"))
    ) | {"captions.model": written["captions.model"]}
    written["language.merge"] = options_of(
        Recipe(proposers=("caption_llm",), language=LanguageOptions(merge=1.0))
    )["language.merge"]
    assert {(name, written[name]) for name, _ in terms.VALUES} == set(terms.VALUES)


def test_options_of_what_did_not_take_part_are_not_listed() -> None:
    measured = options_of(Recipe(proposers=("measured",)))
    assert not {name for name in measured if "." in name or name == "goal"}
    phrases = options_of(Recipe())
    assert {name.partition(".")[0] for name in phrases if "." in name} == {"phrases"}
    # texts that came along stand for captions: how images would be described does not matter
    texts = options_of(Recipe(proposers=("caption_llm",)))
    assert [name for name in texts if name.startswith("captions.")] == ["captions.model"]
    assert "clip.model" in texts


def test_libraries_of_models_are_named_when_models_take_part() -> None:
    def versions(*proposers: str) -> set[str]:
        return set(settings(Recipe(proposers=proposers), 0, Catalogue((), "v"), ()).versions)

    models = {"torch", "transformers", "open_clip_torch", "llama-cpp-python"}
    assert not models & versions("measured", "phrases")
    installed = {name for name in models if importlib.util.find_spec(MODULES[name])}
    assert versions("caption_llm") & models == installed


def test_a_small_no_difference_does_not_claim_to_see_much() -> None:
    c = no_difference_comparison()
    small = replace(c, a=replace(c.a, compared=5), b=replace(c.b, compared=5))
    assert "even a large difference could have gone unseen" in wording.verdict_subline(small)


def test_identical_and_too_few() -> None:
    assert wording.verdict_headline(identical_comparison()) == (
        "The two folders hold the same images."
    )
    c = too_few_comparison()
    assert wording.verdict_headline(c) == "Too few images to tell."
    assert "3 images in A and 4 in B" in wording.verdict_subline(c)


def test_differ_as_a_whole_only() -> None:
    c = sample_comparison(0)
    verdict = Verdict(Outcome.DIFFER_UNNAMED, 0.71, 0.002, 999, 0, 0, 37, 0.05, split=True)
    unnamed = replace(c, verdict=verdict)
    assert "no single difference" in wording.verdict_headline(unnamed)
    assert "71 of 100 random pairs (p = 0.002" in wording.verdict_subline(unnamed)


@pytest.mark.parametrize("side", list(Side))
def test_auroc_is_said_in_pairs(side: Side) -> None:
    f = replace(finding(sample_comparison(), "brighter images"), side=side, auroc=0.884)
    assert wording.auroc_in_words(f) == (
        f"In 88 of 100 random pairs of one image each, the {side} image scores higher."
    )


def test_ties_are_mentioned_where_there_are_many() -> None:
    f = finding(sample_comparison(), "images with a white border")
    assert "tie count as half" in wording.auroc_in_words(f)


def test_confounds_that_explain_come_first_and_the_rest_is_one_line() -> None:
    f = replace(finding(sample_comparison(), "brighter images"), auroc=0.88)
    height = Confound("height", "image height", 0.71, 0.53, explains=True)
    camera = Confound("camera", "camera", 0.66, 0.60, explains=True)
    format_ = Confound("format", "file format", 0.64, 0.87, explains=False)
    says, warns = wording.confound(replace(f, confounds=(height, camera, format_)))
    assert warns
    assert "Image height may explain this" in says
    assert "AUROC falls from 0.88 to 0.53" in says
    assert "71 of 100" in says
    assert says.endswith("So may camera.")
    says, warns = wording.confound(replace(f, confounds=(format_,)))
    assert not warns
    assert says == "Not explained by file format: among images alike in that, AUROC is still 0.87."
    assert wording.confound(replace(f, confounds=())) == ("", False)


def test_origins() -> None:
    c = sample_comparison()
    assert wording.origin_words(finding(c, "brighter images")) == "measured"
    phrase = finding(c, "evening light")
    assert wording.origin_words(phrase) == "from captions, tested on images held out"
    assert wording.origin_words(replace(phrase, held_out=False)) == "from captions, not held out"
    assert "the same images" in wording.where_from(replace(phrase, held_out=False))


def test_skipped_files_are_counted_by_reason() -> None:
    c = sample_comparison()
    assert wording.skipped_summary(c.b.skipped) == (
        "3 files could not be compared: 2 damaged or incomplete, 1 a link to nothing."
    )
    rows = wording.skipped_by_reason(c.a.skipped, c.b.skipped)
    assert [(r.code, r.a, r.b) for r in rows][:2] == [("damaged", 1, 2), ("broken_link", 0, 1)]
    assert sum(r.a for r in rows) == len(c.a.skipped)
    assert wording.skipped_summary(()) == "Every image could be compared."


def test_every_code_of_the_engine_has_its_words() -> None:
    assert set(terms.SKIPPED) == set(SKIP_REASONS)
    c = replace(sample_comparison(), notes=(*NOTES, "from_the_future"))
    sentences = wording.remark_sentences(c)
    assert sentences[:-1] == list(NOTES.values())
    assert "from_the_future" in sentences[-1]


def test_the_network_lock_is_never_overstated() -> None:
    assert "namespace" in wording.network_lock(("namespace", "audit"))
    assert "No network lock" in wording.network_lock(())


def test_strangers_text_in_a_sentence_is_made_visible() -> None:
    f = replace(finding(sample_comparison(), "evening light"), also=("a\u202eb\n",))
    assert wording.also(f) == "Says nearly the same: “a\\u202eb\\n”."
