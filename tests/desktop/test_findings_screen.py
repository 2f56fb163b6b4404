"""Reading the findings: the verdict, the table, one finding, its pictures, the export."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QCheckBox, QDialog, QLineEdit, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from desktop.dialogs.export import ExportDialog
from desktop.dialogs.image_viewer import ImageViewer
from desktop.item_models.findings_model import Column
from desktop.item_models.image_model import READY, STATE_ROLE
from desktop.views.findings import FindingsView
from desktop.widgets.empty_state import EmptyState
from desktop.widgets.header import Page
from desktop.widgets.score_plot import ScorePlot
from desktop.widgets.text import Text
from engine.vocabulary import Comparison, EvidenceImage, Side, Skipped
from tests.desktop.driving import Program, StartProgram


def rows(view: FindingsView) -> list[str]:
    return [finding.description for finding in view.shown_findings()]


def click(parent: QWidget, name: str, qtbot: QtBot) -> None:
    button = parent.findChild(QPushButton, name)
    assert isinstance(button, QPushButton)
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def dialog(program: Program, kind: type[QDialog]) -> QDialog:
    return next(d for d in program.window.findChildren(kind) if d.isVisible())


def store(comparison: Comparison, folder: Path) -> Path:
    file = folder / "made.json"
    file.write_bytes(msgspec.json.encode(comparison))
    return file


# --- the verdict --------------------------------------------------------------------------------


def test_what_could_mislead_stands_beside_the_verdict(start: StartProgram) -> None:
    program = start()
    program.open_first()
    banner = program.window.findings_view.banner
    assert [button.accessibleName() for button in banner.caution_buttons] == [
        "Technical properties tell the sets apart",
        "1 finding may have a simpler cause",
        "3 images stand in both sets",
        "7 files could not be read",
    ]


def test_a_caution_opens_its_list_and_only_its_own(start: StartProgram) -> None:
    program = start()
    program.open_first()
    banner = program.window.findings_view.banner
    shared, skipped = banner.caution_buttons[2:]
    shared.click()
    skipped.click()
    assert not shared.isChecked()
    lines = [banner._lines.index(row).data() for row in range(banner._lines.rowCount())]
    assert len(lines) == 7
    assert lines[0] == "A   scan_0007.jpg — The image is damaged or incomplete."
    skipped.click()
    assert banner._list.isHidden()


@pytest.mark.parametrize(
    ("which", "headline", "next_step"),
    [
        ("none", "No difference found.", ""),
        ("few", "Too few images to tell.", "More images are needed"),
        ("identical", "The two folders hold the same images.", "Nothing to tell apart"),
    ],
)
def test_a_comparison_without_differences_is_a_result(
    start: StartProgram, qtbot: QtBot, which: str, headline: str, next_step: str
) -> None:
    program = start(comparison=which)
    program.open_first()
    view = program.window.findings_view
    assert view.banner.headline == headline
    if next_step:
        shown = [e for e in view.findChildren(EmptyState) if e.isVisible()]
        assert [e.title for e in shown] == [next_step]
        step = next(b for b in shown[0].findChildren(QPushButton) if b.isVisible())
        qtbot.mouseClick(step, Qt.MouseButton.LeftButton)
        program.until(lambda: program.window.page is Page.COMPARE)


# --- the table ----------------------------------------------------------------------------------


def test_chips_and_words_narrow_the_table(start: StartProgram, qtbot: QtBot) -> None:
    program = start()
    program.open_first()
    view = program.window.findings_view
    assert len(rows(view)) == 14
    click(view, "onlyB", qtbot)
    assert all(f.side is Side.B for f in view.shown_findings())
    assert view.detail.phrase == "images with more pixels"  # the first that is left
    click(view, "all", qtbot)
    click(view, "significant", qtbot)
    assert len(rows(view)) == 11
    field = view.findChild(QLineEdit, "filter")
    assert isinstance(field, QLineEdit)
    qtbot.keyClicks(field, "border")
    assert rows(view) == ["images with a white border"]
    qtbot.keyClicks(field, " zebra")
    shown = [e for e in view.findChildren(EmptyState) if e.isVisible()]
    assert [e.title for e in shown] == ["No finding matches"]
    step = next(b for b in shown[0].findChildren(QPushButton) if b.isVisible())
    qtbot.mouseClick(step, Qt.MouseButton.LeftButton)
    assert len(rows(view)) == 14


def test_the_keyboard_moves_through_the_findings(start: StartProgram, qtbot: QtBot) -> None:
    program = start()
    program.open_first()
    window, view = program.window, program.window.findings_view
    window.activateWindow()
    names = rows(view)
    for key, row in ((Qt.Key.Key_J, 1), (Qt.Key.Key_J, 2), (Qt.Key.Key_K, 1)):
        qtbot.keyClick(view.table, key)
        assert view.detail.phrase == names[row]
    qtbot.keyClick(view.table, Qt.Key.Key_Down)
    assert view.detail.phrase == names[2]
    for _ in range(30):
        qtbot.keyClick(view.table, Qt.Key.Key_J)
    assert view.detail.phrase == names[-1]
    qtbot.keyClick(view.table, Qt.Key.Key_Slash)
    field = view.findChild(QLineEdit, "filter")
    assert field is window.focusWidget()
    qtbot.keyClicks(window.focusWidget(), "jk")  # letters again
    assert field.text() == "jk"


def test_columns_can_be_sorted_and_the_rank_stays(start: StartProgram) -> None:
    program = start()
    program.open_first()
    table = program.window.findings_view.table
    table.sortByColumn(Column.IN_B, Qt.SortOrder.AscendingOrder)
    model = table.model()
    shares = [f.rate_b for f in program.window.findings_view.shown_findings()]
    assert shares == sorted(shares, reverse=True)
    assert model.index(0, Column.RANK).data() == "13"


def test_a_row_can_be_heard(start: StartProgram) -> None:
    program = start()
    program.open_first()
    index = program.window.findings_view.table.model().index(0, Column.WHAT)
    spoken = index.data(Qt.ItemDataRole.AccessibleTextRole)
    assert spoken.startswith("brighter images. More true of A. True of 80")
    assert "AUROC 0.88 [0.85, 0.91]" in spoken


# --- one finding --------------------------------------------------------------------------------


def words(view: FindingsView, name: str) -> str:
    label = view.detail.findChild(Text, name)
    assert isinstance(label, Text)
    return label.text()


def test_a_finding_is_shown_in_full(start: StartProgram) -> None:
    program = start()
    comparison = program.open_first()
    view = program.window.findings_view
    assert "AUROC 0.88 [0.85, 0.91] · q = 4·10⁻⁴⁷" in words(view, "statistics")
    assert words(view, "whereFrom") == "A measurement from a fixed list, read off every image."
    assert "Tested on 240 images of A and 264 of B." in words(view, "whyTrust")
    plot = view.detail.findChild(ScorePlot)
    assert isinstance(plot, ScorePlot)
    assert plot.isVisible()
    assert "0–255" in plot.accessibleName()
    view.table.select_row(3)
    assert view.detail.phrase == "evening light" == comparison.findings[3].description
    assert "tested on the other: 120 images of A and 132 of B" in words(view, "whyTrust")
    assert not plot.isVisible()  # yes or no has no distribution to draw
    program.until(
        lambda: any(t.startswith("May follow from hour of the day") for t in said(view.detail))
    )


def test_pictures_are_asked_for_when_they_are_seen(start: StartProgram, qtbot: QtBot) -> None:
    program = start()
    comparison = program.open_first()
    view = program.window.findings_view
    strip = view.detail.strips[Side.A, True]
    evidence = comparison.findings[0].evidence
    model = strip.model
    program.until(lambda: model.index(0, 0).data(STATE_ROLE) == READY)
    asked = program.requests("thumbnails")[0]["content_ids"]
    assert evidence.a_most[0].content_id in asked
    assert evidence.a_most[-1].content_id not in asked  # beyond the first row
    assert isinstance(model.index(0, 0).data(Qt.ItemDataRole.DecorationRole), QImage)
    more = next(b for b in strip.findChildren(QPushButton) if b.text() == "Show all 12")
    qtbot.mouseClick(more, Qt.MouseButton.LeftButton)
    assert model.rowCount() == 12
    program.until(lambda: model.index(11, 0).data(STATE_ROLE) == READY)


def test_a_picture_opens_large_with_its_name_and_score(start: StartProgram, qtbot: QtBot) -> None:
    program = start()
    comparison = program.open_first()
    strip = program.window.findings_view.detail.strips[Side.A, True]
    pictures = strip.pictures
    program.until(lambda: strip.model.index(0, 0).data(STATE_ROLE) == READY)
    middle = pictures.visualRect(strip.model.index(1, 0)).center()
    qtbot.mouseClick(pictures.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(middle))
    viewer = dialog(program, ImageViewer)
    assert isinstance(viewer, ImageViewer)
    second = comparison.findings[0].evidence.a_most[1]
    assert viewer.caption == f"{second.score:.0f} (0–255) · {second.name}"
    qtbot.keyClick(viewer, Qt.Key.Key_Right)
    assert comparison.findings[0].evidence.a_most[2].name in viewer.caption
    qtbot.keyClick(viewer, Qt.Key.Key_Escape)
    assert not viewer.isVisible()


def test_hostile_text_is_shown_as_text(
    start: StartProgram, comparison: Comparison, tmp_path: Path
) -> None:
    nasty = "<img src=x> \u202eevil\n" + "word " * 300
    image = EvidenceImage("f" * 32, "a\u202egpj.exe\n", 1.0)
    first = comparison.findings[0]
    finding = replace(
        first,
        description=nasty,
        opposite=nasty,
        unit="<b>\u202e",
        also=(nasty,),
        evidence=replace(first.evidence, a_most=(image,)),
    )
    made = replace(
        comparison,
        a=replace(comparison.a, label=nasty, skipped=(Skipped("/x", nasty, "damaged", "Bad."),)),
        findings=(finding,),
    )
    program = start(comparison=store(made, tmp_path))
    program.open_first()
    view = program.window.findings_view
    view.banner.caution_buttons[-1].click()
    for label in program.window.findChildren(Text):
        assert "\u202e" not in label.text()
        assert label.textFormat() is Qt.TextFormat.PlainText
    assert view.detail.phrase.startswith("<img src=x> \\u202eevil\\n")
    strip = view.detail.strips[Side.A, True]
    assert "\\u202e" in strip.model.items[0].name
    assert program.window.width() < 1400  # no name stretches the window


def test_no_findings_and_four_hundred(
    start: StartProgram, comparison: Comparison, tmp_path: Path
) -> None:
    many = [replace(comparison.findings[0], id=f"m:{n}") for n in range(400)]
    program = start(comparison=store(replace(comparison, findings=tuple(many)), tmp_path))
    program.open_first()
    view = program.window.findings_view
    assert view.table.model().rowCount() == 400
    view.set_comparison(replace(comparison, findings=()))
    shown = [e for e in view.findChildren(EmptyState) if e.isVisible()]
    assert [e.title for e in shown] == ["No findings"]


# --- export -------------------------------------------------------------------------------------


def export_dialog(program: Program, qtbot: QtBot) -> ExportDialog:
    program.window.activateWindow()
    qtbot.keyClick(program.window, Qt.Key.Key_E, Qt.KeyboardModifier.ControlModifier)
    found = dialog(program, ExportDialog)
    assert isinstance(found, ExportDialog)
    return found


def save_as(dialog_: ExportDialog, path: Path) -> None:
    field = dialog_.findChild(QLineEdit, "exportPath")
    assert isinstance(field, QLineEdit)
    field.setText(str(path))


def test_an_export_leaves_with_the_choices_made(
    start: StartProgram, qtbot: QtBot, tmp_path: Path
) -> None:
    program = start()
    comparison = program.open_first()
    click(program.window.findings_view, "onlyA", qtbot)
    box = export_dialog(program, qtbot)
    for name in ("html", "blurred", "shown"):
        click(box, name, qtbot)
    names = box.findChild(QCheckBox, "fileNames")
    assert isinstance(names, QCheckBox)
    names.click()
    save_as(box, tmp_path / "report")
    click(box, "go", qtbot)
    program.until(lambda: (tmp_path / "report.html").exists() and box.notice.isVisible())
    sent = program.requests("export")[0]
    assert (sent["comparison"], sent["format"]) == (comparison.id, "html")
    assert sent["path"] == str(tmp_path / "report.html")
    options = sent["options"]
    assert (options["thumbnails"], options["file_names"]) == ("blurred", True)
    assert options["findings"] == [f.id for f in comparison.findings if f.side is Side.A]
    assert box.notice.message == "Saved as “report.html”."
    assert button(box, "openFile").isVisible()


def test_nothing_private_is_shown_unless_asked_for(
    start: StartProgram, qtbot: QtBot, tmp_path: Path
) -> None:
    program = start()
    program.open_first()
    box = export_dialog(program, qtbot)
    save_as(box, tmp_path / "x.pdf")
    click(box, "us-letter", qtbot)
    click(box, "go", qtbot)
    program.until(lambda: program.requests("export"))
    sent = program.requests("export")[0]
    assert json.dumps(sent["options"]) == json.dumps(
        {"thumbnails": "full", "file_names": False, "paper": "us-letter", "findings": [],
         "date": ""}
    )  # fmt: skip
    assert sent["format"] == "pdf"


def test_an_export_that_fails_says_why(start: StartProgram, qtbot: QtBot, tmp_path: Path) -> None:
    program = start("--behave", "fail")
    program.open_first()
    box = export_dialog(program, qtbot)
    save_as(box, tmp_path / "x.pdf")
    click(box, "go", qtbot)
    program.until(box.notice.isVisible)
    assert (box.notice.message, box.notice.code) == ("The disk is full.", "Code: disk_full")
    assert not button(box, "openFile").isVisible()
    assert button(box, "go").isEnabled()


def test_a_file_that_would_be_replaced_is_mentioned(
    start: StartProgram, qtbot: QtBot, tmp_path: Path
) -> None:
    program = start()
    program.open_first()
    (tmp_path / "old.pdf").write_text("x", encoding="utf-8")
    box = export_dialog(program, qtbot)
    save_as(box, tmp_path / "new.pdf")
    before = said(box)
    save_as(box, tmp_path / "old.pdf")
    assert said(box) - before == {"A file of this name exists; it will be replaced."}


def said(parent: QWidget) -> set[str]:
    return {label.text().strip() for label in parent.findChildren(Text) if label.isVisible()}


def button(parent: QWidget, name: str) -> QPushButton:
    found = parent.findChild(QPushButton, name)
    assert isinstance(found, QPushButton)
    return found
