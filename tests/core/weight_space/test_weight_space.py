"""A model at any γ between the trained ones: its weights, its methods, and families without one."""

import dataclasses
import hashlib
import json
import math
import os
import pickle
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from checkpoint_helpers import colourful_images, edit_arrays, edit_json, renew_manifest
from curve_helpers import GAMMAS, ROOT, save_family, save_own_family

import ibinn_core as ib
from ibinn_core import weight_space as ws
from ibinn_core.__main__ import main
from ibinn_core.checkpoint import CONFIG
from ibinn_core.evaluation import encode_images, latent_views, measure_curve
from ibinn_core.evaluation.measure_curve import gammas_of


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    place = tmp_path_factory.mktemp("family")
    save_family(place)
    return place


@pytest.fixture
def family(folder) -> ws.Family:
    return ib.family("cifar10", folder)


@pytest.fixture(scope="module")
def x() -> torch.Tensor:
    return ib.to_unit(colourful_images(20, seed=9)[0])


# --- γ and positions ------------------------------------------------------------------------------------


def test_a_family_says_what_it_is(family):
    assert repr(family) == "Family('cifar10', gammas=(0.0, 0.5, 8.0, inf))"


def test_a_copy_in_a_folder_listed_later_takes_no_place(folder, family, tmp_path, monkeypatch):
    shutil.copytree(family.members[1].path, tmp_path / "zz")
    monkeypatch.setenv("IBINN_CHECKPOINTS", os.pathsep.join([str(folder), str(tmp_path)]))
    both = ib.family("cifar10")
    assert both.members == family.members and both.curve_path == family.curve_path


def test_a_copy_of_a_mixed_model_stays_in_its_family(family, x):
    model = family.at(1.0)
    other = pickle.loads(pickle.dumps(model))
    assert torch.equal(other.encode(x), model.encode(x)) and other.checkpoint.family.gammas == family.gammas


def test_the_trained_gammas_are_the_ticks(family):
    assert family.gammas == (0.0, 0.5, 8.0, math.inf)
    assert [family.position(gamma) for gamma in family.gammas] == [0, 1, 2, 3]


@pytest.mark.parametrize(
    "gamma, position", [(0.25, 0.5), (2.0, 1.5), (1.0, 1.25), (16.0, 2.5), (80.0, 2.9), (0.05, 0.1), (8e9, 3 - 1e-9)]
)
def test_positions_are_even_in_gamma_in_its_logarithm_or_in_its_inverse(family, gamma, position):
    assert family.position(gamma) == pytest.approx(position)
    assert family.gamma_at(position) == pytest.approx(gamma)


@pytest.mark.parametrize("gamma", [-0.1, math.nan, -math.inf, None, "1", True, [1], 10**400, -(10**400)])
def test_a_gamma_that_makes_no_sense_is_one_sentence(family, gamma):
    with pytest.raises(ib.FamilyError, match="gamma must be"):
        family.at(gamma)


def test_a_family_of_the_two_ends_mixes_them_by_their_weights_in_the_loss(folder, tmp_path):
    for id in ("only-lx", "only-ly"):
        shutil.copytree(folder / id, tmp_path / id)
    ends = ib.family("cifar10", tmp_path)
    assert ends.point(1).share == 0.5 and ends.point(4).share == pytest.approx(0.8)
    assert ends.gamma_at(ends.position(4)) == pytest.approx(4) and ends.at(4).checkpoint.gamma == 4


def test_a_gamma_that_is_as_good_as_infinite_is_only_classes(family):
    assert family.point(1e300).share == 0 and family.checkpoint(1e300).id == family.members[-1].id


def test_beyond_the_trained_gammas_there_is_no_model(folder, tmp_path):
    for name in ("gamma-0.5", "gamma-8"):
        (tmp_path / name).symlink_to(folder / name)
    family = ib.family("cifar10", tmp_path)
    for gamma in (0, 0.4, 9, math.inf):
        with pytest.raises(ib.FamilyError, match="from 0.5 to 8, where models are"):
            family.at(gamma)
    assert family.at(2).checkpoint.point.share == pytest.approx(0.5)


# --- the model ------------------------------------------------------------------------------------------


def test_at_a_trained_gamma_it_is_that_model(family, folder, x):
    for name, gamma in GAMMAS.items():
        model = family.at(gamma)
        assert model.checkpoint == family.member(name)
        assert torch.equal(model.encode(x), ib.load(folder / name).encode(x))


def test_weights_and_statistics_lie_between_those_of_the_neighbours(family, folder):
    model = family.at(1.0)
    point = model.checkpoint.point
    assert (point.left, point.right) == ("gamma-0.5", "gamma-8")
    assert point.share == pytest.approx(0.25) and point.gamma == 1.0
    one, other = (ib.load(folder / name).state_dict() for name in ("gamma-0.5", "gamma-8"))
    mixed = model.state_dict()
    for name in mixed:
        if name == "mixture.means" or not mixed[name].is_floating_point():
            continue
        torch.testing.assert_close(mixed[name], 0.75 * one[name] + 0.25 * other[name], rtol=1e-5, atol=1e-6)
    assert any("running_var" in name for name in mixed)


def test_it_can_be_asked_everything(family, x):
    model = family.at(3.0)
    z = model.encode(x)
    assert (model.decode(z) - x).abs().max() < 1e-4
    torch.testing.assert_close(model.posterior(x).sum(1), torch.ones(len(x)))
    per_class = model.log_prob(x, per_class=True) + model.mixture.log_weights
    torch.testing.assert_close(per_class.logsumexp(1), model.log_prob(x), rtol=1e-5, atol=0.05)
    for center in ("mean", "empirical"):
        assert model.sample([3, 4], center=center).shape == (2, 3, 32, 32)
    assert not model.training and not any(p.requires_grad for p in model.parameters())
    assert model.latent_spread > 0


@pytest.mark.slow
def test_the_alignment_keeps_the_posterior_of_the_mixed_network(family, tmp_path, x):
    """Aligned ends and a mixed alignment in between: the same posterior as with no alignment anywhere."""
    save_family(tmp_path, aligned=False)
    plain = ib.family("cifar10", tmp_path).at(3.0)
    model = family.at(3.0)
    assert plain.alignment is None and model.alignment is not None
    torch.testing.assert_close(model.posterior(x), plain.posterior(x), rtol=1e-3, atol=1e-4)
    assert not torch.allclose(model.encode(x), plain.encode(x), atol=0.1)


def test_a_mixture_does_not_touch_the_models_that_it_is_made_of(family, folder, x):
    before = ib.load(folder / "gamma-8").encode(x)
    first = family.at(2.0)
    with torch.no_grad():
        for parameter in first.parameters():
            parameter.fill_(0.1)
    assert torch.equal(family.at(8.0).encode(x), before)
    again = family.at(2.0)
    assert torch.equal(again.encode(x), ib.family("cifar10", folder).at(2.0).encode(x))


def test_it_moves_smoothly(family, x):
    near, far = (family.at(gamma).encode(x) for gamma in (7.99, 0.51))
    assert (near - family.at(8.0).encode(x)).abs().max() < 0.05 * (far - near).abs().max()


# --- models that do not mix -----------------------------------------------------------------------------


def copy_with(folder: Path, target: Path, name: str, change) -> ws.Family:
    for member in GAMMAS:
        (target / member).mkdir()
        for file in (folder / member).iterdir():
            (target / member / file.name).write_bytes(file.read_bytes())
    edit_json(target / name / CONFIG, change)
    return ib.family("cifar10", target)


@pytest.mark.parametrize(
    "change, reason",
    [
        (lambda v: v.update(ancestry=[{**ROOT[0], "seconds": 8}]), "do not start from the same training"),
        (lambda v: v["training"]["architecture"].update(clamp=0.6), "are not of one network"),
        (lambda v: v["training"].update(noise=0.01), "on different images or noise"),
    ],
    ids=["trunk", "network", "noise"],
)
def test_models_that_are_not_connected_do_not_mix(folder, tmp_path, change, reason):
    family = copy_with(folder, tmp_path, "gamma-8", change)
    for gamma in (2.0, 20.0):
        with pytest.raises(ib.FamilyError, match=f"no model at gamma .*{reason}"):
            family.at(gamma)
    assert family.at(0.25).checkpoint.point.left == "only-lx"


def test_models_of_other_classes_do_not_mix(family):
    one, other = family.members[1:3]
    assert ws.why_not(one, other) is None
    fewer = dataclasses.replace(other, config={**other.config, "num_classes": 9, "data": {"name": "cifar10"}})
    assert "on different images" in ws.why_not(one, fewer)


def test_branches_that_left_one_training_at_different_times_mix(folder, tmp_path):
    """A trunk that continued between two branches is the same trunk by its origin."""
    later = [{**ROOT[0], "epochs": 9.0, "seconds": 99, "origin": "abc"}]
    family = copy_with(folder, tmp_path, "gamma-8", lambda values: values.update(ancestry=later))
    edit_json(tmp_path / "only-ly" / CONFIG, lambda v: v.update(ancestry=[{**ROOT[0], "origin": "abc"}]))
    assert ib.family("cifar10", tmp_path).at(20.0).checkpoint.point.right == "only-ly"
    with pytest.raises(ib.FamilyError, match="do not start from the same training"):
        family.at(2.0)


def test_networks_with_other_rotations_do_not_mix(folder, tmp_path):
    copy_with(folder, tmp_path, "gamma-8", lambda values: None)
    model = ib.load(tmp_path / "gamma-8")
    fixed = next(m for name, m in model.named_modules() if name.endswith("rotation"))
    fixed.set(fixed.matrix.flip(0))
    (tmp_path / "gamma-8" / "weights.safetensors").write_bytes(ib.checkpoint.weights_as_stored(model))
    renew_manifest(tmp_path / "gamma-8")
    family = ib.family("cifar10", tmp_path)
    with pytest.raises(ib.FamilyError, match="their fixed .*rotation.matrix differs"):
        family.at(2.0)


def test_a_model_from_scratch_gives_way_to_the_one_that_has_relatives(folder, tmp_path):
    family = copy_with(folder, tmp_path, "only-ly", lambda values: None)
    scratch = tmp_path / "only-ly-scratch"
    scratch.mkdir()
    for file in (tmp_path / "only-ly").iterdir():
        (scratch / file.name).write_bytes(file.read_bytes())
    edit_json(scratch / CONFIG, lambda values: values.update(ancestry=[]))
    family = ib.family("cifar10", tmp_path)
    assert [member.id for member in family.members] == list(GAMMAS)


def test_without_models_there_is_no_family(tmp_path, folder):
    with pytest.raises(ib.FamilyError, match="no family of models of 'cifar10'.*: none"):
        ib.family("cifar10", tmp_path)
    with pytest.raises(ib.FamilyError, match="no family of models of 'mnist'.*: cifar10"):
        ib.family("mnist", folder)


# --- the curve ------------------------------------------------------------------------------------------


def test_places_are_the_ticks_and_equally_many_between(family):
    assert gammas_of(family, 7) == pytest.approx([0, 0.25, 0.5, 2, 8, 16, math.inf])
    assert len(gammas_of(family, 21)) >= 21


@pytest.mark.slow
def test_the_curve_is_what_the_models_there_are_worth(measured):
    family = ib.family("cifar10", measured)
    images, labels = colourful_images(300)
    assert [place.gamma for place in family.curve] == pytest.approx([0, 0.25, 0.5, 2, 8, 16, math.inf])
    for place in family.curve:
        model = family.at(place.gamma)
        found = encode_images(model, images)
        assert place.error == pytest.approx((found.posterior.argmax(1) != labels).mean())
        bits = ib.bits_per_dim(found.log_prob.astype(np.float64), 3072).mean()
        assert place.bits_per_dim == pytest.approx(bits, abs=1e-5)
        point = family.point(place.gamma)
        assert point.measured and point.bits_per_dim == pytest.approx(place.bits_per_dim)
        assert not point.share or model.checkpoint.point == point


def test_between_two_places_the_numbers_are_interpolated_and_say_so(measured):
    family = ib.family("cifar10", measured)
    point = family.point(1.0)
    assert not point.measured
    low, high = (next(p for p in family.curve if p.gamma == pytest.approx(g)) for g in (0.5, 2))
    assert point.error == pytest.approx((low.error + high.error) / 2)


@pytest.mark.slow
def test_the_stored_coordinates_are_those_of_the_images(measured):
    family = ib.family("cifar10", measured)
    arrays, images = family.arrays, colourful_images(300)[0]
    assert arrays["coordinates"].shape == (7, 300, 9) and arrays["coordinates"].dtype == np.float16
    for number, place in enumerate(family.curve):
        model = family.at(place.gamma)
        z = encode_images(model, images[arrays["rows"]]).latents
        means = model.class_means.numpy()
        # Distances between images and means in the span do not depend on how its axes are turned.
        own = np.linalg.norm((z[:, None] - means) @ np.linalg.svd(means - means.mean(0))[2][:9].T, axis=2)
        stored = arrays["coordinates"][number].astype(np.float32)[:, None] - arrays["class_means"][number]
        np.testing.assert_allclose(np.linalg.norm(stored, axis=2), own, rtol=0.02, atol=0.1)


def test_axes_turn_as_little_as_can_be_from_place_to_place(measured):
    means = ib.family("cifar10", measured).arrays["class_means"]
    for before, after in zip(means[:-1], means[1:], strict=True):
        turn = ib.exploration.align(before, after)
        np.testing.assert_allclose(turn, np.eye(9), atol=1e-3)


def test_a_curve_of_other_models_is_not_shown(measured, tmp_path):
    for file in measured.iterdir():
        (tmp_path / file.name).symlink_to(file)
    (tmp_path / "gamma-8").unlink()
    (tmp_path / "gamma-8").symlink_to(measured / "gamma-0.5")
    edited = json.loads((measured / "cifar10.curve.json").read_text())
    edited["checkpoints"]["gamma-8"] = "0" * 16
    (tmp_path / "cifar10.curve.json").unlink()
    (tmp_path / "cifar10.curve.json").write_text(json.dumps(edited))
    family = ib.family("cifar10", tmp_path)
    assert family.curve == [] and math.isnan(family.point(0.25).error)


@pytest.mark.parametrize("text", ["", "{}", '{"format": 99}', '{"format": 1, "checkpoints": {}, "places": [{}]}'])
def test_a_damaged_curve_is_one_sentence(measured, tmp_path, text):
    for file in measured.iterdir():
        if file.is_dir():
            (tmp_path / file.name).symlink_to(file)
    (tmp_path / "cifar10.curve.json").write_text(text)
    with pytest.raises(ib.FamilyError, match="damaged or of another version.*measure it again"):
        ib.family("cifar10", tmp_path).curve  # noqa: B018


def test_damaged_arrays_are_one_sentence(measured, tmp_path):
    for file in measured.iterdir():
        (tmp_path / file.name).symlink_to(file)
    (tmp_path / "cifar10.curve.npz").unlink()
    (tmp_path / "cifar10.curve.npz").write_bytes(b"PK no archive")
    with pytest.raises(ib.FamilyError, match="arrays at .* are damaged or missing"):
        ib.family("cifar10", tmp_path).at(2.0)


@pytest.fixture
def copied(measured, tmp_path):
    """A copy of the measured family, whose curve may be damaged."""
    return Path(shutil.copytree(measured, tmp_path / "copied"))


def of_places(change):
    """Damage to the places of the curve's JSON file."""

    def damage(folder: Path) -> None:
        edit_json(folder / "cifar10.curve.json", lambda stored: change(stored["places"]))

    return damage


def of_arrays(change):
    """Damage to the arrays, with a matching SHA-256."""

    def damage(folder: Path) -> None:
        file = folder / "cifar10.curve.npz"
        with np.load(file) as archive:
            arrays = dict(archive)
        change(arrays)
        np.savez(file, **arrays)
        sha256 = hashlib.sha256(file.read_bytes()).hexdigest()
        edit_json(folder / "cifar10.curve.json", lambda stored: stored.update(arrays_sha256=sha256))

    return damage


def changed(name: str, change):
    """Damage to one array."""
    return of_arrays(lambda arrays: arrays.update({name: change(arrays[name])}))


def with_value(value: float):
    """An array with one other number."""

    def change(array: np.ndarray) -> np.ndarray:
        array = array.astype(np.float32)
        array.flat[5] = value
        return array

    return change


def of_fewer_models(folder: Path) -> None:
    """The ends of the family are removed, and the curve belongs to the others."""
    for id in ("only-lx", "only-ly"):
        shutil.rmtree(folder / id)
        edit_json(folder / "cifar10.curve.json", lambda stored, id=id: stored["checkpoints"].pop(id))


DAMAGED_CURVES = {
    "two places of one gamma": of_places(lambda places: places[1].update(gamma=places[2]["gamma"])),
    "a place where no model is": of_places(
        lambda places: places[-1].update(gamma=1e-9) or places[0].update(gamma=-1.0)
    ),
    "a place beyond the models": of_fewer_models,
    "thousands of places": of_places(lambda places: places.extend(2000 * [dict(places[0])])),
    "fewer places than arrays": of_places(lambda places: places.pop()),
    "a place that is a text": of_places(lambda places: places.insert(0, "here")),
    "an alignment of more dimensions": changed("alignment_location", lambda a: np.pad(a, ((0, 0), (0, 1)))),
    "an alignment that cannot be undone": changed("alignment_matrix", np.zeros_like),
    "half an alignment": of_arrays(lambda arrays: arrays.pop("alignment_offset")),
    "no mean of log q(x)": of_arrays(lambda arrays: arrays.pop("log_prob_mean")),
    "means of log q(x) in rows": changed("log_prob_mean", lambda a: a[:, None]),
    "no images": of_arrays(
        lambda arrays: arrays.update(
            rows=arrays["rows"][:0], **{k: arrays[k][:, :0] for k in ("coordinates", "log_prob", "posterior")}
        )
    ),
    "rows that are one number": changed("rows", lambda a: a[0]),
    "rows that are no whole numbers": changed("rows", lambda a: a.astype(np.float32)),
    "coordinates that are texts": changed("coordinates", lambda a: a.astype("U8")),
    "a posterior that is transposed": changed("posterior", lambda a: a.swapaxes(1, 2)),
    "a posterior that is none": changed("posterior", lambda a: 3 * a),
    "coordinates far out": changed("coordinates", with_value(1e30)),
    "a mean that is infinite": changed("class_means", with_value(np.inf)),
    "a likelihood that is no number": changed("log_prob", with_value(np.nan)),
    "one class less": changed("class_means", lambda a: a[:, 1:]),
}


@pytest.mark.parametrize("damage", DAMAGED_CURVES.values(), ids=DAMAGED_CURVES)
def test_a_curve_that_does_not_fit_is_refused_in_one_sentence(copied, damage):
    damage(copied)
    with pytest.raises(ib.FamilyError, match="measure (it|the curve) again") as refused:
        ib.family("cifar10", copied).arrays  # noqa: B018
    assert "\n" not in str(refused.value) and len(str(refused.value)) < 500


def test_arrays_that_were_changed_on_their_way_are_refused(copied):
    file = copied / "cifar10.curve.npz"
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(data)
    with pytest.raises(ib.FamilyError, match="SHA-256"):
        ib.family("cifar10", copied).arrays  # noqa: B018


def test_the_command_refuses_in_one_sentence(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("IBINN_CHECKPOINTS", str(tmp_path))
    monkeypatch.setenv("IBINN_DATA", str(tmp_path))
    assert main(["curve"]) == 1
    error = capsys.readouterr().err
    assert error.startswith("ibinn curve: ") and error.count("\n") == 1


@pytest.mark.slow
def test_a_copy_of_the_test_set_in_another_order_gives_the_same_curve(measured, tmp_path):
    shutil.copytree(measured, tmp_path / "copy")
    before, family = ib.family("cifar10", measured), ib.family("cifar10", tmp_path / "copy")
    images, labels = colourful_images(300)
    order = np.random.default_rng(0).permutation(300)
    measure_curve.measure_curve(family, images[order], labels[order], colourful_images(80, seed=5)[0], 7)
    again = ib.family("cifar10", tmp_path / "copy")
    np.testing.assert_allclose(again.arrays["posterior"], before.arrays["posterior"], atol=1e-3)
    assert [place.error for place in again.curve] == pytest.approx([place.error for place in before.curve])
    with pytest.raises(ib.FamilyError, match=r"^1 of the 300 test images .* are not in this copy$"):
        measure_curve.measure_curve(family, images[1:], labels[1:], images, 7)


def test_a_curve_of_other_test_images_is_not_mixed_with_those_of_the_models(measured, tmp_path):
    shutil.copytree(measured, tmp_path / "copy")
    reverse = edit_arrays(lambda arrays: arrays.update(hashes=arrays["hashes"][::-1]))
    for id in GAMMAS:
        reverse(tmp_path / "copy" / id)
    with pytest.raises(ib.FamilyError, match="measured on other test images: measure it again"):
        _ = ib.family("cifar10", tmp_path / "copy").checkpoint(2.0).latent


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
    mixed = family.checkpoint(1.0)
    assert mixed.latent["posterior"].shape == (15, 3)
