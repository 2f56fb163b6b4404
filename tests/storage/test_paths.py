"""Where things are kept, who may look, and what is left behind."""

from __future__ import annotations

import os
import signal
import stat
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from engine.errors import DataFolderReadOnly
from engine.storage.paths import Place, data_place, ephemeral_place
from engine.storage.store import Store

posix = pytest.mark.skipif(os.name != "posix", reason="needs POSIX permissions")


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_the_argument_goes_before_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TWOFOLD_DATA", str(tmp_path / "named"))
    with data_place() as named, data_place(tmp_path / "given") as given:
        assert named.root == tmp_path / "named"
        assert given.root == tmp_path / "given"


@posix
def test_without_either_it_is_the_users_data_folder_made_private(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TWOFOLD_DATA", raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    with data_place() as first:
        first.root.chmod(0o755)
    with data_place() as again:
        assert tmp_path in again.root.parents
        assert again.root.name == "Twofold"
        assert mode(again.root) == 0o700


@posix
def test_everything_is_for_the_user_alone(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        with data_place(tmp_path / "new" / "data") as place, Store.open(place) as store:
            store.add_readings([], "1")
            store.thumbnail_path("ab" * 16).write_bytes(b"")
            files = [path for path in place.root.rglob("*") if path.is_file()]
            folders = [path for path in place.root.rglob("*") if path.is_dir()]
            assert {mode(folder) for folder in [place.root, *folders]} == {0o700}
            ours = [path for path in files if path.suffix != ".jpg"]
            assert {path.name for path in ours} >= {"twofold.sqlite3", "twofold.sqlite3-wal"}
            assert {mode(path) for path in ours} == {0o600}
    finally:
        os.umask(before)


def test_a_thumbnail_lies_where_its_content_says(place: Place) -> None:
    path = place.thumbnail_path("0123456789abcdef" * 2)
    assert path == place.root / "thumbnails" / "01" / f"{'0123456789abcdef' * 2}.jpg"
    assert path.parent.is_dir()


@pytest.mark.parametrize("name", ["", "../../../../etc/passwd", "ab/" * 10 + "ab", "zz" * 16])
def test_what_is_no_content_id_never_becomes_a_path(place: Place, name: str) -> None:
    with pytest.raises(ValueError, match="content id"):
        place.thumbnail_path(name)


def test_a_file_in_the_place_of_the_folder_is_told(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")
    with pytest.raises(DataFolderReadOnly, match="a file stands in its place"):
        data_place(tmp_path / "taken")
    with pytest.raises(DataFolderReadOnly, match="a file stands in its place"):
        data_place(tmp_path / "taken" / "below")


@posix
def test_a_folder_that_may_not_be_written_is_told(
    tmp_path: Path, start: Any, result: Any, without_override: tuple[str, ...]
) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data").chmod(0o500)
    said = result(
        start(
            """
for folder in (Path(sys.argv[1]), Path(sys.argv[1]) / "below"):
    try:
        data_place(folder)
    except StorageError as error:
        say(error.code, "--ephemeral" in error.hint)
""",
            under=without_override,
        )
    )
    assert said.split() == ["data_folder_read_only", "True"] * 2


def test_the_session_folder_ends_with_the_session(tmp_path: Path) -> None:
    with data_place(tmp_path) as place:
        (place.session_dir / "glimpse.jpg").write_bytes(b"pixels")
        place.database.write_bytes(b"")
    assert not place.session_dir.exists()
    assert place.database.exists()


def test_an_ephemeral_place_leaves_nothing() -> None:
    with ephemeral_place() as place:
        with Store.open(place) as store:
            store.thumbnail_path("ab" * 16).write_bytes(b"pixels")
            assert place.ephemeral
            assert any(place.root.iterdir())
            if os.name == "posix":
                assert mode(place.root) == 0o700
        place.close()
        assert not place.root.exists()
    assert not place.root.exists()


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A temporary folder of the test's own, and no memory-backed one to go before it."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    monkeypatch.setattr("engine.storage.paths._MEMORY_KINDS", frozenset())
    return folder


EPHEMERAL = """
import engine.storage.paths
engine.storage.paths._MEMORY_KINDS = frozenset()
place = ephemeral_place()
store = Store.open(place)
store.add_readings([reading(n) for n in range(100)], "1")
say(place.root)
time.sleep(60)
"""


def test_what_a_killed_process_left_is_swept_at_the_next_start(
    temporary: Path, tmp_path: Path, start: Callable[..., Any]
) -> None:
    killed, alive = start(EPHEMERAL), start(EPHEMERAL)
    left, kept = (Path(process.stdout.readline().strip()) for process in (killed, alive))
    assert {left.parent, kept.parent} == {temporary}
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    assert (left / "twofold.sqlite3").exists()

    with data_place(tmp_path / "data"):
        assert not left.exists()
        assert (kept / "twofold.sqlite3").exists()  # its process lives


def test_sessions_of_killed_processes_are_swept(
    tmp_path: Path, start: Callable[..., Any], temporary: Path
) -> None:
    process = start("place = data_place(Path(sys.argv[1])); say(place.session_dir); time.sleep(60)")
    left = Path(process.stdout.readline().strip())
    (left / "glimpse.jpg").write_bytes(b"pixels")
    process.kill()
    process.wait()
    with data_place(tmp_path / "data") as place:
        assert [*(place.root / "sessions").iterdir()] == [place.session_dir]


def test_sweeping_leaves_everything_else_alone(temporary: Path) -> None:
    fresh = temporary / "twofold-justmade"
    fresh.mkdir()
    (temporary / "twofold-notes.txt").write_text("a file of the user's")
    (temporary / "precious").mkdir()
    (temporary / "precious" / "in-use").write_text("")
    (temporary / "twofold-link").symlink_to(temporary / "precious")
    forsaken = temporary / "twofold-forsaken"
    forsaken.mkdir()
    os.utime(forsaken, (time.time() - 3600,) * 2)

    with ephemeral_place() as place:
        names = {path.name for path in temporary.iterdir()} - {place.root.name}
    assert names == {"twofold-justmade", "twofold-notes.txt", "precious", "twofold-link"}
    assert (temporary / "precious" / "in-use").exists()


def test_places_made_and_swept_at_the_same_time_do_not_harm_each_other(
    start: Callable[..., Any], temporary: Path
) -> None:
    source = """
import engine.storage.paths
engine.storage.paths._MEMORY_KINDS = frozenset()
for turn in range(80):
    with ephemeral_place() as place:
        (place.root / "still mine").write_text("")
say("fine")
"""
    together = [start(source) for _ in range(4)]
    answers = [process.communicate(timeout=60) for process in together]
    assert [said.strip() for said, _ in answers] == ["fine"] * 4, answers
    assert [*temporary.iterdir()] == []
