"""The reference says what the program does now."""

from __future__ import annotations

from docs.build_reference import PAGE, page


def test_reference_page_is_current() -> None:
    stale = "run: python -m docs.build_reference"
    assert PAGE.read_text(encoding="utf-8") == page(), stale


def test_reference_names_commands_and_codes() -> None:
    text = page()
    for word in ("twofold compare", "twofold doctor", "`disk_full`", "`damaged`", "--ephemeral"):
        assert word in text
