"""What models made of images is kept, found again, and forgotten with them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from blake3 import blake3

from engine.storage.paths import Place, data_place
from engine.storage.store import Store
from engine.vocabulary import ImageRef, Side
from tests.fakes.sample_comparison import no_difference_comparison

EYES, OTHER = "11" * 16, "22" * 16
SECRET = "a very particular lighthouse"


def image(number: int) -> ImageRef:
    content_id = blake3(bytes([number])).hexdigest(length=16)
    return ImageRef("/images", f"{number}.jpg", content_id, 10, 10, "JPEG")


def unit(numbers: list[int]) -> Any:
    vectors = np.random.default_rng(numbers).normal(size=(len(numbers), 8))
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float16)


def everything(place: Place) -> bytes:
    return b"".join(path.read_bytes() for path in place.root.rglob("*") if path.is_file())


def test_captions_are_those_of_one_captioner(store: Store) -> None:
    ids = [f"{number:032x}" for number in range(3)]
    store.captions.add(EYES, [(ids[0], "a dog"), (ids[1], "")])
    store.captions.add(OTHER, [(ids[0], "un chien")])
    assert store.captions.get(EYES, ids) == {ids[0]: "a dog", ids[1]: ""}
    assert store.captions.get(OTHER, ids) == {ids[0]: "un chien"}
    store.captions.add(EYES, [(ids[0], "a wolf")])
    assert store.captions.get(EYES, ids)[ids[0]] == "a wolf"


def test_thousands_of_captions_are_found(store: Store) -> None:
    captions = {f"{number:032x}": f"caption {number}" for number in range(1234)}
    store.captions.add(EYES, captions.items())
    assert store.captions.get(EYES, list(captions)) == captions


def test_an_answer_lasts_beyond_the_process(tmp_path: Path) -> None:
    with data_place(tmp_path) as place, Store.open(place) as store:
        assert store.answers.get(b"key") is None
        store.answers.put(b"key", b"answer")
        store.remember_pace("embed model", 0.25)
    with data_place(tmp_path) as place, Store.open(place) as store:
        assert store.answers.get(b"key") == b"answer"
        assert store.pace("embed model") == 0.25
        assert store.pace("another") is None


@pytest.fixture
def filled(store: Store) -> Store:
    """A comparison of images 1 to 4 is stored, and one of 3 to 6; all have captions, vectors."""
    for name, numbers in (("a" * 16, [1, 2, 3, 4]), ("b" * 16, [3, 4, 5, 6])):
        sides = [(Side.A if n % 2 else Side.B, image(n)) for n in numbers]
        store.save(replace(no_difference_comparison(), id=name), sides)
    ids = [image(n).content_id for n in range(1, 7)]
    store.captions.add(EYES, [(content_id, f"{SECRET} {content_id}") for content_id in ids])
    store.vectors.open(EYES, 8).add(ids, unit(list(range(6))))
    store.answers.put(b"key", SECRET.encode())
    return store


def test_forgetting_a_comparison_forgets_what_models_made_of_its_images(
    filled: Store, place: Place
) -> None:
    ids = [image(n).content_id for n in range(1, 7)]
    assert filled.vectors.open(EYES, 8).have(ids).all()
    filled.forget("a" * 16)
    assert set(filled.captions.get(EYES, ids)) == set(ids[2:]), "those the other one uses stay"
    assert filled.vectors.open(EYES, 8).have(ids).tolist() == [False] * 2 + [True] * 4
    kept = filled.vectors.open(EYES, 8).get(ids[2:])
    assert np.array_equal(kept, unit(list(range(6)))[2:])
    assert filled.answers.get(b"key") is None
    data = everything(place)
    assert bytes.fromhex(ids[0]) not in data
    assert f"{SECRET} {ids[0]}".encode() not in data


def test_forgetting_everything_leaves_no_byte_of_it(filled: Store, place: Place) -> None:
    vector = unit(list(range(6)))[0].tobytes()
    assert vector in everything(place)
    filled.forget_all()
    data = everything(place)
    assert SECRET.encode() not in data
    assert vector not in data
    assert filled.usage()["vectors"] == 0
