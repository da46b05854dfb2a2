"""What models make of a person's own images."""

import numpy as np
import pytest

import ibinn_core as ib

MODEL = "mnist-gamma-1"


@pytest.fixture
def digits():
    return ib.data.embedded("mnist")[0]


def test_what_is_said_is_what_the_model_computes(digits):
    answers = ib.evaluation.ask(MODEL, digits)
    model = ib.load(MODEL)
    x = ib.dequantize(ib.to_unit(digits))
    np.testing.assert_allclose(answers.posterior, model.posterior(x).numpy(), atol=1e-5)
    np.testing.assert_allclose(answers.bits, ib.bits_per_dim(model.log_prob(x).numpy(), 784), rtol=1e-5)
    reference = ib.checkpoint.find(MODEL).latent["reference"]
    np.testing.assert_allclose(
        answers.p_values, ib.exploration.typicality_p_value(model.log_prob(x).numpy(), reference), atol=2e-3
    )
    assert ((answers.p_values >= 0.05) == answers.typical).all() and answers.typical.any()
    alone = ib.evaluation.ask(MODEL, digits[3:4])
    np.testing.assert_allclose(alone.bits, answers.bits[3:4], rtol=1e-5)  # the others have no say


@pytest.mark.parametrize("images", [np.zeros((2, 32, 32, 3), np.uint8), np.zeros((0, 28, 28, 1), np.uint8)])
def test_images_of_another_shape_are_refused(images):
    with pytest.raises(ValueError, match="takes images of the shape"):
        ib.evaluation.ask(MODEL, images)


def test_a_model_stands_for_its_checkpoint(monkeypatch, digits):
    model = ib.load(MODEL)
    np.testing.assert_array_equal(
        ib.evaluation.ask(model, digits[:4]).posterior, ib.evaluation.ask(model.checkpoint, digits[:4]).posterior
    )
    monkeypatch.setattr(model, "checkpoint", None)
    with pytest.raises(ValueError, match="of no checkpoint"):
        ib.evaluation.ask(model, digits)
