"""Files: the right data in the right shape, written whole or not at all."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from engine.errors import DiskFull, ExportFailed, NoPermission, TwofoldError
from engine.protocol import ReportOptions
from engine.report.export import FORMATS, export
from engine.vocabulary import Comparison, Origin, Skipped
from tests.fakes.model_comparison import model_comparison
from tests.fakes.sample_comparison import (
    identical_comparison,
    no_difference_comparison,
    sample_comparison,
    too_few_comparison,
)

SCHEMA = json.loads(files("engine.report").joinpath("comparison.schema.json").read_text("utf-8"))
TYPES: dict[str, tuple[type, ...]] = {
    "object": (dict,), "array": (list,), "string": (str,), "boolean": (bool,),
    "integer": (int,), "number": (int, float), "null": (type(None),),
}  # fmt: skip
KEYWORDS = {
    "$schema", "$defs", "$ref", "title", "description", "type", "required", "properties",
    "additionalProperties", "items", "enum", "const", "minimum", "maximum",
}  # fmt: skip


def check(value: Any, schema: dict[str, Any], where: str = "$") -> None:
    """The part of JSON Schema that ours uses; an unknown keyword fails."""
    assert set(schema) <= KEYWORDS, where
    if "$ref" in schema:
        check(value, SCHEMA["$defs"][schema["$ref"].rpartition("/")[2]], where)
        return
    assert "const" not in schema or value == schema["const"], where
    assert "enum" not in schema or value in schema["enum"], where
    if "type" in schema:
        names = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
        allowed = tuple(t for name in names for t in TYPES[name])
        assert isinstance(value, allowed), f"{where}: {value!r} is not {names}"
        assert not isinstance(value, bool) or "boolean" in names, where
    if isinstance(value, (int, float)):
        assert value >= schema.get("minimum", value), where
        assert value <= schema.get("maximum", value), where
    if isinstance(value, list):
        for index, item in enumerate(value):
            check(item, schema.get("items", {}), f"{where}[{index}]")
    if isinstance(value, dict):
        assert set(schema.get("required", ())) <= set(value), where
        known, others = schema.get("properties", {}), schema.get("additionalProperties", True)
        for key, item in value.items():
            assert key in known or others, f"{where}.{key} is not described"
            extra = others if isinstance(others, dict) else {}
            check(item, known.get(key, extra), f"{where}.{key}")


def exported(comparison: Comparison, kind: str, folder: Path, **options: Any) -> bytes:
    target = folder / f"export.{kind}"
    export(comparison, kind, target, ReportOptions(**options), {})
    return target.read_bytes()


def rows(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


# --- JSON -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "make",
    [
        sample_comparison,
        model_comparison,
        no_difference_comparison,
        identical_comparison,
        too_few_comparison,
    ],
)
def test_json_follows_its_schema(make: Any, tmp_path: Path) -> None:
    data = json.loads(exported(make(), "json", tmp_path))
    check(data, SCHEMA)
    described = SCHEMA["$defs"]["finding"]["properties"]
    assert all(set(f) == set(described) for f in data["findings"])
    assert set(data) == set(SCHEMA["properties"])
    assert set(data["settings"]) == set(SCHEMA["properties"]["settings"]["properties"])


def test_json_holds_the_comparison_as_it_is(sample: Comparison, tmp_path: Path) -> None:
    data = json.loads(exported(sample, "json", tmp_path))
    assert data["schema"] == "twofold.comparison/1"
    assert data["sets"]["A"]["compared"] == 240
    assert data["sets"]["A"]["skipped"][0] == {
        "path": sample.a.skipped[0].path,
        "name": "scan_0007.jpg",
        "code": "damaged",
        "reason": "The image is damaged or incomplete.",
    }
    assert data["verdict"]["outcome"] == "differ"
    assert [f["id"] for f in data["findings"]] == [f.id for f in sample.findings]
    for written, f in zip(data["findings"], sample.findings, strict=True):
        assert (written["side"], written["auroc"], written["q"]) == (str(f.side), f.auroc, f.q)
        assert written["origin"] == f.origin.proposer
        assert written["histogram"]["a"] == list(f.histogram.a)
        assert len(written["evidence"]["a_most"]) == len(f.evidence.a_most)


def test_json_never_holds_nan_and_survives_names_that_are_no_utf8(
    sample: Comparison, tmp_path: Path
) -> None:
    odd = replace(sample.findings[0], threshold=float("nan"), mean_a=float("inf"))
    name = Skipped("/photos/caf\udce9.jpg", "caf\udce9.jpg", "damaged", "The image is damaged.")
    c = replace(sample, findings=(odd,), a=replace(sample.a, skipped=(name,)))
    content = exported(c, "json", tmp_path)
    assert b"NaN" not in content
    assert b"Infinity" not in content
    data = json.loads(content)
    check(data, SCHEMA)
    assert data["findings"][0]["threshold"] is None
    assert data["sets"]["A"]["skipped"][0]["name"] == "caf\\udce9.jpg"


def test_data_hold_the_chosen_findings_only_when_some_are_chosen(
    sample: Comparison, tmp_path: Path
) -> None:
    chosen = (sample.findings[2].id,)
    assert len(json.loads(exported(sample, "json", tmp_path, findings=chosen))["findings"]) == 1
    assert len(rows(exported(sample, "csv", tmp_path, findings=chosen))) == 1
    assert len(rows(exported(sample, "csv", tmp_path))) == len(sample.findings)


# --- CSV --------------------------------------------------------------------------------------


def test_csv_has_one_row_a_finding_and_opens_in_excel(sample: Comparison, tmp_path: Path) -> None:
    content = exported(sample, "csv", tmp_path)
    assert content.startswith(b"\xef\xbb\xbfrank,description,side,significant,auroc,")
    assert content.count(b"\r\n") == content.count(b"\n") == len(sample.findings) + 1
    for row, f in zip(rows(content), sample.findings, strict=True):
        assert row["description"] == f.description
        assert float(row["auroc"]) == f.auroc
        assert row["significant"] == ("true" if f.significant else "false")
    assert rows(content)[3]["explained_by"] == "hour of the day"


@pytest.mark.parametrize(
    "text",
    ["=cmd|' /C calc'!A0", "+1+1", "-2+3", "@SUM(A1)", "\t=1+1", "  =1+1", "＝1", "\r=1"],
)
def test_csv_text_is_never_a_formula(sample: Comparison, text: str, tmp_path: Path) -> None:
    origin = Origin("phrases", text)
    f = replace(sample.findings[0], description=text, also=(text,), origin=origin, id=text)
    content = exported(replace(sample, findings=(f,)), "csv", tmp_path)
    [row] = rows(content)
    for name, cell in row.items():
        if name not in ("effect_size", "mean_a", "mean_b", "threshold"):
            assert not cell.lstrip().startswith(("=", "+", "-", "@", "＝")), name
    assert len(content.splitlines()) == 2


def test_csv_keeps_quotes_commas_and_negative_numbers(sample: Comparison, tmp_path: Path) -> None:
    f = replace(sample.findings[0], description='a "big", red\nbarn', mean_a=-3.5)
    [row] = rows(exported(replace(sample, findings=(f,)), "csv", tmp_path))
    assert row["description"] == 'a "big", red\\nbarn'
    assert row["mean_a"] == "-3.5"


def test_no_findings_is_a_header_alone(tmp_path: Path) -> None:
    assert rows(exported(identical_comparison(), "csv", tmp_path)) == []


# --- files ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "start"),
    [("pdf", b"%PDF-"), ("html", b"<!doctype html>"), ("json", b"{"), ("csv", b"\xef\xbb\xbf")],
)
def test_each_format_is_written_alone(
    kind: str, start: bytes, sample: Comparison, thumbnails: dict[str, Path], tmp_path: Path
) -> None:
    target = tmp_path / f"Bericht über A.{kind.upper()}"
    target.write_bytes(b"older")
    export(sample, kind, target, ReportOptions(), thumbnails)
    assert target.read_bytes().startswith(start)
    assert list(tmp_path.iterdir()) == [target]
    assert kind in FORMATS


def refused(kind: str, target: Path) -> TwofoldError:
    with pytest.raises(TwofoldError) as error:
        export(too_few_comparison(), kind, target, ReportOptions(), {})
    assert error.value.message
    assert error.value.hint
    assert str(target.parent) not in error.value.message
    return error.value


def test_refusals_say_what_to_do(tmp_path: Path) -> None:
    folder = tmp_path / "folder.json"
    folder.mkdir()
    assert "does not exist" in refused("json", tmp_path / "missing" / "a.json").message
    assert "is a folder" in refused("json", folder).message
    assert "not known" in refused("docx", tmp_path / "a.docx").message
    assert ".csv" in refused("csv", tmp_path / "a.json").hint
    assert "file name" in refused("json", tmp_path / f"{'n' * 300}.json").message
    assert sorted(tmp_path.iterdir()) == [folder]


@pytest.mark.skipif(sys.platform == "win32", reason="needs a FIFO and links")
def test_pipes_are_refused_and_links_followed(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.json"
    os.mkfifo(pipe)
    assert isinstance(refused("json", pipe), ExportFailed)
    assert pipe.is_fifo()
    real, link = tmp_path / "real.json", tmp_path / "link.json"
    real.write_text("older")
    real.chmod(0o640)
    link.symlink_to(real)
    export(too_few_comparison(), "json", link, ReportOptions(), {})
    assert link.is_symlink()
    assert json.loads(real.read_text())["verdict"]["outcome"] == "too_few"
    assert real.stat().st_mode & 0o777 == 0o640


WRITER = """
import os, resource, sys
from pathlib import Path
from engine.errors import TwofoldError
from engine.protocol import ReportOptions
from engine.report.export import export
from tests.fakes.sample_comparison import sample_comparison
comparison, target = sample_comparison(), Path(sys.argv[2])
if sys.argv[1] == "full":
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
elif os.geteuid() == 0:
    os.setgid(65534)
    os.setuid(65534)
try:
    export(comparison, "json", target, ReportOptions(), {})
except TwofoldError as error:
    print(error.code)
"""


def written_elsewhere(trouble: str, target: Path) -> str:
    """The code of the error that a process in this trouble gets."""
    done = subprocess.run(
        [sys.executable, "-c", WRITER, trouble, str(target)],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[2],
    )
    return done.stdout.strip()


@pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX limits")
def test_a_full_disk_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    target = tmp_path / "a.json"
    target.write_text("older")
    assert written_elsewhere("full", target) == DiskFull.code
    assert target.read_text() == "older"
    assert list(tmp_path.iterdir()) == [target]


@pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX permissions")
def test_a_folder_that_may_not_be_written_is_named_as_such(tmp_path: Path) -> None:
    folder = tmp_path / "locked"
    folder.mkdir()
    folder.chmod(0o555)
    assert written_elsewhere("locked", folder / "a.json") == NoPermission.code
    assert list(folder.iterdir()) == []
