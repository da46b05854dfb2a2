"""A model at any γ between the trained ones: its weights, its methods, families without one, and the measured curve."""

import dataclasses
import hashlib
import json
import math
import os
import pickle
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from checkpoint_helpers import colourful_images, edit_arrays, edit_json, renew_manifest
from curve_helpers import GAMMAS, ROOT, save_family, save_own_family

import ibinn_core as ib
from ibinn_core import weight_space as ws
from ibinn_core.checkpoint import CONFIG, view
from ibinn_core.data.loading import split_held_out
from ibinn_core.evaluation import encode_images, latent_views, measure_curve
from ibinn_core.evaluation.measure_curve import gammas_of
from ibinn_core.exploration.style import mix_styles

PLACE, BETWEEN = 2.0, 1.0  # one that was measured, and one between two places
PLACES = [0, 0.25, 0.5, 2, 8, 16, math.inf]


@pytest.fixture
def family(measured) -> ws.Family:
    return ib.family("cifar10", measured)


@pytest.fixture
def copied(measured, tmp_path) -> Path:
    """A copy of the family, which may be damaged."""
    return Path(shutil.copytree(measured, tmp_path / "copied"))


@pytest.fixture(scope="module")
def x() -> torch.Tensor:
    return ib.dequantize(ib.to_unit(colourful_images(20, seed=9)[0]))


def of_members(measured: Path, folder: Path, *names: str) -> ws.Family:
    """A family of some of the models."""
    for name in names:
        (folder / name).symlink_to(measured / name)
    return ib.family("cifar10", folder)


def test_the_trained_gammas_are_the_ticks(family):
    assert repr(family) == "Family('cifar10', gammas=(0.0, 0.5, 8.0, inf))"
    assert [family.position(gamma) for gamma in family.gammas] == [0, 1, 2, 3]
    assert family.point(1e300).share == 0 and family.checkpoint(1e300).id == family.members[-1].id
    with pytest.raises(ib.FamilyError, match="'?gamma-3'? is not a member"):
        family.member("gamma-3")


@pytest.mark.parametrize(
    "gamma, position", [(0.25, 0.5), (2.0, 1.5), (1.0, 1.25), (16.0, 2.5), (80.0, 2.9), (0.05, 0.1), (8e9, 3 - 1e-9)]
)
def test_positions_are_even_in_gamma_in_its_logarithm_or_in_its_inverse(family, gamma, position):
    assert family.position(gamma) == pytest.approx(position)
    assert family.gamma_at(position) == pytest.approx(gamma)


def test_a_family_of_the_two_ends_mixes_them_by_their_weights_in_the_loss(measured, tmp_path):
    ends = of_members(measured, tmp_path, "only-lx", "only-ly")
    assert ends.point(1).share == 0.5 and ends.point(4).share == pytest.approx(0.8)
    assert ends.gamma_at(ends.position(4)) == pytest.approx(4) and ends.at(4).checkpoint.gamma == 4


@pytest.mark.parametrize("gamma", [-0.1, math.nan, -math.inf, None, "1", True, [1], 10**400])
def test_a_gamma_that_makes_no_sense_is_one_sentence(family, gamma):
    with pytest.raises(ib.FamilyError, match="gamma must be"):
        family.at(gamma)


def test_beyond_the_trained_gammas_there_is_no_model(measured, tmp_path):
    family = of_members(measured, tmp_path, "gamma-0.5", "gamma-8")
    for gamma in (0, 0.4, 9, math.inf):
        with pytest.raises(ib.FamilyError, match="from 0.5 to 8, the range of the models"):
            family.at(gamma)
    assert family.at(2).checkpoint.point.share == pytest.approx(0.5)


def test_a_copy_in_a_folder_listed_later_takes_no_place(measured, family, tmp_path, monkeypatch):
    shutil.copytree(family.members[1].path, tmp_path / "zz")
    monkeypatch.setenv("IBINN_CHECKPOINTS", os.pathsep.join([str(measured), str(tmp_path)]))
    both = ib.family("cifar10")
    assert both.members == family.members and both.curve_path == family.curve_path


def test_at_a_trained_gamma_it_is_that_model(family, measured, x):
    for name, gamma in GAMMAS.items():
        model = family.at(gamma)
        assert model.checkpoint == family.member(name)
        assert torch.equal(model.encode(x), ib.load(measured / name).encode(x))


def test_weights_and_statistics_lie_between_those_of_the_neighbours(family, measured):
    model = family.at(1.0)
    one, other = (ib.load(measured / name).state_dict() for name in ("gamma-0.5", "gamma-8"))
    mixed = model.state_dict()
    names = [n for n in mixed if mixed[n].is_floating_point() and not n.startswith(("mixture.means", "alignment."))]
    for name in names:
        torch.testing.assert_close(mixed[name], 0.75 * one[name] + 0.25 * other[name], rtol=1e-5, atol=1e-6)
    assert any("running_var" in name for name in names)


def test_it_can_be_asked_everything(family, x):
    model = family.at(3.0)
    assert (model.decode(model.encode(x)) - x).abs().max() < 1e-4
    per_class = model.log_prob(x, per_class=True) + model.mixture.log_weights
    torch.testing.assert_close(per_class.logsumexp(1), model.log_prob(x), rtol=1e-5, atol=0.05)
    assert model.sample([3, 4], center="empirical").shape == (2, 3, 32, 32)
    assert not model.training and not any(p.requires_grad for p in model.parameters())
    copy = pickle.loads(pickle.dumps(model))
    assert torch.equal(copy.encode(x), model.encode(x)) and copy.checkpoint.family.gammas == family.gammas


@pytest.mark.slow
def test_the_alignment_keeps_the_posterior_of_the_mixed_network(family, tmp_path, x):
    """Aligned ends and a mixed alignment in between, with and without a curve: the same posterior as with none."""
    save_family(tmp_path / "plain", aligned=False)
    plain = ib.family("cifar10", tmp_path / "plain").at(3.0)
    assert plain.alignment is None
    for each in (family, ws.Family(family.members)):
        model = each.at(3.0)
        torch.testing.assert_close(model.posterior(x), plain.posterior(x), rtol=1e-3, atol=1e-4)
        assert not torch.allclose(model.encode(x), plain.encode(x), atol=0.1)


def test_a_mixture_does_not_touch_the_models_that_it_is_made_of(family, measured, x):
    first, before = family.at(2.0), ib.load(measured / "gamma-8").encode(x)
    with torch.no_grad():
        for parameter in first.parameters():
            parameter.fill_(0.1)
    assert torch.equal(family.at(8.0).encode(x), before)
    assert torch.equal(family.at(2.0).encode(x), ib.family("cifar10", measured).at(2.0).encode(x))


@pytest.mark.parametrize(
    "change, reason",
    [
        (lambda v: v.update(ancestry=[{**ROOT[0], "seconds": 8}]), "do not start from the same training"),
        (lambda v: v["training"]["architecture"].update(clamp=0.6), "have different networks"),
        (lambda v: v["training"].update(noise=0.01), "with different images or noise"),
    ],
    ids=["trunk", "network", "noise"],
)
def test_models_that_are_not_connected_do_not_mix(copied, change, reason):
    edit_json(copied / "gamma-8" / CONFIG, change)
    family = ib.family("cifar10", copied)
    for gamma in (2.0, 20.0):
        with pytest.raises(ib.FamilyError, match=f"no model at gamma .*{reason}"):
            family.at(gamma)
    assert family.at(0.25).checkpoint.point.left == "only-lx"


def test_models_of_other_classes_do_not_mix(family):
    one, other = family.members[1:3]
    assert ws.why_not(one, other) is None
    fewer = dataclasses.replace(other, config={**other.config, "num_classes": 9, "data": {"name": "cifar10"}})
    assert "with different images" in ws.why_not(one, fewer)


def test_branches_that_left_one_training_at_different_times_mix(copied):
    """A trunk that continued between two branches is the same trunk by its origin."""
    later = [{**ROOT[0], "epochs": 9.0, "seconds": 99, "origin": "abc"}]
    edit_json(copied / "gamma-8" / CONFIG, lambda values: values.update(ancestry=later))
    edit_json(copied / "only-ly" / CONFIG, lambda values: values.update(ancestry=[{**ROOT[0], "origin": "abc"}]))
    family = ib.family("cifar10", copied)
    assert family.at(20.0).checkpoint.point.right == "only-ly"
    with pytest.raises(ib.FamilyError, match="do not start from the same training"):
        family.at(2.0)


def test_networks_with_other_rotations_do_not_mix(copied):
    model = ib.load(copied / "gamma-8")
    fixed = next(m for name, m in model.named_modules() if name.endswith("rotation"))
    fixed.set(fixed.matrix.flip(0))
    (copied / "gamma-8" / "weights.safetensors").write_bytes(ib.checkpoint.weights_as_stored(model))
    renew_manifest(copied / "gamma-8")
    with pytest.raises(ib.FamilyError, match="their fixed .*rotation.matrix differs"):
        ib.family("cifar10", copied).at(2.0)


def test_a_model_from_scratch_gives_way_to_the_one_that_has_relatives(copied):
    scratch = Path(shutil.copytree(copied / "only-ly", copied / "only-ly-scratch"))
    edit_json(scratch / CONFIG, lambda values: values.update(ancestry=[]))
    assert [member.id for member in ib.family("cifar10", copied).members] == list(GAMMAS)


def test_without_models_there_is_no_family(tmp_path, measured):
    for data, folder, known in (("cifar10", tmp_path, "none"), ("mnist", measured, "cifar10")):
        with pytest.raises(ib.FamilyError, match=f"no family of models of '{data}'.*: {known}"):
            ib.family(data, folder)


def test_between_trained_ones_it_has_a_name_and_says_of_what_it_is_mixed(family):
    mixed = family.checkpoint(BETWEEN)
    assert (mixed.id, mixed.gamma, mixed.objective) == ("gamma-1", 1.0, "ib")
    assert (mixed.point.left, mixed.point.right, mixed.point.share) == ("gamma-0.5", "gamma-8", pytest.approx(0.25))
    assert mixed.config["training"]["objective"]["gamma"] == 1.0
    assert family.member("gamma-0.5").config["training"]["objective"]["gamma"] == 0.5


def test_its_card_is_what_was_measured_there(family):
    mixed = family.checkpoint(PLACE)
    images, labels = colourful_images(300)
    found = encode_images(ib.load(mixed), images)
    bits = ib.bits_per_dim(found.log_prob.astype(np.float64), 3072)
    assert mixed.card["error"] == pytest.approx((found.posterior.argmax(1) != labels).mean())
    assert mixed.card["bits_per_dim"]["mean"] == pytest.approx(bits.mean(), abs=1e-5)
    assert mixed.card["bits_per_dim"]["median"] == pytest.approx(np.median(bits), abs=1e-3)
    assert mixed.card["confidence"] == pytest.approx(found.posterior.max(1).mean(), abs=1e-3)
    left, right = (family.member(name).card["latent_spread"] for name in (mixed.point.left, mixed.point.right))
    assert mixed.card["latent_spread"] == pytest.approx(0.75 * left + 0.25 * right)


@pytest.mark.parametrize("gamma, tolerance", [(PLACE, 2e-3), (BETWEEN, 0.15)])
def test_its_latents_are_those_of_its_model(family, gamma, tolerance):
    mixed = family.checkpoint(gamma)
    latent, model, rows, images = mixed.latent, mixed.load(), family.arrays["rows"], colourful_images(300)[0]
    for name in ("labels", "hashes"):
        np.testing.assert_array_equal(latent[name], family.members[1].latent[name][rows])
    np.testing.assert_array_equal(latent["class_means"], model.class_means.numpy())
    np.testing.assert_array_equal(latent["empirical_means"], model.empirical_class_means.numpy())
    assert latent["spread"] == pytest.approx(float(model.latent_spread))
    np.testing.assert_allclose(latent["posterior"].sum(1), 1, atol=1e-6)
    assert ib.evaluation.predict(model, images[:20]).p_values.shape == (20,)
    found = encode_images(model, images[rows])
    training = colourful_images(80, seed=5)[0]
    held_out = training[split_held_out(80, mixed.config["training"]["held_out"])[1]]
    for name, actual in {
        "posterior": found.posterior,
        "log_prob": found.log_prob,
        "reference": encode_images(model, held_out).log_prob,
        "means_coordinates": ib.exploration.project(found.latents, view(latent, "means")),
    }.items():
        assert np.abs(latent[name] - actual).mean() < tolerance * actual.std(), name


def test_no_posterior_of_a_mixed_model_changes_along_its_styles():
    family = ib.family("mnist")
    mixed = family.checkpoint(family.gamma_at(1.25))
    styles, model = mixed.style, mixed.load().double()
    left, right = (family.member(one).style for one in (mixed.point.left, mixed.point.right))
    assert styles.attributes == left.attributes and styles.directions.shape == left.directions.shape
    z = model.class_means + torch.randn(10, 784, generator=torch.Generator().manual_seed(0)).double()
    for row, step in enumerate(torch.from_numpy(styles.directions).double()):
        change = model.mixture.log_posterior(z + 3 * step) - model.mixture.log_posterior(z)
        assert change.abs().max() < 1e-4, row
        lengths = [np.linalg.norm(one.directions[row]) for one in (styles, left, right)]
        if row < len(styles.attributes):
            share = mixed.point.share
            assert lengths[0] == pytest.approx((1 - share) * lengths[1] + share * lengths[2], rel=0.02)
            assert styles.directions[row] @ left.directions[row] > 0.9 * lengths[0] * lengths[1]


def test_principal_directions_are_paired_whatever_their_order_and_sign():
    one = ib.family("mnist").members[0].style
    count = len(one.attributes)
    order, signs = [*range(count), *reversed(range(count, len(one.directions)))], np.ones(len(one.directions))
    signs[count:] = -1
    other = one._replace(
        **{n: signs[:, None] * getattr(one, n)[order] for n in ("directions", "correlations", "responses")}
    )
    same = mix_styles(one, other, 0.3)
    for name in ("directions", "correlations", "responses", "deviations"):
        np.testing.assert_allclose(getattr(same, name), getattr(one, name), atol=1e-6)
    with pytest.raises(ValueError, match="different attributes"):
        mix_styles(one, other._replace(attributes=("other", *one.attributes[1:])), 0.5)


def test_without_styles_or_a_curve_there_are_none_between(family):
    with pytest.raises(ib.CheckpointError, match="python -m ibinn_core measure .*gamma-0.5"):
        _ = family.checkpoint(BETWEEN).style
    mixed = ib.weight_space.Family(family.members).at(BETWEEN).checkpoint
    assert mixed.gamma == BETWEEN and mixed.card == {}
    with pytest.raises(ib.FamilyError, match="measure the curve first"):
        _ = mixed.latent


def test_places_are_the_ticks_and_equally_many_between(family):
    assert gammas_of(family, 7) == pytest.approx(PLACES)
    assert len(gammas_of(family, 21)) >= 21


def test_between_two_places_the_numbers_are_interpolated_and_say_so(family):
    point = family.point(1.0)
    low, high = (next(p for p in family.curve if p.gamma == pytest.approx(g)) for g in (0.5, 2))
    assert not point.measured and point.error == pytest.approx((low.error + high.error) / 2)


NEW_MEASURES = """
import dataclasses, math, sys
from pathlib import Path
from ibinn_core import measures

added = ("calibration_paper.mce", "overconfidence")
measures.MEASURES = tuple(
    dataclasses.replace(one, on=(*one.on, "curve")) if one.key in added else one for one in measures.MEASURES
)
import ibinn_core as ib
from ibinn_core.weight_space.curve import read_curve, write_curve

older = ib.family("cifar10")
assert older.curve[0].overconfidence is None and math.isnan(older.point(1.5).calibration_paper_mce)
assert "overconfidence" not in older.checkpoint(1.5).card
points = [dataclasses.replace(point, overconfidence=2.0 + n) for n, point in enumerate(older.curve)]
write_curve(Path(sys.argv[1]), older.fingerprints, points, {}, older.arrays)
newer = ib.weight_space.Family(older.members, Path(sys.argv[1]))
assert newer.curve == points and newer.point(newer.gammas[0]).overconfidence == 2.0
mixed = newer.checkpoint(1.5)
assert 2 < mixed.card["overconfidence"] == measures.BY_KEY["overconfidence"].of_checkpoint(mixed)
assert "mce" not in mixed.card["calibration_paper"] and mixed.card["calibration_paper"]["ece"] > 0
"""


def test_a_new_measure_is_on_the_curve_by_its_place_in_the_list_alone(tmp_path):
    subprocess.run([sys.executable, "-c", NEW_MEASURES, tmp_path / "new.curve.json"], check=True)


def test_axes_turn_as_little_as_can_be_from_place_to_place(family):
    means = family.arrays["class_means"]
    for before, after in zip(means[:-1], means[1:], strict=True):
        np.testing.assert_allclose(ib.exploration.align(before, after), np.eye(9), atol=1e-3)


def test_a_curve_of_other_models_is_not_shown(copied):
    edit_json(copied / "cifar10.curve.json", lambda stored: stored["checkpoints"].update({"gamma-8": "0" * 16}))
    family = ib.family("cifar10", copied)
    assert family.curve == [] and math.isnan(family.point(0.25).error)


def of_fewer_models(folder: Path) -> None:
    """The ends of the family are removed, and the curve belongs to the others."""
    for id in ("only-lx", "only-ly"):
        shutil.rmtree(folder / id)
        edit_json(folder / "cifar10.curve.json", lambda stored, id=id: stored["checkpoints"].pop(id))


def written(change):
    """Damage to the JSON file and to the arrays, with a matching SHA-256."""

    def damage(folder: Path) -> None:
        file = folder / "cifar10.curve.npz"
        arrays = dict(np.load(file))
        edit_json(folder / "cifar10.curve.json", lambda stored: change(stored, arrays))
        np.savez(file, **arrays)
        sha256 = hashlib.sha256(file.read_bytes()).hexdigest()
        edit_json(folder / "cifar10.curve.json", lambda stored: stored.update(arrays_sha256=sha256))

    return damage


def changed(name: str, change):
    """Damage to one array."""
    return written(lambda _, arrays: arrays.update({name: change(arrays[name])}))


DAMAGED_CURVES = {
    "a place without numbers": written(lambda stored, _: stored["places"][0].clear()),
    "two places of one gamma": written(
        lambda stored, _: stored["places"][1].update(gamma=stored["places"][2]["gamma"])
    ),
    "a place where no model is": written(lambda stored, _: stored["places"][0].update(gamma=-1.0)),
    "a place beyond the models": of_fewer_models,
    "fewer places than arrays": written(lambda stored, _: stored["places"].pop()),
    "another SHA-256": lambda folder: edit_json(
        folder / "cifar10.curve.json", lambda stored: stored.update(arrays_sha256="0" * 64)
    ),
    "an alignment of more dimensions": changed("alignment_location", lambda a: np.pad(a, ((0, 0), (0, 1)))),
    "an alignment that cannot be undone": changed("alignment_matrix", lambda values: np.zeros_like(values, np.float16)),
    "half an alignment": written(lambda _, arrays: arrays.pop("alignment_offset")),
    "no images": changed("rows", lambda a: a[:0]),
    "a posterior that is none": changed("posterior", lambda a: 3 * a),
    "coordinates far out": changed("coordinates", lambda a: a + np.float32(1e30)),
    "a likelihood that is no number": changed("log_prob", lambda a: a * np.nan),
    "one class less": changed("class_means", lambda a: a[:, 1:]),
}


@pytest.mark.parametrize("damage", DAMAGED_CURVES.values(), ids=DAMAGED_CURVES)
def test_a_curve_that_does_not_fit_is_refused_in_one_sentence(copied, damage):
    damage(copied)
    with pytest.raises(ib.FamilyError, match="measure (it|the curve) again") as refused:
        ib.family("cifar10", copied).at(2.0)
    assert "\n" not in str(refused.value) and len(str(refused.value)) < 500


def test_a_curve_of_other_test_images_is_not_mixed_with_those_of_the_models(copied):
    for id in GAMMAS:
        edit_arrays(lambda arrays: arrays.update(hashes=arrays["hashes"][::-1]))(copied / id)
    with pytest.raises(ib.FamilyError, match="measured on other test images: measure it again"):
        _ = ib.family("cifar10", copied).checkpoint(2.0).latent


@pytest.mark.slow
def test_a_copy_of_the_test_set_in_another_order_gives_the_same_curve(family, copied):
    images, labels = colourful_images(300)
    order = np.random.default_rng(0).permutation(300)
    (copied / "cifar10.curve.json").write_text("{")  # an older curve may be damaged
    again = ib.family("cifar10", copied)
    measure_curve.measure_curve(again, images[order], labels[order], colourful_images(80, seed=5)[0], 7)
    again = ib.family("cifar10", copied)
    np.testing.assert_allclose(again.arrays["posterior"], family.arrays["posterior"], atol=1e-3)
    assert [place.error for place in again.curve] == pytest.approx([place.error for place in family.curve])
    with pytest.raises(ib.FamilyError, match=r"^1 of the 300 test images .* are not in this copy$"):
        measure_curve.measure_curve(again, images[1:], labels[1:], images, 7)


def test_where_the_checkpoints_describe_some_images_the_curve_is_of_all(tmp_path, monkeypatch):
    monkeypatch.setattr(latent_views, "MAX_PROBABILITIES", 40 * 3)
    monkeypatch.setattr(measure_curve, "MAX_COORDINATES", 15 * 3)
    family = save_own_family(tmp_path, (1, 8, 8), 3)
    card, described = family.members[0].card, family.members[0].latent["hashes"]
    stored = json.loads(family.curve_path.read_text())
    assert len(described) == 40 < card["measured"]["images"] == stored["measured"]["images"]
    assert family.curve[0].error == card["error"]
    assert len(family.arrays["rows"]) == 15
    np.testing.assert_array_equal(family.arrays["hashes"], described[family.arrays["rows"]])
    assert family.checkpoint(1.0).latent["posterior"].shape == (15, 3)
