"""What the window shows when models take part, and that it shows none of it when none do."""

from __future__ import annotations

import json
from dataclasses import replace
from importlib.resources import files
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QComboBox, QLineEdit, QPushButton
from pytestqt.qtbot import QtBot

from desktop import finding_wording, verdict_wording, wording
from desktop.failure_wording import worded
from desktop.sources import Failure
from desktop.state import AppState
from desktop.state_parts import OF_MODELS, STAGES
from desktop.widgets.text import Text
from engine import errors, protocol, terminal
from engine.vocabulary import Comparison, Finding
from tests.desktop.driving import Program, StartProgram
from tests.fakes.model_comparison import model_comparison
from tests.fakes.photo_folder import write_photos
from tests.fakes.sample_comparison import sample_comparison


@pytest.fixture
def comparison() -> Comparison:
    return model_comparison()


@pytest.fixture
def running() -> tuple[AppState, str]:
    """A window's state with a comparison under way, and its id."""
    state = AppState()
    state.on_welcome(protocol.Welcome(1, "0.1", ("namespace",), False))
    state.table = protocol.TableSource("/t.csv")
    request = state.compare("a", "b")[-1]
    assert isinstance(request, protocol.Compare)
    return state, request.id


def phrase(comparison: Comparison, description: str) -> Finding:
    return next(f for f in comparison.findings if f.description == description)


# --- while it runs ------------------------------------------------------------------------------


def test_stages_have_one_name_everywhere() -> None:
    schema = json.loads(
        files("engine.report").joinpath("comparison.schema.json").read_text("utf-8")
    )
    described = schema["properties"]["stages"]["items"]["properties"]["name"]["enum"]
    assert tuple(described) == STAGES
    assert set(STAGES) <= set(terminal.STAGES)
    assert all(wording.stage(name) != name for name in STAGES)


def test_stages_of_models_are_expected_once_they_begin(running: tuple[AppState, str]) -> None:
    state, run_id = running
    assert state.run is not None
    assert not set(OF_MODELS) & set(state.run.expected)
    state.on_event(protocol.Progress(run_id, "caption", 0, 80))
    assert state.run.expected == STAGES  # whoever describes images will encode them too


def test_images_with_texts_of_their_own_are_only_encoded(running: tuple[AppState, str]) -> None:
    state, run_id = running
    state.on_event(protocol.Progress(run_id, "embed", 0, 80))
    assert state.run is not None
    assert state.run.expected == ("scan", "read", "propose", "embed", "score", "test")


def test_loading_a_model_does_not_take_the_stage_away(running: tuple[AppState, str]) -> None:
    state, run_id = running
    for stage, done in (("caption", 3), ("verify", 5), ("load", 7)):
        state.on_event(protocol.Progress(run_id, stage, done, 10))
    run = state.run
    assert run is not None
    assert (run.stage, run.stages["caption"].done) == ("caption", 3)
    assert (run.aside, run.aside_state.done) == ("load", 7)
    assert set(run.stages) == {"caption"}
    state.on_event(protocol.Progress(run_id, "caption", 4, 10))
    assert (run.aside, run.stages["caption"].done) == ("", 4)


@pytest.mark.parametrize(
    ("name", "done", "total", "words"),
    [
        ("load", 0, 0, "Loading a model…"),
        ("load", 207, 414, "Loading a model… 50\u202f%"),
        ("verify", 0, 0, "Checking a model’s files…"),
        ("verify", 4_700_000_000, 10_200_000_000, "Checking a model’s files… 4.7 GB of 10 GB"),
        ("brew tea", -3, -1, ""),
        ("load", -3, -1, "Loading a model…"),
        ("", 0, 0, ""),
    ],
)
def test_what_goes_on_beside_a_stage_is_said(name: str, done: int, total: int, words: str) -> None:
    assert wording.aside(name, done, total) == words


def run(program: Program, folders: tuple[Path, Path], qtbot: QtBot) -> None:
    program.ready()
    program.fill(*folders)
    button = program.window.findChild(QPushButton, "compare")
    assert isinstance(button, QPushButton)
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    program.until(lambda: program.state.run is not None)


def stages_seen(program: Program) -> list[str]:
    view = program.window.progress_view
    titles = {wording.stage(name): name for name in STAGES}
    shown = [label.text() for label in view.findChildren(Text) if label.isVisible()]
    return sorted((titles[text] for text in shown if text in titles), key=STAGES.index)


def test_the_progress_page_shows_the_work_of_models(
    start: StartProgram, folders: tuple[Path, Path], qtbot: QtBot
) -> None:
    program = start("--hold", "--pace", "0.04", comparison="models")
    run(program, folders, qtbot)
    aside = program.window.progress_view.findChild(Text, "aside")
    assert isinstance(aside, Text)
    height = aside.height()
    assert stages_seen(program) == ["scan", "read", "propose", "score", "test"]
    program.until(lambda: aside.text().startswith("Checking a model’s files…"))
    program.until(lambda: aside.text().startswith("Loading a model…"))
    assert aside.height() == height  # nothing below it jumps
    program.until(lambda: program.state.run and program.state.run.stage == "caption")
    assert stages_seen(program) == list(STAGES)
    program.until(lambda: program.state.run and program.state.run.findings)
    assert not aside.text().strip()


def test_without_models_the_progress_page_is_as_before(
    start: StartProgram, folders: tuple[Path, Path], qtbot: QtBot
) -> None:
    program = start("--hold", "--pace", "0.01")
    run(program, folders, qtbot)
    program.until(lambda: program.state.run and program.state.run.findings)
    assert stages_seen(program) == ["scan", "read", "propose", "score", "test"]


# --- the findings -------------------------------------------------------------------------------


def test_a_phrase_tells_its_way(app: QApplication, comparison: Comparison) -> None:
    found = phrase(comparison, "a mountain at dusk")
    assert finding_wording.small_line(found) == "language model · held out · 2 merged"
    assert finding_wording.where_from(found, comparison) == (
        "Proposed by Vicuna 13B v1.5, a language model, from captions of both sides that BLIP-2 "
        "FLAN-T5-XXL wrote. First in round 1 (concepts-1, in 3 of 3 rounds). It stands for “an "
        "evening sky above mountains”, “sunset light” too. CLIP ViT-bigG-14 (LAION-2B) scored it "
        "on every image: how well image and phrase go together, not how likely the phrase is true."
    )
    assert finding_wording.means(found) == "Mean 0.193 in A, 0.226 in B (cosine similarity)"
    name = finding_wording.image_caption(found, "a.jpg", 0.271)
    assert name.startswith("0.271 (cosine similarity) · ")


def test_a_phrase_whose_models_are_not_known_is_told_all_the_same(
    app: QApplication, comparison: Comparison
) -> None:
    found = phrase(comparison, "hikers with heavy backpacks")
    told = finding_wording.where_from(found, sample_comparison())
    assert told.startswith(
        "Proposed by a language model from captions of both sides. First in round 2 (concepts-1,"
    )
    assert "A model scored it" in told


def test_a_measurement_is_told_as_before(app: QApplication, comparison: Comparison) -> None:
    found = phrase(comparison, "brighter images")
    assert finding_wording.where_from(found, comparison) == (
        "A measurement from a fixed list, read off every image."
    )
    assert finding_wording.means(found).endswith("(0–255)")


def test_the_findings_page_shows_where_a_phrase_comes_from(start: StartProgram) -> None:
    program = start(comparison="models")
    program.open_first()
    view = program.window.findings_view
    label = view.detail.findChild(Text, "whereFrom")
    assert isinstance(label, Text)
    assert label.text().startswith("Proposed by Vicuna 13B v1.5")
    button = view.banner.caution_buttons[-1]
    assert button.accessibleName() == "2 remarks about models"
    button.click()
    sentences = {text.text() for text in view.banner.findChildren(Text) if text.isVisible()}
    assert any("The batch was halved to 32" in sentence for sentence in sentences)


def test_the_verdict_counts_phrases_of_any_kind(app: QApplication, comparison: Comparison) -> None:
    said = verdict_wording.verdict(comparison).basis
    assert "8 are phrases, found on one half of the images, tested on the other." in said


def test_every_note_of_the_engine_has_a_short_name(
    app: QApplication, comparison: Comparison
) -> None:
    noted = replace(comparison, notes=(*errors.NOTES, "of a newer version"))
    shorts = {caution.code: caution.short for caution in verdict_wording.cautions(noted)}
    assert [code for code, short in shorts.items() if short == "A remark"] == ["of a newer version"]
    assert shorts["llm_repeated"] == "The language model repeated itself"


# --- failures -----------------------------------------------------------------------------------


def kinds(base: type[errors.ModelError]) -> list[type[errors.ModelError]]:
    return [base, *(kind for child in base.__subclasses__() for kind in kinds(child))]


@pytest.mark.parametrize("kind", kinds(errors.ModelError), ids=lambda kind: kind.code)
def test_a_model_that_fails_leaves_nobody_without_a_next_step(
    app: QApplication, kind: type[errors.ModelError]
) -> None:
    shown = worded(Failure(kind.code, "The model cannot be used."))
    assert (shown.code, shown.message) == (kind.code, "The model cannot be used.")
    assert shown.hint.endswith(".")
    own = Failure(kind.code, "It fails.", "Do as the engine says.")
    assert worded(own) == own


def test_other_failures_get_no_step_that_does_not_fit(app: QApplication) -> None:
    assert worded(Failure("no_images", "No image.")).hint == ""


def test_recipe_and_goal_leave_with_the_comparison(
    start: StartProgram, tmp_path: Path, qtbot: QtBot
) -> None:
    program = start("--recipes", "laptop,measured")
    program.ready()
    recipe = program.window.findChild(QComboBox, "recipe")
    goal = program.window.findChild(QLineEdit, "goal")
    assert isinstance(recipe, QComboBox) and isinstance(goal, QLineEdit)
    program.until(lambda: recipe.count() == 3)
    assert "laptop" in recipe.itemText(0)
    assert goal.isEnabled()
    goal.setText("the light")
    recipe.setCurrentIndex(2)
    recipe.activated.emit(2)
    for name in "ab":
        write_photos(tmp_path / name, 2, seed=ord(name))
    program.fill(tmp_path / "a", tmp_path / "b")
    button = program.window.findChild(QPushButton, "compare")
    assert isinstance(button, QPushButton)
    program.until(button.isEnabled)
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    program.until(lambda: program.state.comparison)
    job = program.requests("compare")[0]["job"]
    assert (job["recipe"], job["goal"]) == ("measured", "the light")


def test_the_recipe_for_trying_out_says_that_it_is_no_more(
    start: StartProgram, tmp_path: Path, qtbot: QtBot
) -> None:
    program = start("--recipes", "laptop,measured,pocket")
    program.ready()
    recipe = program.window.findChild(QComboBox, "recipe")
    goal = program.window.findChild(QLineEdit, "goal")
    assert isinstance(recipe, QComboBox) and isinstance(goal, QLineEdit)
    program.until(lambda: recipe.count() == 4)
    assert "laptop" in recipe.itemText(0)
    assert recipe.itemText(3) == "pocket (for trying out)"
    goal.setText("the light")
    recipe.setCurrentIndex(3)
    recipe.activated.emit(3)
    assert "knows only rendered scenes" in recipe.accessibleDescription()
    assert not goal.isEnabled()
    assert (program.state.recipe, program.state.goal) == ("pocket", "")
    recipe.setCurrentIndex(1)
    recipe.activated.emit(1)
    assert "rendered" not in recipe.accessibleDescription()
    assert (program.state.recipe, program.state.goal) == ("laptop", "the light")


def test_without_models_says_how_to_get_them(start: StartProgram) -> None:
    program = start()
    program.ready()
    recipe = program.window.findChild(QComboBox, "recipe")
    goal = program.window.findChild(QLineEdit, "goal")
    assert isinstance(recipe, QComboBox) and isinstance(goal, QLineEdit)
    assert "page Models" in recipe.accessibleDescription()
    assert not goal.isEnabled()
