"""A reading comes back exactly as it was stored, under its version, and fast."""

from __future__ import annotations

import random
import struct
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.measurement import Value
from engine.storage.paths import data_place
from engine.storage.store import Reading, Store
from engine.vocabulary import Caption

values = st.dictionaries(
    st.text(st.characters(codec="utf-8"), max_size=12),
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.text(st.characters(codec="utf-8")),
    max_size=8,
)
readings = st.builds(
    Reading,
    content_id=st.binary(min_size=16, max_size=16).map(bytes.hex),
    width_px=st.integers(1, 10**6),
    height_px=st.integers(1, 10**6),
    format=st.sampled_from(["JPEG", "PNG", "TIFF"]),
    values=values,
    captions=st.lists(
        st.builds(Caption, st.text(st.characters(codec="utf-8")), st.just("iptc")), max_size=3
    ).map(tuple),
    signature=st.binary(max_size=40),
    window=st.none() | st.tuples(st.floats(allow_nan=False), st.floats(allow_nan=False)),
)


def exact(value: object) -> object:
    """Tells 1.0 from True, and 0.0 from -0.0."""
    return struct.pack("d", value) if isinstance(value, float) else (type(value), value)


@settings(max_examples=30, deadline=None, database=None)
@given(st.lists(readings, max_size=6, unique_by=lambda one: one.content_id))
def test_what_comes_back_is_what_was_stored(stored: list[Reading]) -> None:
    with (
        tempfile.TemporaryDirectory() as folder,
        data_place(Path(folder)) as place,
        Store.open(place) as store,
    ):
        store.add_readings(stored, "1")
        found = store.readings([one.content_id for one in stored], "1")
    assert found == {one.content_id: one for one in stored}
    for one in stored:
        again = found[one.content_id].values
        assert [exact(v) for v in again.values()] == [exact(v) for v in one.values.values()]
        assert [*again] == [*one.values]


def test_another_version_of_the_measurements_is_another_reading(
    store: Store, reading: Callable[[int], Reading]
) -> None:
    store.add_readings([reading(1), reading(2)], "1")
    store.add_readings([reading(2)], "2")
    ids = [reading(n).content_id for n in (1, 2, 3)]
    assert set(store.readings(ids, "1")) == {ids[0]}  # an image keeps its newest only
    assert set(store.readings(ids, "2")) == {ids[1]}
    assert store.readings(ids, "3") == {}


def test_readings_that_another_store_adds_are_seen(
    store: Store, tmp_path: Path, reading: Callable[[int], Reading]
) -> None:
    ids = [reading(n).content_id for n in range(1_200)]
    store.add_readings(map(reading, range(600)), "1")
    stream = store.stream_readings(ids, "1")
    next(stream)
    with data_place(tmp_path / "data") as place, Store.open(place) as other:
        other.add_readings(
            (Reading(ids[n], 1, 1, "PNG", {"another": 1.0}) for n in range(600, 1_200)), "1"
        )
    assert sum(1 for _ in stream) + 1 == 1_200


def test_an_interrupted_commit_stores_nothing_of_it(
    store: Store, reading: Callable[[int], Reading]
) -> None:
    def breaks_off() -> object:
        yield reading(1)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        store.add_readings(breaks_off(), "1")  # type: ignore[arg-type]
    assert store.readings([reading(1).content_id], "1") == {}
    store.add_readings([reading(1)], "1")
    assert store.readings([reading(1).content_id], "1") == {reading(1).content_id: reading(1)}


@pytest.mark.slow
def test_a_hundred_thousand(store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    """The speed is for whoever reads along; the answers are what is tested."""
    count, chance = 100_000, random.Random(0)
    names = [f"measurement_{n}" for n in range(55)]
    some: list[dict[str, Value]] = [
        dict(
            zip(
                names, [*(chance.random() for _ in range(40)), *[True] * 8, *["x"] * 7], strict=True
            )
        )
        for _ in range(50)
    ]
    ids = [f"{chance.getrandbits(128):032x}" for _ in range(count)]
    begun = time.perf_counter()
    for at in range(0, count, 1_000):
        store.add_readings(
            (
                Reading(content_id, 640, n, "JPEG", some[n % 50], (), b"0" * 32)
                for n, content_id in enumerate(ids[at : at + 1_000], at)
            ),
            "1",
        )
    added = time.perf_counter()
    heights = {one.content_id: one.height_px for one in store.stream_readings(ids, "1")}
    read = time.perf_counter()
    assert heights == {content_id: n for n, content_id in enumerate(ids)}
    with capsys.disabled():
        print(
            f"\n100,000 readings: {count / (added - begun):,.0f}/s stored, "
            f"{count / (read - added):,.0f}/s read, "
            f"{store.usage()['database'] / count:.0f} bytes each"
        )
