"""A person chooses how two sets are compared."""

from __future__ import annotations

from pathlib import Path

import pytest

from docs.build_recipes import PAGE, page
from engine import recipe
from engine.errors import BadRecipe
from engine.model import Role

FILE = """
proposers = ["measured", "caption_llm"]
goal = "light"
[captions]
model = "eyes"
length = "detailed"
[language]
model = "words"
prompt = "mine.txt"
[clip]
model = "judge"
phrasings = ["{}", "a photo of {}"]
"""


def none(_name: str) -> bool:
    return False


def test_without_models_measures_only() -> None:
    assert recipe.choose("auto", none) == recipe.MEASURED
    assert recipe.needed_models(recipe.MEASURED) == {}


def test_takes_the_best_recipe_whose_models_are_all_installed() -> None:
    laptop = set(recipe.needed_models(recipe.BUILT_IN["laptop"]).values())
    workstation = set(recipe.needed_models(recipe.BUILT_IN["workstation"]).values())
    assert recipe.choose("auto", laptop.__contains__).name == "laptop"
    assert recipe.choose("auto", (laptop | workstation).__contains__).name == "workstation"
    short_of_one = laptop - {recipe.BUILT_IN["laptop"].language.model}
    assert recipe.choose("auto", short_of_one.__contains__).name == "measured"


def test_the_one_for_trying_out_is_offered_last_and_never_chosen_for_a_person() -> None:
    pocket = set(recipe.needed_models(recipe.BUILT_IN["pocket"]).values())
    laptop = set(recipe.needed_models(recipe.BUILT_IN["laptop"]).values())
    assert recipe.choose("auto", pocket.__contains__) == recipe.MEASURED
    assert recipe.choose("pocket", none).name == "pocket"
    assert list(recipe.offered_recipes(pocket.__contains__)) == ["measured", "pocket"]
    everything = (pocket | laptop).__contains__
    assert list(recipe.offered_recipes(everything)) == ["laptop", "measured", "pocket"]
    assert list(recipe.usable_recipes(everything)) == ["laptop", "measured"]


@pytest.mark.parametrize(
    ("prompt", "beside"),
    [("pocket", False), ("", False), ("mine.txt", True), ("prompts/mine", True), ("./mine", True)],
)
def test_a_bare_name_is_a_prompt_of_twofold_s_own(
    tmp_path: Path, prompt: str, beside: bool
) -> None:
    file = tmp_path / "own.toml"
    file.write_text(FILE.replace("mine.txt", prompt), encoding="utf-8")
    found = recipe.choose(str(file), none).language.prompt
    assert found == (str(tmp_path / prompt) if beside else prompt)


def test_a_recipe_that_is_named_is_taken_whether_or_not_its_models_are_there() -> None:
    assert recipe.choose("paper", none).name == "paper"


def test_a_file_says_what_differs_from_the_defaults(tmp_path: Path) -> None:
    file = tmp_path / "lighting.toml"
    file.write_text(FILE, encoding="utf-8")
    chosen = recipe.choose(str(file), none)
    assert chosen.name == "lighting"
    assert (chosen.captions.length, chosen.captions.beams) == ("detailed", 5)
    assert chosen.clip.phrasings == ("{}", "a photo of {}")
    assert Path(chosen.language.prompt) == tmp_path / "mine.txt", "beside the recipe"
    assert recipe.needed_models(chosen) == {
        Role.CAPTIONER: "eyes",
        Role.PROPOSER: "words",
        Role.RANKER: "judge",
    }


def test_texts_that_come_along_need_no_captioner(tmp_path: Path) -> None:
    file = tmp_path / "own.toml"
    file.write_text(FILE.replace('model = "eyes"', ""), encoding="utf-8")
    assert Role.CAPTIONER not in recipe.needed_models(recipe.choose(str(file), none))


def test_single_options_go_above_the_recipe() -> None:
    changes = {"language.rounds": "7", "captions.length": "detailed", "alpha": "0.01"}
    chosen = recipe.choose("laptop", none, goal="What is the light like?", changes=changes)
    assert (chosen.language.rounds, chosen.captions.length, chosen.alpha) == (7, "detailed", 0.01)
    assert chosen.goal == "What is the light like?"
    assert chosen.language.model == recipe.BUILT_IN["laptop"].language.model
    several = recipe.choose("laptop", none, changes={"clip.phrasings": "{},a photo of {}"})
    assert several.clip.phrasings == ("{}", "a photo of {}")


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"langage.rounds": "3"}, "langage.rounds"),
        ({"language": "3"}, "language"),
        ({"language.rounds": "many"}, "rounds"),
        ({"language.rounds": "0"}, "language.rounds"),
        ({"captions.length": "endless"}, "length"),
        ({"clip.phrasings": "a photo"}, "clip.phrasings"),
        ({"clip.model": ""}, "clip.model"),
        ({"proposers": "oracle"}, "oracle"),
    ],
)
def test_a_wrong_option_is_named(changes: dict[str, str], named: str) -> None:
    with pytest.raises(BadRecipe) as caught:
        recipe.choose("laptop", none, changes=changes)
    assert named in caught.value.message
    assert caught.value.hint


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("[captions]\nmodle = 'x'", "captions.modle"),
        ("proposers = ['caption_llm']", "language.model"),
        ("[language]\nrounds = 'three'", "rounds"),
        ("[language]\nrounds = ", "TOML"),
    ],
)
def test_a_wrong_file_is_explained(tmp_path: Path, text: str, named: str) -> None:
    file = tmp_path / "wrong.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(BadRecipe, match=named):
        recipe.load(str(file))


def test_a_very_long_goal_is_refused() -> None:
    with pytest.raises(BadRecipe, match="goal"):
        recipe.choose("laptop", none, goal="x" * 10_000)


def test_the_page_about_recipes_is_current() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run: python -m docs.build_recipes"
