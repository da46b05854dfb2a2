"""The way to a class under several γ: which models, where each flips, and what is written of it."""

import numpy as np
import pytest

import ibinn_core as ib
from app.images.pictures import own, sample
from app.models import registry
from app.moves import latents as parts
from app.moves import rows
from app.moves.export import program_of_rows

TARGET = 3


@pytest.fixture(scope="module")
def image():
    return sample(11, ib.data.DATASETS["mnist"]).pixels


@pytest.mark.parametrize(
    ("chosen", "gammas"),
    [
        ("mnist-gamma-1", [0.02, 0.2, 1, 35.65]),
        ("mnist-gamma-4.63", [0.02, 0.2, 4.63, 35.65]),
        ("mnist-only-lx", [0, 0.2, 4.63, 35.65]),
        ("mnist-only-ly", [0.02, 0.2, 4.63, float("inf")]),
        ("gamma-1", [0.02, 0.2, 1, 35.65]),
    ],
)
def test_the_models_are_this_one_and_others_over_the_family(chosen, gammas):
    found = rows.models_for(registry.by_id(chosen))
    assert [one.gamma for one in found] == gammas and chosen in [one.id for one in found]


def test_a_mixed_model_is_among_them_and_a_model_without_gamma_alone():
    family = registry.weight_space(registry.family_of(registry.by_id("mnist-gamma-1")))
    assert family is not None
    mixed = registry.place(family, 0.5)
    assert mixed.gamma and abs(mixed.gamma - 0.5) < 1e-9 and mixed.id in [one.id for one in rows.models_for(mixed)]
    alone = registry.by_id("mnist-class-nll")
    assert rows.models_for(alone) == [alone]


def test_each_row_flips_where_its_own_model_does(image):
    models = rows.models_for(registry.by_id("mnist-gamma-1"))
    found = rows.rows_of(models, image, TARGET)
    flips = [row.on_top.alpha for row in found]
    assert len(set(np.round(flips, 4))) == len(models)  # each γ has its own
    for row in found:
        tops = [int(parts.scores_of(row.checkpoint, z).argmax()) for z in row.latents]
        assert tops[0] == row.source != TARGET and tops[3] != TARGET and set(tops[5:]) == {TARGET}
        assert row.alpha[4] == pytest.approx(row.on_top.alpha) and row.images.shape == (9, 28, 28, 1)
    told = rows.told(found)
    assert told[0]["alpha"] == flips[0] and told[0]["until"] is None and len(told[0]["bits"]) == 9


def test_what_is_typical_is_what_95_percent_of_held_out_images_are():
    checkpoint = registry.by_id("mnist-gamma-1")
    low, high = rows.typical_range(checkpoint)
    bits = rows.bits_per_dim(checkpoint, checkpoint.latent["reference"])
    assert 0.95 <= ((bits >= low - 1e-6) & (bits <= high + 1e-6)).mean() <= 0.951


def test_the_program_makes_the_same_rows(image):
    models = rows.models_for(registry.by_id("mnist-gamma-1"))[1:3]
    names: dict = {}
    exec(program_of_rows(models, own(image), TARGET), names)
    wanted = np.concatenate([np.concatenate(list(row.images), axis=1) for row in rows.rows_of(models, image, TARGET)])
    differ = np.abs(names["rows"].astype(int) - wanted.astype(int))
    assert names["rows"].shape == wanted.shape and (differ <= 1).mean() > 0.999
