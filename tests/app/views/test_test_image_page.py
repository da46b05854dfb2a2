"""The page Test an image: Bayes' rule and the verdicts on an image, and what happens as it is corrupted."""

import numpy as np
import pytest
from page_helpers import clean

import ibinn_core as ib
from app.answer import Answer
from app.inference import computations
from app.inference.corruptions import ATTACK_STEPS, attack_levels, attacked, faded, noisy, rotated_colors, turned
from app.panels import corrupt
from app.panels.corrupt import headline, log10_odds, rivals
from ibinn_core.data import CIFAR10_CLASSES as CLASSES
from ibinn_core.evaluation.attack import WEIGHT

PAGE = "test_image"
WHITE = np.full((32, 32, 3), 255, np.uint8)


@pytest.fixture
def corrupted(open_page, no_data):
    """Opens the panel in which an image is corrupted."""
    return lambda **query: clean(open_page(PAGE, tab="corrupt", **query))


def test_each_corruption_begins_with_the_image_and_ends_where_the_library_says():
    pixels = np.random.default_rng(0).integers(0, 256, (32, 32, 3), dtype=np.uint8)
    x = ib.to_unit(pixels[None]).numpy()
    border = np.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]])
    axis, level = ib.exploration.random_axis(0), (float(np.median(border)) + 0.5) / 256
    found = {
        "colours": (rotated_colors(pixels, 54), ib.exploration.rotate_rgb(x, np.radians(54), axis)),
        "turn": (turned(pixels, 90), ib.exploration.rotate_in_plane(x, np.radians(90), level)),
        "noise": (noisy(pixels, 0.1), ib.exploration.add_uniform_noise(x, 0.1, 0)),
        "blend": (faded(pixels, WHITE, "white"), ib.to_unit(WHITE[None]).numpy()),
    }
    for steps, end in found.values():
        assert len(steps.labels) == len(set(steps.labels)) == len(steps.strengths) == len(steps)
        assert np.array_equal(steps.pixels[0], pixels) and steps.strengths[0] == 0 and steps.pixels.dtype == np.uint8
        assert np.array_equal(steps.pixels[-1], np.floor(end[0] * 256).astype(np.uint8).transpose(1, 2, 0))
        assert np.abs(steps.pixels[-1].astype(int) - pixels).mean() > 5
    attacks = attacked(pixels, 8, *[WHITE] * (ATTACK_STEPS - 1))
    assert np.array_equal(attacks.pixels[0], pixels) and attacks.labels[:2] == ["0/256", "1/256"]
    assert attack_levels(32) == list(range(0, 33, 4))


@pytest.mark.parametrize(
    ("posterior", "expected"),
    [
        ([[0.1, 0.8, 0.1], [0.6, 0.3, 0.1]], (1, 0)),
        ([[0.1, 0.8, 0.1], [0.1, 0.7, 0.2]], (1, 2)),  # the answer never changes: the nearest other class
        ([[0.2, 0.4, 0.4], [0.1, 0.0, 0.9]], (1, 2)),
    ],
)
def test_the_pair_is_the_first_answer_and_its_strongest_rival(posterior, expected):
    assert rivals(np.array(posterior)) == expected


def test_odds_are_powers_of_ten_and_finite_where_a_posterior_is_nothing():
    odds = log10_odds(np.array([[0.5, 0.5, 0], [0.9, 0.009, 0.091], [1, 0, 0], [0, 1, 0]], np.float32), (0, 1))
    assert odds[:2] == pytest.approx([0, -2]) and np.isfinite(odds).all() and odds[3] == -odds[2] > 20


def test_the_headline_says_where_no_step_is_out_of_distribution():
    one = Answer("gamma-1", CLASSES, np.full((2, 10), 0.1), is_typical=np.full(2, True))
    assert headline(one, ["0°", "10°"]) == "every step is typical; it is confident at 0 of 2 steps"


def test_the_page_asks_for_an_attack_on_the_sliders_model(corrupted, monkeypatch):
    asked = []

    def no_attack(model: str, image: np.ndarray, levels: int, weight: float) -> np.ndarray:
        asked.append((model, levels, weight))
        return image

    no_attack.__module__ = computations.__name__
    monkeypatch.setattr(corrupt, "attack", no_attack)
    corrupted(corruption="Attack", attack="Adaptive", model="gamma-0.02", models="gamma-0.02,gamma-1", beside="")
    assert sorted(asked) == [("gamma-0.02", level, WEIGHT) for level in range(1, 9)]
