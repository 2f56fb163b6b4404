"""The real window against a stand-in engine in a process of its own, without a display."""

from __future__ import annotations

import os

os.environ["QT_QPA_PLATFORM"] = "offscreen"  # before Qt is imported

import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec
import psutil
import pytest
from PIL import Image
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop.app import prepare
from engine.vocabulary import Comparison
from tests.desktop.driving import Program, StartProgram
from tests.fakes import sample_comparison as sample
from tests.fakes.model_comparison import model_comparison

FAKE = Path(__file__).parents[1] / "fakes" / "engine.py"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.qt_log_level_fail("WARNING"))
            item.add_marker(pytest.mark.qt_log_ignore("propagateSizeHints"))


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with comparisons as JSON and a picture for each evidence image."""
    folder = tmp_path_factory.mktemp("prepared")
    comparisons = {
        "sample": sample.sample_comparison(),
        "models": model_comparison(),
        "none": sample.no_difference_comparison(),
        "few": sample.too_few_comparison(),
        "identical": sample.identical_comparison(),
    }
    for name, comparison in comparisons.items():
        (folder / f"{name}.json").write_bytes(msgspec.json.encode(comparison))
    sample.paint_thumbnails(comparisons["sample"], folder / "pictures")
    return folder


@pytest.fixture
def comparison(prepared: Path) -> Comparison:
    return msgspec.json.decode((prepared / "sample.json").read_bytes(), type=Comparison)


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    """Two folders with three small photographs each, in one folder above."""
    made = []
    for name, colour in (("holiday 2012", "steelblue"), ("holiday 2024", "sienna")):
        folder = tmp_path / "pictures" / name
        folder.mkdir(parents=True)
        for number in range(3):
            Image.new("RGB", (64, 48), colour).save(folder / f"{number}.jpg")
        (folder / "notes.txt").write_text("x", encoding="utf-8")
        made.append(folder)
    return made[0], made[1]


@pytest.fixture(scope="session")
def app(qapp: QApplication) -> QApplication:
    prepare(qapp)
    return qapp


@pytest.fixture
def start(
    app: QApplication, prepared: Path, tmp_path: Path, qtbot: QtBot
) -> Iterator[StartProgram]:
    """Starts the program; ends it after the test, and no process may be left."""
    programs: list[Program] = []

    def begin(
        *options: str,
        comparison: str | Path = "sample",
        command: object = None,
        install: tuple[str, ...] = (),
    ) -> Program:
        file = comparison if isinstance(comparison, Path) else prepared / f"{comparison}.json"
        journal = tmp_path / "journal.jsonl"
        words = [sys.executable, str(FAKE), "--comparison", str(file)]
        words += ["--pictures", str(prepared / "pictures"), "--journal", str(journal)]
        words += ["--models", str(tmp_path / "models"), *options]
        if command is not None:
            assert isinstance(command, list)
            words = command
        installer = [sys.executable, str(FAKE.with_name("installer.py")), *install]
        programs.append(Program(words, journal, tmp_path / "data", qtbot, installer))
        return programs[-1]

    yield begin
    for program in programs:
        program.close()
    # what is left there would be destroyed after the interpreter that made it
    QApplication.clipboard().clear()
    QApplication.processEvents()
    assert [child.cmdline() for child in psutil.Process().children(recursive=True)] == []
