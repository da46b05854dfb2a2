"""Models' predictions on a user's images."""

import numpy as np
import pytest

import ibinn_core as ib
from ibinn_core.measures import calibration, scores

MODEL = "mnist-gamma-1"


@pytest.fixture
def digits():
    return ib.data.embedded("mnist")[0]


def test_what_is_said_is_what_the_model_computes(digits):
    found = ib.evaluation.predict(MODEL, digits)
    model = ib.load(MODEL)
    x = ib.dequantize(ib.to_unit(digits))
    np.testing.assert_allclose(found.posterior, model.posterior(x).numpy(), atol=1e-5)
    np.testing.assert_allclose(found.bits, ib.bits_per_dim(model.log_prob(x).numpy(), 784), rtol=1e-5)
    reference = ib.checkpoint.find(MODEL).latent["reference"]
    np.testing.assert_allclose(
        found.p_values, ib.exploration.typicality_p_value(model.log_prob(x).numpy(), reference), atol=2e-3
    )
    assert ((found.p_values >= 0.05) == found.typical).all() and found.typical.any()
    alone = ib.evaluation.predict(model, digits[3:4])  # the model stands for its checkpoint
    np.testing.assert_allclose(alone.bits, found.bits[3:4], rtol=1e-5)  # the others have no say


def test_other_images_and_a_model_without_a_checkpoint_are_refused(digits):
    for images, part in ((np.zeros((2, 32, 32, 3), np.uint8), "shape"), (digits[:0], "at least one image")):
        with pytest.raises(ValueError, match=part):
            ib.evaluation.predict(MODEL, images)
    model = ib.load(MODEL)
    model.checkpoint = None
    with pytest.raises(ValueError, match="has no checkpoint: call ib.save, ib.measure"):
        ib.evaluation.predict(model, digits)


@pytest.mark.parametrize(
    "old, new",
    [("measure", ib.evaluation.metrics), ("roc_auc", scores.roc_auc), ("calibration", calibration.calibration)],
)
def test_a_name_of_the_last_release_works_and_says_when_it_goes(digits, old, new):
    with pytest.warns(DeprecationWarning, match=rf"version 1.1 will remove ib.evaluation.{old}: use ib"):
        assert getattr(ib.evaluation, old) is new
    with pytest.raises(AttributeError, match="unheard_of"):
        _ = ib.evaluation.unheard_of
    model, x = ib.load(MODEL), ib.to_unit(digits[:2])
    with pytest.warns(DeprecationWarning, match=r"version 1.1 will remove model.look: use model.evaluate"):
        assert (model.look(x)["posterior"] == model.evaluate(x)["posterior"]).all()
