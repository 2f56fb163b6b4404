"""The documentation of the measurements is generated and current."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

from engine.measurements.catalogue import CATALOGUE

DOCS = Path(__file__).parents[2] / "docs"


def builder() -> ModuleType:
    path = DOCS / "build_measurements.py"
    spec = importlib.util.spec_from_file_location("build_measurements", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_says_what_the_code_says() -> None:
    page = (DOCS / "measurements.md").read_text(encoding="utf-8")
    assert page == builder().page(), "run: python -m docs.build_measurements"


def test_the_page_names_every_measurement() -> None:
    page = builder().page()
    for measurement in CATALOGUE.measurements:
        assert f"| `{measurement.name}` |" in page
        assert measurement.source.replace("|", "\\|") in page
