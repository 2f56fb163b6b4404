"""The product finds what was built into the example pair, and does not find what was not."""

from __future__ import annotations

from pathlib import Path

from engine.bench.example_pair import EXPECTED, NO_DIFFERENCE, truth, write_example_pair
from engine.client import EngineClient, engine_command
from engine.protocol import Compare, Job
from engine.vocabulary import Outcome, Side


def test_example_pair(tmp_path: Path) -> None:
    write_example_pair(tmp_path / "pair", images=60, seed=5)
    with EngineClient(engine_command(tmp_path / "data")) as client:
        job = Job(parent=str(tmp_path / "pair"))
        comparison = client.result(Compare(client.new_id(), job)).comparison
    assert comparison is not None
    built = truth(5, images=60)
    assert comparison.verdict.outcome is Outcome.DIFFER
    missed = [d for d in EXPECTED if d.sure and not d.confirmed_by(comparison.findings)]
    assert missed == []
    assert [d for d in NO_DIFFERENCE if d.contradicted_by(comparison.findings)] == []
    assert len(comparison.shared) == len(built.shared)
    for image_set, unreadable in (
        (comparison.a, built.unreadable_a),
        (comparison.b, built.unreadable_b),
    ):
        assert {item.name for item in image_set.skipped} == set(unreadable)
        assert image_set.compared == 60
    assert {finding.side for finding in comparison.findings if finding.significant} == set(Side)
