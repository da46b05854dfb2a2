"""A model's most confident mistakes among the images of the test set."""

import numpy as np

from app.images.dialog import mistake_caption, mistakes
from ibinn_core.data import CIFAR10_CLASSES as CLASSES

POSTERIOR = np.full((5, 10), 0.001)
POSTERIOR[range(5), [0, 1, 2, 3, 4]] = [0.5, 0.9, 0.8, 0.997, 0.95]
LATENT = {"posterior": POSTERIOR, "labels": np.array([0, 2, 3, 3, 5], np.uint8)}


def test_mistakes_are_those_the_model_gets_wrong_and_that_are_here():
    assert mistakes(LATENT, np.array([4, 3, 2, 1, 0])).tolist() == [4, 1, 2]
    assert mistakes(LATENT, np.array([-1, 0, -1, -1, 1])).tolist() == [4, 1]


def test_captions_say_both_classes_and_never_quite_sure():
    texts = [mistake_caption(label, POSTERIOR[row], CLASSES) for row, label in ((1, 2), (3, 5))]
    assert [t.replace("\N{NO-BREAK SPACE}", " ") for t in texts] == ["bird → car 90%", "dog → cat > 99%"]
