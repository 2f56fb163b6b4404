"""Putting a comparison together, by hand."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, Qt, QUrl
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QCheckBox, QDialog, QLineEdit, QPushButton, QSpinBox
from pytestqt.qtbot import QtBot

from desktop.sources import Look
from desktop.widgets.drop_zone import DropZone
from desktop.widgets.recent_card import RecentCard
from desktop.widgets.text import Text
from engine.vocabulary import Side
from tests.desktop.driving import Program, StartProgram, drop


def zone(program: Program, side: Side) -> DropZone:
    return program.window.compare_view.zones[side]


def texts(zone_: DropZone) -> list[str]:
    labels = [label.text() for label in zone_.findChildren(Text) if label.isVisible()]
    return [*labels, *(f.text() for f in zone_.findChildren(QLineEdit) if f.isVisible())]


def compare_button(program: Program) -> QPushButton:
    button = program.window.findChild(QPushButton, "compare")
    assert isinstance(button, QPushButton)
    return button


def looked(program: Program, side: Side) -> None:
    program.until(lambda: program.state.sides[side].look is Look.DONE)


def test_a_dropped_folder_shows_what_is_in_it(
    start: StartProgram, folders: tuple[Path, Path]
) -> None:
    program = start()
    program.ready()
    event = drop(zone(program, Side.B), [folders[0]])
    looked(program, Side.B)
    shown = texts(zone(program, Side.B))
    assert "holiday 2012" in shown
    assert any(text.startswith("3 images · JPG") for text in shown)
    assert "1 other file left alone" in shown
    assert event.dropAction() is Qt.DropAction.CopyAction  # a move would delete the folder
    assert program.requests("peek")[0]["source"]["paths"] == [str(folders[0])]


def test_the_button_says_what_is_missing_until_it_can_start(
    start: StartProgram, folders: tuple[Path, Path]
) -> None:
    program = start()
    program.ready()
    button = compare_button(program)
    assert not button.isEnabled()
    assert button.accessibleDescription() == "Choose a folder for A and one for B."
    drop(zone(program, Side.A), [folders[0]])
    looked(program, Side.A)
    assert button.accessibleDescription() == "Choose a folder for B."
    drop(zone(program, Side.B), [folders[0]])
    looked(program, Side.B)
    assert button.accessibleDescription() == "A and B are the same folder."
    drop(zone(program, Side.B), [folders[1]])
    looked(program, Side.B)
    assert button.isEnabled()
    assert button.accessibleDescription() == "6 images in all"


def test_two_folders_dropped_at_once_fill_both_sides(
    start: StartProgram, folders: tuple[Path, Path]
) -> None:
    program = start()
    program.ready()
    program.fill(*folders)
    assert "holiday 2012" in texts(zone(program, Side.A))
    assert "holiday 2024" in texts(zone(program, Side.B))
    assert compare_button(program).isEnabled()


def test_the_folder_above_is_offered_as_two_sides(
    start: StartProgram, folders: tuple[Path, Path], qtbot: QtBot
) -> None:
    program = start()
    program.ready()
    drop(zone(program, Side.A), [folders[0].parent])
    looked(program, Side.A)
    offer = next(
        b for b in zone(program, Side.A).findChildren(QPushButton)
        if b.text() == "Use them as A and B"
    )  # fmt: skip
    assert offer.isVisible()
    qtbot.mouseClick(offer, Qt.MouseButton.LeftButton)
    looked(program, Side.B)
    assert program.state.sides[Side.A].paths == (str(folders[0]),)
    assert program.state.sides[Side.B].paths == (str(folders[1]),)


def test_a_folder_dropped_beside_the_sides_fills_the_empty_one(
    start: StartProgram, folders: tuple[Path, Path]
) -> None:
    program = start()
    program.ready()
    drop(zone(program, Side.A), [folders[0]])
    drop(program.window.compare_view.viewport(), [folders[1]])
    looked(program, Side.B)
    assert program.state.sides[Side.B].paths == (str(folders[1]),)


@pytest.mark.parametrize("kind", ["text", "files"])
def test_ctrl_v_fills_the_next_empty_side(
    start: StartProgram, folders: tuple[Path, Path], qtbot: QtBot, kind: str
) -> None:
    program = start()
    program.ready()
    mime = QMimeData()
    if kind == "text":
        mime.setText(f'"{folders[0]}"')
    else:
        mime.setUrls([QUrl.fromLocalFile(str(folders[0]))])
    QGuiApplication.clipboard().setMimeData(mime)
    program.window.activateWindow()
    program.window.setFocus()
    qtbot.keyClick(program.window, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    looked(program, Side.A)
    assert program.state.sides[Side.A].paths == (str(folders[0]),)


def test_a_path_may_be_typed(start: StartProgram, folders: tuple[Path, Path], qtbot: QtBot) -> None:
    program = start()
    program.ready()
    field = program.window.findChild(QLineEdit, "pathB")
    assert isinstance(field, QLineEdit)
    qtbot.keyClicks(field, f"file://{folders[1]}".replace(" ", "%20"))
    qtbot.keyClick(field, Qt.Key.Key_Return)
    looked(program, Side.B)
    assert program.state.sides[Side.B].paths == (str(folders[1]),)


def test_what_cannot_be_used_is_said_in_place(start: StartProgram, tmp_path: Path) -> None:
    program = start()
    program.ready()
    program.session.give_text(Side.A, str(tmp_path / "nothing\nhere"))
    program.session.give_text(Side.A, str(tmp_path / "nothing here"))
    program.until(lambda: any("There is nothing at" in t for t in texts(zone(program, Side.A))))
    assert "Code: missing_path" in texts(zone(program, Side.A))
    drop(zone(program, Side.B), ["https://example.org/photos"])
    program.until(lambda: "That is an address on a network." in texts(zone(program, Side.B)))
    assert program.requests("peek") == []


def test_a_folder_without_images_says_so(start: StartProgram, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    program = start()
    program.ready()
    drop(zone(program, Side.A), [tmp_path / "empty"])
    looked(program, Side.A)
    assert "No images here." in texts(zone(program, Side.A))
    assert not compare_button(program).isEnabled()


def test_sides_can_be_named_swapped_and_cleared(
    start: StartProgram, folders: tuple[Path, Path], qtbot: QtBot
) -> None:
    program = start()
    program.ready()
    program.fill(*folders)
    label = program.window.findChild(QLineEdit, "labelA")
    assert isinstance(label, QLineEdit)
    label.selectAll()
    qtbot.keyClicks(label, "Before")
    label.clearFocus()
    press(program, "Swap A and B", qtbot)
    program.until(lambda: "Before" in texts(zone(program, Side.B)))
    press(program, "Clear A", qtbot)
    program.until(lambda: program.state.sides[Side.A].paths == ())
    assert "Drop the first folder here" in texts(zone(program, Side.A))
    assert "Before" in texts(zone(program, Side.B))


def press(program: Program, name: str, qtbot: QtBot) -> None:
    from PySide6.QtWidgets import QAbstractButton

    button = next(
        b for b in program.window.findChildren(QAbstractButton)
        if b.accessibleName() == name and b.isVisible()
    )  # fmt: skip
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def test_subfolders_and_seed_leave_with_the_comparison(
    start: StartProgram, folders: tuple[Path, Path], qtbot: QtBot
) -> None:
    program = start()
    program.ready()
    program.fill(*folders)
    box = next(
        b for b in program.window.findChildren(QCheckBox) if b.text() == "Include subfolders"
    )
    box.click()
    program.until(lambda: all(p.look is Look.DONE for p in program.state.sides.values()))
    seed = program.window.findChild(QSpinBox, "seed")
    assert isinstance(seed, QSpinBox)
    seed.setValue(42)
    qtbot.mouseClick(compare_button(program), Qt.MouseButton.LeftButton)
    program.until(lambda: program.state.comparison)
    job = program.requests("compare")[0]["job"]
    assert (job["a"]["recursive"], job["b"]["recursive"], job["seed"]) == (False, False, 42)


def test_a_table_names_both_sides(start: StartProgram, tmp_path: Path, qtbot: QtBot) -> None:
    table = tmp_path / "visits.csv"
    table.write_text("path,visit\n", encoding="utf-8")
    program = start()
    program.ready()
    drop(zone(program, Side.A), [table])
    program.until(lambda: program.state.table)
    field = program.window.findChild(QLineEdit, "group_column")
    assert isinstance(field, QLineEdit)
    assert field.isVisible()
    field.selectAll()
    qtbot.keyClicks(field, "visit")
    qtbot.mouseClick(compare_button(program), Qt.MouseButton.LeftButton)
    program.until(lambda: program.state.comparison)
    sent = program.requests("compare")[0]["job"]["table"]
    assert (sent["file"], sent["group_column"]) == (str(table), "visit")


def test_recent_comparisons_open_with_a_click(start: StartProgram, qtbot: QtBot) -> None:
    program = start()
    program.ready()
    cards = program.window.compare_view.findChildren(RecentCard)
    assert len(cards) == 3
    assert "mountains 2019 against mountains 2024" in cards[0].accessibleName()
    assert cards[2].accessibleName().endswith("no difference found")
    qtbot.mouseClick(cards[0], Qt.MouseButton.LeftButton)
    program.until(lambda: program.state.comparison)
    assert program.requests("open")[0]["comparison"] == cards[0].entry.id


def test_forgetting_asks_first(start: StartProgram, qtbot: QtBot) -> None:
    program = start()
    program.ready()
    card = program.window.compare_view.findChildren(RecentCard)[1]
    program.window.compare_view.forget.emit(card.entry.id)
    answer(program, "no", qtbot)
    assert program.requests("forget") == []
    program.window.compare_view.forget.emit(card.entry.id)
    answer(program, "yes", qtbot)
    program.until(lambda: len(program.state.entries or ()) == 2)
    assert program.requests("forget")[0]["comparison"] == card.entry.id
    live = [c for c in program.window.compare_view.findChildren(RecentCard) if c.isVisible()]
    assert len(live) == 2


def answer(program: Program, name: str, qtbot: QtBot) -> None:
    dialog = next(d for d in program.window.findChildren(QDialog) if d.isVisible())
    button = dialog.findChild(QPushButton, name)
    assert isinstance(button, QPushButton)
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    QApplication.processEvents()


def test_keeping_nothing_starts_another_engine_and_looks_again(
    start: StartProgram, folders: tuple[Path, Path]
) -> None:
    program = start()
    program.ready()
    program.fill(*folders)
    box = program.window.findChild(QCheckBox, "keepNothing")
    assert isinstance(box, QCheckBox)
    box.click()
    program.until(lambda: program.state.engine.ephemeral and program.state.entries == ())
    program.until(lambda: compare_button(program).isEnabled())
    assert box.isChecked()
    assert len(program.requests("peek")) == 4


@pytest.mark.parametrize(
    "name", ["photos\nof\tme", "photos\u202egpj", "תמונות", "x" * 200, "<b>bold<i> &amp; more"]
)
def test_strange_names_are_shown_as_what_they_are(
    start: StartProgram, tmp_path: Path, name: str
) -> None:
    folder = tmp_path / name
    folder.mkdir()
    (folder / "1.txt").write_text("x", encoding="utf-8")
    program = start()
    program.ready()
    drop(zone(program, Side.A), [folder])
    looked(program, Side.A)
    label = program.window.findChild(QLineEdit, "labelA")
    assert isinstance(label, QLineEdit)
    assert "\n" not in label.text()
    assert "\u202e" not in label.text()
    if name.startswith(("<b>", "x", "ת")):
        assert label.text() in (name, name[:120])
