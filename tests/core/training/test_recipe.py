"""The recipe of each family: its trainings, their starting points and their schedules."""

import json

import pytest

from ibinn_core.data import DATASETS
from ibinn_core.training import TrainingConfig
from ibinn_core.training.recipe import RECIPES, Member, family, with_ancestors

DATA_SETS = ("cifar10", "cifar100", "mnist", "fashion-mnist")


def configs(dataset: str) -> dict[str, TrainingConfig]:
    return {member.id: member.config for member in family(dataset)}


def way(dataset: str, id: str) -> list[str]:
    """The ancestors of a training, itself first, the one from scratch last."""
    members, found = configs(dataset), [id]
    while found[-1] in members and members[found[-1]].init:
        found.append(members[found[-1]].init)
    return found


def test_the_recipe_has_a_family_of_each_data_set():
    assert set(RECIPES) - {"default"} == set(DATA_SETS)
    with pytest.raises(ValueError, match="no family of 'letters'; choose one of cifar10"):
        family("letters")


@pytest.mark.parametrize("dataset", ["cifar10", "mnist"])
def test_all_gamma_grow_on_one_tree_and_what_must_not_know_the_labels_has_no_ancestor_that_does(dataset):
    members, prefix = configs(dataset), DATASETS[dataset].id_prefix
    for id, config in members.items():
        if "scratch" not in id and config.objective.kind == "ib":
            assert way(dataset, id)[-1] == f"{prefix}trunk-start", id
    for id in ("only-lx", "class-nll", "class-nll-regularized"):
        assert all(members[one].objective.gamma == 0 for one in way(dataset, prefix + id)[1:])
    assert way("cifar10", "only-ly-scratch") == ["only-ly-scratch", "trunk-scratch"]


@pytest.mark.parametrize("dataset", DATA_SETS)
def test_every_training_is_well_formed(dataset):
    members, known = family(dataset), set()
    prefix = DATASETS[dataset].id_prefix
    for member in members:
        config = member.config
        assert member.id.startswith(prefix) and {id for id in member.needs if id.startswith(prefix)} <= known, member.id
        known.add(member.id)
        assert TrainingConfig.from_dict(json.loads(json.dumps(config.to_dict()))) == config
        falls = member.exported or member.id in ("trunk-generative", "trunk-discriminative")
        assert (config.decay > 0) == falls and config.average and config.dataset == dataset, member.id
    teachers = {teacher for member in members for teacher in member.config.teachers}
    assert teachers <= {member.id for member in members if member.exported}


def test_cifar100_grows_on_the_tree_of_cifar10_and_what_must_not_know_labels_on_a_trunk_without():
    others = configs("cifar10")
    outside = [m for m in family("cifar100") if m.config.init in others]
    without_labels = {"only-lx", "class-nll", "class-nll-regularized"}
    for member in outside:
        id, config = member.id.removeprefix("cifar100-"), member.config
        assert config.init == ("trunk-likelihood" if id in without_labels else id)
        # Its normalisation is CIFAR-10's.
        assert (config.architecture, config.model) == (others[config.init].architecture, others[config.init].model)
    assert len(outside) == 6


def test_a_scale_shortens_every_training():
    for one, other in zip(family(), family(scale=0.1), strict=True):
        assert one.id == other.id and other.config.epochs == pytest.approx(one.config.epochs / 10)
        assert other.config.warmup == pytest.approx(min(0.1, 10 * one.config.warmup))
    for scale in (float("nan"), 1000.5):
        with pytest.raises(ValueError, match=f"must be above 0 and at most 1000, not {scale:g}"):
            family(scale=scale)


def test_a_part_of_the_family_brings_its_ancestors():
    config = TrainingConfig(init="trunk")
    assert Member("one", config, mixed_in=("other", 0.2)).needs == {"trunk", "other"}
    members = family()
    chosen = [m.id for m in with_ancestors(members, ["gamma-1"])]
    assert chosen == ["trunk-start", "trunk-labels", "trunk-generative", "gamma-1"]
    assert with_ancestors(members, []) == members
    assert next(m for m in members if m.id == "gamma-1").mixed_in == ("trunk-generative", 0.5)
    with pytest.raises(ValueError, match="no model is called gamma-7; there are"):
        with_ancestors(members, ["gamma-7"])
