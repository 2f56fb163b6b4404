"""The models page: looking, installing, cancelling, carrying by hand; nothing is left running."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QApplication,
    QComboBox,
    QDialog,
    QFrame,
    QLineEdit,
    QPushButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from desktop.engine_process import default_command
from desktop.installer_process import default_install_command
from desktop.models_state import End, ModelsState, Order, Task
from desktop.widgets.header import Page
from desktop.widgets.text import Text
from engine import protocol
from engine.protocol import Done, Failed, ModelEntry, PackEntry, Progress
from tests.desktop.driving import Program, StartProgram
from tests.desktop.test_privacy_and_looks import nameless
from tests.fakes.install_bench import CLIP, Bench, FakeHub
from tests.fakes.model_shelf import FakeShelf

LAPTOP = ("qwen3-vl-2b", "qwen3.5-4b", "vit-b-32-laion2b")
CANCEL_MS = 2_000  # so long may a cancel take


@pytest.fixture
def shelf(tmp_path: Path) -> FakeShelf:
    return FakeShelf(tmp_path / "models")


def on_page(program: Program, qtbot: QtBot) -> None:
    """Gone there by mouse, as a person does."""
    program.ready()
    press(program.window, "goModels", qtbot)
    assert program.window.page is Page.MODELS
    program.until(lambda: program.state.models.entries)


def press(parent: QWidget, name: str, qtbot: QtBot) -> None:
    button = parent.findChild(QPushButton, name)
    assert isinstance(button, QPushButton)
    click(button, qtbot)


def click(button: QWidget, qtbot: QtBot) -> None:
    assert button.isVisible() and button.isEnabled()
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def dialog(program: Program) -> QDialog:
    QApplication.processEvents()
    return next(d for d in program.window.findChildren(QDialog) if d.isVisible())


def type_into(parent: QWidget, name: str, text: str) -> None:
    field = parent.findChild(QLineEdit, name)
    assert isinstance(field, QLineEdit)
    field.setText(text)


def said(parent: QWidget) -> set[str]:
    return {label.text() for label in parent.findChildren(Text) if label.isVisible()}


def notice(program: Program) -> str:
    shown = program.window.models_view.notice
    return shown.message if shown.isVisible() else ""


def install(program: Program, name: str, qtbot: QtBot) -> None:
    click(program.window.models_view.cards[name].button, qtbot)
    assert program.state.models.work is not None


def children(word: str) -> list[psutil.Process]:
    found = psutil.Process().children(recursive=True)
    return [child for child in found if any(word in part for part in child.cmdline())]


# --- looking ------------------------------------------------------------------------------------


def test_without_models_it_says_what_they_add_and_what_uses_the_network(
    start: StartProgram, shelf: FakeShelf, qtbot: QtBot
) -> None:
    program = start()
    on_page(program, qtbot)
    view = program.window.models_view
    first = view.findChild(QFrame, "firstRun")
    assert isinstance(first, QFrame) and first.isVisible()
    sentences = sorted(said(first))
    assert len(sentences) == 2
    assert "only thing that ever uses the network" in sentences[0]
    assert "never sees an image" in sentences[0]
    assert sentences[1].startswith("Models add what images show")
    assert [card.state_text for card in view.cards.values()] == [
        "0 of 3 installed", "0 of 4 installed", "0 of 4 installed",
    ]  # fmt: skip
    assert [card.button.text() for card in view.cards.values()] == ["Install"] * 3
    known = shelf.manifest.models
    assert view.rows.keys() == known.keys()
    states = {row.state_text for name, row in view.rows.items() if not known[name].bundled}
    assert states == {"not installed"}
    assert nameless(program.window) == []


def test_the_page_is_reached_by_keyboard(start: StartProgram, qtbot: QtBot) -> None:
    program = start()
    program.ready()
    program.window.activateWindow()
    qtbot.keyClick(program.window, Qt.Key.Key_4, Qt.KeyboardModifier.ControlModifier)
    assert program.window.page is Page.MODELS
    program.until(lambda: program.state.models.entries)
    view = program.window.models_view
    view.focus_first()
    order = []
    for _ in range(40):
        focused = program.window.focusWidget()
        assert focused is not None
        order.append(focused.accessibleName())
        qtbot.keyClick(focused, Qt.Key.Key_Tab)
    wanted = [
        "Install Laptop", "Install Workstation", "Install BLIP-2 FLAN-T5-XXL",
        "Where BLIP-2 FLAN-T5-XXL comes from", "Install BLIP-2 OPT-2.7B",
    ]  # fmt: skip
    assert [name for name in order if name in wanted][: len(wanted)] == wanted


def test_a_model_too_large_is_a_warning_and_no_barrier(start: StartProgram, qtbot: QtBot) -> None:
    program = start()
    on_page(program, qtbot)
    view = program.window.models_view
    assert "2 of its models are larger" in view.cards["paper"].fit_text
    assert view.cards["paper"].button.isEnabled()
    row = view.rows["llava-1.5-13b"]
    assert "too large" in said(row)
    assert row.install_button.isEnabled()
    assert row.install_button.accessibleDescription().startswith("Too large for the graphics card")


def test_where_a_model_comes_from_can_be_opened(start: StartProgram, qtbot: QtBot) -> None:
    program = start()
    on_page(program, qtbot)
    row = program.window.models_view.rows["llava-1.5-13b"]
    assert not any("llava-hf" in text for text in said(row))
    click(row.more_button, qtbot)
    QApplication.processEvents()
    words = said(row)
    assert "llava-hf/llava-1.5-13b-hf, commit 5dda2880bda0" in words
    assert any(text.startswith("Likely: ") for text in words)
    (licence,) = (text for text in words if "https://" in text)
    assert licence.startswith("Llama 2 Community License · https://ai.meta.com/llama/license/")
    assert "not allowed: services with more than 700 million users" in licence
    click(row.more_button, qtbot)
    assert not any("llava-hf" in text for text in said(row))


def test_each_state_has_its_own_next_step(
    start: StartProgram, shelf: FakeShelf, qtbot: QtBot
) -> None:
    states = {
        "qwen3-vl-2b": ("installed", "installed", ["Verify", "Remove…"]),
        "vicuna-13b-v1.5": ("in_place", "used in place", ["Verify", "Remove…"]),
        "vit-bigg-14-laion2b": ("partial", "partly fetched", ["Resume", "Remove…"]),
        "blip2-opt-2.7b": ("damaged", "damaged", ["Repair", "Remove…"]),
        "llava-1.5-7b": ("missing", "not installed", ["Install"]),
        "mine": ("in_place", "used in place", ["Verify", "Remove…"]),
        "tiny": ("bundled", "with Twofold", ["Verify"]),
    }
    for name, (state, _, _) in states.items():
        if state != "missing":
            shelf.put(name, state)
    program = start()
    on_page(program, qtbot)
    view = program.window.models_view
    for name, (_, words, offered) in states.items():
        row = view.rows[name]
        buttons = (row.install_button, row.verify_button, row.remove_button)
        assert row.state_text == words
        assert [button.text() for button in buttons if button.isVisible()] == offered
    assert [card.button.text() for card in view.cards.values()] == [
        "Install the rest", "Resume", "Resume",
    ]  # fmt: skip
    assert view.findChild(QFrame, "firstRun").isHidden()


def came_along(name: str, state: str) -> ModelEntry:
    return ModelEntry(
        name=name, title=name, roles=("ranker",), state=state, size_bytes=1, licence="Apache-2.0",
        licence_url="", forbids="", fits="ram", fit_text="", packs=("tiny",), certainty="sure",
        repository="", revision="", notes="", bundled=True,
    )  # fmt: skip


def test_what_came_with_twofold_is_not_offered_to_be_installed(start: StartProgram) -> None:
    program = start()
    program.ready()
    program.until(lambda: program.state.models.entries is None)
    view, models = program.window.models_view, program.state.models
    whole, broken = came_along("whole", "bundled"), came_along("broken", "missing")
    pack = PackEntry("tiny", "Tiny", "Tiny.", ("whole", "broken"))
    models.entries, models.packs = (whole, broken), (pack,)
    view.show_all()
    assert view.cards == {}
    assert models.none_installed
    for name, state, offered in (("whole", "with Twofold", ["Verify"]), ("broken", "left out", [])):
        row = view.rows[name]
        buttons = (row.install_button, row.verify_button, row.remove_button)
        assert row.state_text == state
        assert [button.text() for button in buttons if not button.isHidden()] == offered
    row = view.rows["broken"]
    row.more_button.setChecked(True)
    (origin,) = (t.text() for t in row.findChildren(Text) if "complete package" in t.text())
    assert origin.startswith("Comes with Twofold")


# --- installing ---------------------------------------------------------------------------------


def test_a_pack_is_installed_and_comparing_can_use_it_at_once(
    start: StartProgram, shelf: FakeShelf, qtbot: QtBot
) -> None:
    program = start(install=("--pace", "0.02"))
    on_page(program, qtbot)
    view = program.window.models_view
    install(program, "laptop", qtbot)
    program.until(lambda: program.state.models.work and program.state.models.work.done)
    words = said(view.work_card)
    assert "Installing Laptop" in words
    assert any(text.startswith("Fetching: ") and text.endswith("of 4.9 GB") for text in words)
    assert view.rows[LAPTOP[0]].state_text == "being installed"
    assert view.cards["laptop"].button.text() == "Installing…"
    assert not view.cards["paper"].button.isEnabled()
    program.until(lambda: program.state.models.ended)
    assert notice(program) == "Laptop: installed, and every byte checked."
    program.until(lambda: view.cards["laptop"].state_text == "Installed")
    assert [shelf.state(name) for name in LAPTOP] == ["installed"] * 3
    recipe = program.window.findChild(QComboBox, "recipe")
    assert isinstance(recipe, QComboBox)
    assert [recipe.itemData(i) for i in range(recipe.count())] == ["auto", "laptop", "measured"]
    assert len(program.requests("hello")) == 1  # the same engine all along


def test_the_time_left_is_told(start: StartProgram, qtbot: QtBot) -> None:
    program = start(install=("--pace", "0.5"))
    on_page(program, qtbot)
    install(program, "laptop", qtbot)
    label = program.window.models_view.findChild(Text, "workTime")
    assert isinstance(label, Text)
    program.until(lambda: label.text().startswith("About 20 seconds left"))


@pytest.mark.parametrize("way", ["button", "escape"])
@pytest.mark.parametrize("behave", ["hold", "deaf"])
def test_cancel_is_done_within_two_seconds_and_resumes_later(
    start: StartProgram, shelf: FakeShelf, qtbot: QtBot, behave: str, way: str
) -> None:
    program = start(install=("--behave", behave))
    on_page(program, qtbot)
    install(program, "laptop", qtbot)
    work = program.state.models
    program.until(lambda: work.work and work.work.done >= 2_400_000_000)
    began = time.monotonic()
    if way == "button":
        press(program.window.models_view, "cancelModels", qtbot)
    else:
        program.window.activateWindow()
        qtbot.keyClick(program.window, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: work.ended is not None, timeout=CANCEL_MS + 500)
    assert time.monotonic() - began < CANCEL_MS / 1000
    assert children("installer.py") == []
    program.until(lambda: notice(program) == "Stopped.")
    card = program.window.models_view.cards["laptop"]
    program.until(lambda: card.button.text() == "Resume")
    assert shelf.state(LAPTOP[1]) == "partial"
    assert card.button.isEnabled()


def test_a_failed_installation_says_why_and_what_next(
    start: StartProgram, shelf: FakeShelf, qtbot: QtBot
) -> None:
    program = start(install=("--behave", "fail"))
    on_page(program, qtbot)
    install(program, "laptop", qtbot)
    program.until(lambda: notice(program))
    shown = program.window.models_view.notice
    assert shown.message == "The connection to the hub was lost."
    assert "Check the network and try again: what was fetched is kept." in said(shown)
    assert shown.code == "Code: install_failed"
    before = list(program.requests("list_models"))
    again = next(b for b in shown.findChildren(QPushButton) if b.text() == "Try again")
    click(again, qtbot)
    assert program.state.models.work is not None  # the same once more
    program.until(lambda: program.state.models.ended)
    assert len(program.requests("list_models")) > len(before)


@pytest.mark.parametrize(
    ("behave", "message"),
    [
        ("die", "The installer was ended from outside or crashed."),
        ("garbage", "The installer sent something that is not understood."),
    ],
)
def test_an_installer_that_breaks_is_reported(
    start: StartProgram, qtbot: QtBot, behave: str, message: str
) -> None:
    program = start(install=("--behave", behave))
    on_page(program, qtbot)
    install(program, "laptop", qtbot)
    program.until(lambda: notice(program))
    assert notice(program) == message
    assert "this is the end of the log" in program.window.models_view.notice.details
    assert children("installer.py") == []


def test_an_installer_that_will_not_go_is_ended(start: StartProgram, qtbot: QtBot) -> None:
    program = start(install=("--behave", "linger"))
    on_page(program, qtbot)
    install(program, "laptop", qtbot)
    program.until(lambda: program.state.models.ended)
    assert program.state.models.ended.end is End.DONE
    assert children("installer.py") == []


def test_comparing_works_while_models_are_installed(
    start: StartProgram, folders: tuple[Path, Path], qtbot: QtBot
) -> None:
    program = start("--hold", install=("--behave", "hold"))
    on_page(program, qtbot)
    install(program, "laptop", qtbot)
    press(program.window, "goCompare", qtbot)
    program.fill(*folders)
    press(program.window, "compare", qtbot)
    program.until(lambda: program.state.run and program.state.run.findings)
    assert program.window.page is Page.PROGRESS
    assert "Installing Laptop" in {
        text.partition(" · ")[0] for text in said(program.window.status_line)
    }
    press(program.window, "goModels", qtbot)  # the installation can be looked after meanwhile
    assert program.window.page is Page.MODELS
    press(program.window.models_view, "cancelModels", qtbot)
    qtbot.waitUntil(lambda: program.state.models.work is None, timeout=CANCEL_MS)
    assert program.state.run is not None
    row = program.window.models_view.rows["qwen3-vl-2b"]
    program.until(row.install_button.isEnabled)
    press(program.window, "goCompare", qtbot)
    assert program.window.page is Page.PROGRESS


def test_closing_while_installing_asks_and_leaves_nothing_behind(
    start: StartProgram, qtbot: QtBot
) -> None:
    program = start(install=("--behave", "hold"))
    on_page(program, qtbot)
    install(program, "laptop", qtbot)
    program.until(lambda: program.state.models.work and program.state.models.work.done)
    program.window.close()
    assert program.window.isVisible()
    press(dialog(program), "no", qtbot)
    assert program.state.models.work is not None
    program.window.close()
    press(dialog(program), "yes", qtbot)
    assert not program.window.isVisible()
    assert psutil.Process().children(recursive=True) == []


def test_leaving_for_good_ends_even_a_deaf_installer(start: StartProgram, qtbot: QtBot) -> None:
    program = start(install=("--behave", "deaf"))
    on_page(program, qtbot)
    install(program, "laptop", qtbot)
    work = program.state.models
    program.until(lambda: work.work and work.work.done >= 2_400_000_000)
    program.window.leave()
    assert psutil.Process().children(recursive=True) == []


# --- what the engine does -----------------------------------------------------------------------


def test_removing_asks_first_and_leaves_others_files_alone(
    start: StartProgram, shelf: FakeShelf, qtbot: QtBot
) -> None:
    shelf.put("qwen3-vl-2b", "installed")
    shelf.put("vicuna-13b-v1.5", "in_place")
    program = start()
    on_page(program, qtbot)
    view = program.window.models_view
    click(view.rows["vicuna-13b-v1.5"].remove_button, qtbot)
    asked = dialog(program)
    assert any("belong to another program and are left alone" in text for text in said(asked))
    press(asked, "no", qtbot)
    assert program.requests("remove_model") == []
    click(view.rows["qwen3-vl-2b"].remove_button, qtbot)
    asked = dialog(program)
    assert any("(1.6 GB) are deleted" in text for text in said(asked))
    press(asked, "yes", qtbot)
    program.until(lambda: notice(program) == "Removed.")
    assert shelf.state("qwen3-vl-2b") == "missing"
    assert view.rows["qwen3-vl-2b"].state_text == "not installed"


def test_verifying_counts_bytes_and_tells_damage(
    start: StartProgram, shelf: FakeShelf, qtbot: QtBot
) -> None:
    shelf.put("qwen3-vl-2b", "installed")
    program = start("--behave", "fail", "--pace", "0.05")
    on_page(program, qtbot)
    row = program.window.models_view.rows["qwen3-vl-2b"]
    click(row.verify_button, qtbot)
    program.until(lambda: program.state.models.work and program.state.models.work.done)
    assert any(
        text.startswith("Reading every byte once more: ") and text.endswith("of 1.6 GB")
        for text in said(program.window.models_view.work_card)
    )
    program.until(lambda: notice(program))
    assert notice(program) == "A file of the model is not what was installed."
    program.until(lambda: row.state_text == "damaged")


@pytest.mark.parametrize("behave", ["ok", "stall"])
def test_the_engine_s_work_can_be_cancelled(
    start: StartProgram, shelf: FakeShelf, qtbot: QtBot, behave: str
) -> None:
    shelf.put("qwen3-vl-2b", "installed")
    program = start("--behave", behave, "--pace", "0.2")
    on_page(program, qtbot)
    click(program.window.models_view.rows["qwen3-vl-2b"].verify_button, qtbot)
    work = program.state.models
    program.until(lambda: work.work and work.work.done >= 0.5 * work.work.total > 0)
    began = time.monotonic()
    press(program.window.models_view, "cancelModels", qtbot)
    qtbot.waitUntil(lambda: work.ended is not None, timeout=CANCEL_MS + 500)
    assert time.monotonic() - began < CANCEL_MS / 1000
    assert work.ended.end is End.STOPPED


def test_comparing_says_that_it_waits_for_the_engine_s_work(
    start: StartProgram, shelf: FakeShelf, folders: tuple[Path, Path], qtbot: QtBot
) -> None:
    shelf.put("qwen3-vl-2b", "installed")
    program = start("--pace", "0.1")
    on_page(program, qtbot)
    program.session.give_somewhere([str(folder) for folder in folders])
    button = program.window.findChild(QPushButton, "compare")
    program.until(button.isEnabled)
    click(program.window.models_view.rows["qwen3-vl-2b"].verify_button, qtbot)
    program.until(lambda: not button.isEnabled())
    assert button.accessibleDescription() == "Waiting for the work on models."
    program.until(lambda: program.state.models.ended)
    program.until(button.isEnabled)


def test_models_are_imported_from_a_folder(
    start: StartProgram, tmp_path: Path, qtbot: QtBot
) -> None:
    program = start("--pace", "0.02")
    on_page(program, qtbot)
    press(program.window, "importModels", qtbot)
    box = dialog(program)
    assert nameless(box) == []
    go = box.findChild(QPushButton, "go")
    assert not go.isEnabled()
    type_into(box, "importFolder", str(tmp_path / "nowhere"))
    assert "There is nothing like that at this path." in said(box)
    usb = tmp_path / "usb"
    usb.mkdir()
    type_into(box, "importFolder", str(usb))
    click(go, qtbot)
    program.until(lambda: program.state.models.ended)
    assert notice(program) == "The models were imported, and every byte checked."
    assert program.window.models_view.cards["laptop"].state_text == "Installed"
    (asked,) = program.requests("import_models")
    assert (asked["folder"], asked.get("name", "")) == (str(usb), "")
    program.until(lambda: program.state.engine.recipes == ("laptop", "measured"))


def test_one_model_s_files_are_imported(start: StartProgram, tmp_path: Path, qtbot: QtBot) -> None:
    program = start()
    on_page(program, qtbot)
    press(program.window, "importModels", qtbot)
    box = dialog(program)
    type_into(box, "importFolder", str(tmp_path))
    model = box.findChild(QComboBox, "importModel")
    assert not model.isEnabled()
    press(box, "files", qtbot)
    model.setCurrentIndex(model.findData("gemma-4-12b"))
    press(box, "go", qtbot)
    program.until(lambda: program.state.models.ended)
    assert program.requests("import_models")[0]["name"] == "gemma-4-12b"
    assert program.window.models_view.rows["gemma-4-12b"].state_text == "installed"


def test_chosen_models_are_exported(
    start: StartProgram, shelf: FakeShelf, tmp_path: Path, qtbot: QtBot
) -> None:
    shelf.put("qwen3-vl-2b", "installed")
    shelf.put("qwen3.5-4b", "installed")
    program = start()
    on_page(program, qtbot)
    press(program.window, "exportModels", qtbot)
    box = dialog(program)
    assert nameless(box) == []
    type_into(box, "exportFolder", str(tmp_path / "usb"))
    assert "4.3 GB in all" in said(box)
    first = next(b for b in box.findChildren(QWidget) if type(b).__name__ == "CheckBox")
    qtbot.keyClick(first, Qt.Key.Key_Space)
    assert "2.7 GB in all" in said(box)
    press(box, "go", qtbot)
    program.until(lambda: program.state.models.ended)
    assert notice(program).startswith("Qwen3.5 4B, Q4_K_M: copied to “")
    (asked,) = program.requests("export_models")
    assert asked["names"] == ["qwen3.5-4b"]


def test_a_model_of_one_s_own_is_used_where_it_lies(
    start: StartProgram, tmp_path: Path, qtbot: QtBot
) -> None:
    program = start()
    on_page(program, qtbot)
    press(program.window, "useModel", qtbot)
    box = dialog(program)
    assert nameless(box) == []
    file = tmp_path / "My Model_Q4.gguf"
    file.write_bytes(b"GGUF")
    type_into(box, "usePath", str(file))
    name = box.findChild(QLineEdit, "useName")
    assert name.text() == "my-model-q4"
    name.clear()
    qtbot.keyClicks(name, "mine")
    role = box.findChild(QComboBox, "useRole")
    role.setCurrentIndex(role.findData("proposer"))
    press(box, "go", qtbot)
    program.until(lambda: program.state.models.ended)
    assert notice(program) == "mine is used where it lies."
    (asked,) = program.requests("use_model")
    assert (asked["path"], asked["name"], asked["roles"]) == (str(file), "mine", ["proposer"])
    assert program.window.models_view.rows["mine"].state_text == "used in place"


# --- the state alone ----------------------------------------------------------------------------


class Clock:
    now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


def test_time_left_is_told_from_the_speed_where_nobody_else_tells() -> None:
    clock = Clock()
    state = ModelsState(clock)
    (request,) = state.begin(Order(Task.VERIFY, ("a",)))
    assert isinstance(request, protocol.VerifyModels)
    for second in range(5):
        clock.now_s = 100.0 + second
        state.on_engine_event(Progress(request.id, "verify", 10 * second, 100))
    assert state.work is not None
    assert state.work.time_left.seconds(clock.now_s) == pytest.approx(6.0)


def test_nothing_the_engine_says_is_taken_for_the_installer() -> None:
    state = ModelsState(Clock())
    assert state.begin(Order(Task.INSTALL, ("laptop",))) == []
    assert not state.on_engine_event(Done("install"))
    assert not state.on_engine_event(Failed("", "x", "x", "x"))
    assert state.work is not None
    assert state.begin(Order(Task.VERIFY)) == []  # one thing at a time
    assert state.on_install_event(Done("install"))
    assert state.ended is not None and state.ended.end is End.DONE


def test_an_old_list_is_not_taken_for_the_one_after_a_change() -> None:
    state = ModelsState(Clock())
    (old,) = state.list_models()
    (new,) = state.list_models(anew=True)
    assert isinstance(old, protocol.ListModels) and isinstance(new, protocol.ListModels)
    assert not state.on_engine_event(Done(old.id, models_root="/old"))
    assert state.on_engine_event(Done(new.id, models_root="/new"))
    assert state.root == "/new"


# --- the real engine and the real installer -----------------------------------------------------


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    """A hub on this machine, and an empty folder for models."""
    folder = tmp_path / "hub"
    (folder / "repositories").mkdir(parents=True)
    options = [folder / name for name in ("repositories", "journal", "rules")]
    hub = Path(__file__).parents[1] / "fakes" / "hub.py"
    process = subprocess.Popen(
        [sys.executable, str(hub), *map(str, options)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None and process.stdout is not None
    address = f"http://127.0.0.1:{int(process.stdout.readline())}"
    for name in list(os.environ):
        if name.lower().endswith("_proxy") or name.startswith(("HF_", "TWOFOLD_", "HUGGING")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("TWOFOLD_HUB", address)
    yield Bench(FakeHub(address, *options), tmp_path / "data" / "models")
    process.stdin.close()
    process.wait(10)
    process.stdout.close()


def test_the_real_installer_and_the_real_engine_agree(
    bench: Bench, app: QApplication, tmp_path: Path, qtbot: QtBot
) -> None:
    bench.clip()
    program = Program(
        list(default_command()), tmp_path / "journal", tmp_path / "data", qtbot,
        list(default_install_command()),
    )  # fmt: skip
    try:
        on_page(program, qtbot)
        row = program.window.models_view.rows[CLIP]
        assert row.state_text == "not installed"
        click(row.install_button, qtbot)
        program.until(lambda: program.state.models.ended)
        assert notice(program) == f"The {CLIP}: installed, and every byte checked."
        program.until(lambda: row.state_text == "installed")
        click(row.verify_button, qtbot)
        program.until(lambda: notice(program).endswith("every file is what was installed."))
        weights = next(bench.root.rglob("*.safetensors"))
        weights.chmod(0o600)
        weights.write_bytes(weights.read_bytes()[:-1] + b"?")
        click(row.verify_button, qtbot)
        program.until(lambda: row.state_text == "damaged")
        assert "Code: model_damaged" in said(program.window.models_view.notice)
    finally:
        program.close()
    left = [c.cmdline() for c in psutil.Process().children(recursive=True)]
    assert [line for line in left if "hub.py" not in " ".join(line)] == []
