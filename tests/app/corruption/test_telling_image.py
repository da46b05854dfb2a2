"""The image that the page opens with is the one on which γ makes the greatest difference."""

from types import SimpleNamespace

import numpy as np
import pytest

import ibinn_core as ib
from app.corruption import corrupted_images, measure
from app.corruption.telling_image import EVERY, most_telling, telling_image
from app.models import registry

MOST = 2.0  # bits, of four classes
OUT, IN = 3.0, 0.0
SURE, UNSURE = 0.2, 1.2


def of_images(*images) -> np.ndarray:
    """From an image's (generative, discriminative) values at each place to ``(2, N, P)``."""
    return np.array(images, float).transpose(2, 0, 1)


def test_a_likelihood_that_misses_what_the_other_one_sees_counts_most():
    offsets = of_images([(IN, IN), (OUT, OUT)], [(IN, IN), (OUT, IN)], [(IN, IN), (IN, OUT)])
    entropies = of_images([(SURE, SURE), (UNSURE, SURE)], *[[(SURE, SURE), (SURE, SURE)]] * 2)
    assert most_telling(offsets, entropies, np.array([True] * 3), MOST) == 1


def test_else_the_image_of_which_the_discriminative_end_is_surer():
    offsets = of_images(*[[(IN, IN), (OUT, OUT)]] * 3)
    entropies = of_images(*[[(SURE, SURE), pair] for pair in ((SURE, UNSURE), (UNSURE, SURE), (SURE, SURE))])
    assert most_telling(offsets, entropies, np.array([True] * 3), MOST) == 1


def test_doubt_about_a_typical_image_does_not_count_nor_does_an_image_that_is_unfit():
    offsets = of_images([(IN, IN), (IN, IN)], [(IN, IN), (OUT, OUT)], [(IN, IN), (OUT, IN)])
    entropies = of_images(*[[(SURE, SURE), (UNSURE, SURE)]] * 3)
    assert most_telling(offsets, entropies, np.array([True, True, False]), MOST) == 1
    assert most_telling(offsets, entropies, np.array([False] * 3), MOST) == 2  # none is fit: all are


@pytest.mark.parametrize("name", ["cifar10", "mnist"])
@pytest.mark.slow
def test_no_embedded_image_tells_more_by_the_models_that_are_there(no_data, name):
    family = registry.family_of(registry.families()[name][0])
    dataset = family[0].dataset
    ends = sorted((c for c in family if 0 < (c.gamma or 0) < np.inf), key=lambda c: c.gamma)
    ends = [ends[0], ends[-1]]
    images, labels = ib.data.embedded(name)

    def score(number: int) -> float:
        places = corrupted_images.opening(images[number]).images[::EVERY]
        generative, other = (measure.read_with_likelihood(c, "", places) for c in ends)
        if generative.outside[0] or other.outside[0]:
            return -np.inf
        if any(reading.posterior[0].argmax() != labels[number] for reading in (generative, other)):
            return -np.inf
        missed = np.where(other.outside, generative.entropy - other.entropy, np.log(dataset.num_classes))
        return float(missed[generative.outside].sum())

    assert telling_image(dataset, family) == int(np.argmax([score(number) for number in range(len(images))]))


def test_with_one_model_there_is_nothing_to_compare():
    only = SimpleNamespace(has_likelihood=True, gamma=1.0)
    assert telling_image(None, [only, SimpleNamespace(has_likelihood=True, gamma=None)]) == 0
