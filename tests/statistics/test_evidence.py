"""The images that are shown for a finding."""

from __future__ import annotations

import numpy as np
import pytest

from engine.statistics.evidence import choose_evidence
from engine.vocabulary import Evidence, EvidenceImage, ImageRef

N = 40
IMAGES = [ImageRef("/photos", f"{k:02}.jpg", f"{k:032x}", 8, 8, "JPEG") for k in range(N)]
IS_A = np.arange(N) < 22
PLACE = np.random.default_rng(0).permutation(N)


def chosen(scores: np.ndarray, k: int, yes_no: bool = False) -> Evidence:
    return choose_evidence(scores, IS_A, PLACE, IMAGES, k=k, yes_no=yes_no)


def names(group: tuple[EvidenceImage, ...]) -> list[str]:
    return [image.name for image in group]


def test_the_most_and_least_true_of_each_side_best_first() -> None:
    found = chosen(np.arange(float(N)), k=3)
    assert names(found.a_most) == ["21.jpg", "20.jpg", "19.jpg"]
    assert names(found.a_least) == ["00.jpg", "01.jpg", "02.jpg"]
    assert names(found.b_most) == ["39.jpg", "38.jpg", "37.jpg"]
    assert names(found.b_least) == ["22.jpg", "23.jpg", "24.jpg"]
    assert found.a_most[0] == EvidenceImage(f"{21:032x}", "21.jpg", 21.0)


def test_an_image_stands_in_one_group_only_even_if_all_scores_are_the_same() -> None:
    for k in (3, 12, 100):
        for scores in (np.zeros(N), np.arange(float(N)) // 9):
            found = chosen(scores, k)
            everyone = [
                name
                for group in (found.a_most, found.a_least, found.b_most, found.b_least)
                for name in names(group)
            ]
            assert len(set(everyone)) == len(everyone)
            assert len(found.a_most) == min(k, 11)
            assert len(found.b_least) == min(k, 9)


def test_equal_scores_are_told_apart_by_content_and_not_by_the_order_of_files() -> None:
    found = chosen(np.zeros(N), k=5)
    expected = sorted(range(22), key=lambda i: PLACE[i])[:5]
    assert names(found.a_most) == [f"{i:02}.jpg" for i in expected]


def test_of_a_yes_no_score_the_groups_hold_only_yes_and_only_no() -> None:
    scores = np.zeros(N)
    scores[[1, 5]] = 1
    found = chosen(scores, k=12, yes_no=True)
    assert set(names(found.a_most)) == {"01.jpg", "05.jpg"}
    assert len(found.a_least) == 12
    assert all(image.score == 0 for image in found.a_least)
    assert found.b_most == ()
    assert len(found.b_least) == 12


def test_images_without_a_score_are_not_shown() -> None:
    scores = np.arange(float(N))
    scores[15:35] = np.nan
    found = chosen(scores, k=4)
    assert names(found.a_most) == ["14.jpg", "13.jpg", "12.jpg", "11.jpg"]
    assert names(found.b_most) == ["39.jpg", "38.jpg", "37.jpg"]
    assert names(found.b_least) == ["35.jpg", "36.jpg"]


@pytest.mark.parametrize("yes_no", [True, False])
def test_no_evidence_can_be_asked_for(yes_no: bool) -> None:
    assert chosen(np.zeros(N), k=0, yes_no=yes_no) == Evidence()
