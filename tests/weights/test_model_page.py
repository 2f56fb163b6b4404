"""The documentation of the models is generated and current."""

from __future__ import annotations

from docs.build_models import PAGE, page
from engine.weights.manifest import load_manifest


def test_the_page_says_what_the_manifest_says() -> None:
    stale = "run: python -m docs.build_models"
    assert PAGE.read_text(encoding="utf-8") == page(), stale


def test_the_page_names_every_model_and_what_it_forbids() -> None:
    text = page()
    for spec in load_manifest().models.values():
        assert f"| `{spec.name}` |" in text
        assert spec.licence.url in text
        assert spec.licence.forbids in text
        assert spec.bundled or f"https://huggingface.co/{spec.repository}" in text
