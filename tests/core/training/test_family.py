"""python -m ibinn_core family: which trainings there are, in which order they run, and that they go on."""

import json
import math
import os
import subprocess
import time
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from checkpoint_helpers import QUICK_UMAP, SMALL, edit_json, small_data_set
from family_training_helpers import InThisProcess

import ibinn_core as ib
from ibinn_core import __main__
from ibinn_core.data import DATASETS
from ibinn_core.models.mixture import tempered
from ibinn_core.models.objectives import Objective
from ibinn_core.training import Trainer, TrainingConfig, read_state, scheduler
from ibinn_core.training.export import save_trunk
from ibinn_core.training.outcome import finished_training
from ibinn_core.training.recipe import (
    PLANS,
    RESNET_COST,
    Member,
    competitors,
    family,
    with_ancestors,
)
from ibinn_core.training.scheduler import _still_needed, train_family, usable_cores
from ibinn_core.training.state import model_weights
from ibinn_core.training.trunk import is_trunk, trunk_weights
from ibinn_core.training.warm_start import warm_start, without_alignment

TINY = TrainingConfig(architecture=SMALL, batch_size=50, epochs=1, held_out=20)


@pytest.fixture(scope="module", autouse=True)
def tiny_data(tmp_path_factory):
    """A small cifar10.npz is what trainings and exports use, in processes of their own too, each of one thread."""
    folder = tmp_path_factory.mktemp("data")
    with small_data_set(folder, train=220, test=60), pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", os.pathsep.join(filter(None, [str(QUICK_UMAP), os.environ.get("PYTHONPATH")])))
        patch.setattr(scheduler, "usable_cores", lambda: usable_cores()[:1])
        yield


@pytest.fixture
def in_this_process(monkeypatch):
    """For tests of what the family trains and in which order, where no two trainings run at the same time."""
    monkeypatch.setattr(scheduler, "subprocess", SimpleNamespace(Popen=InThisProcess, STDOUT=subprocess.STDOUT))


def test_the_family_has_the_models_of_the_papers_figures_and_only_l_y_twice():
    members = {m.id: m for m in family()}
    shown = [m for m in members.values() if m.exported]
    gammas = [m.config.objective.gamma for m in shown if m.id.startswith("gamma-")]
    assert sorted(gammas) == list(PLANS["cifar10"].gammas)
    others = {m.id for m in shown if not m.id.startswith("gamma-")}
    assert others == {"only-lx", "only-ly", "only-ly-scratch", "class-nll"}
    assert members["only-lx"].config.objective.gamma == 0
    assert members["only-ly"].config.objective.gamma == members["only-ly-scratch"].config.objective.gamma == math.inf
    assert members["class-nll"].config.objective.kind == "class-nll"
    assert len({m.config.architecture for m in members.values()}) == 1
    assert len({m.config.batch_size for m in members.values()}) == 1


def roots(members: dict[str, Member], id: str) -> list[str]:
    """What a member comes from, itself first and the one that started from nothing last."""
    init = members[id].config.init if id in members else None
    return [id, *(roots(members, init) if init else [])]


def test_all_gamma_grow_on_one_tree():
    members = {m.id: m for m in family()}
    for id, member in members.items():
        if "scratch" not in id and member.config.objective.kind == "ib":
            assert roots(members, id)[-1] == "trunk-start", id
    assert roots(members, "only-ly-scratch") == ["only-ly-scratch", "trunk-scratch"]
    assert all(members[id].config.objective.gamma == math.inf for id in ("only-ly-scratch", "trunk-scratch"))
    assert not any("scratch" in m.id for m in family("mnist"))


def test_what_must_not_know_the_labels_has_no_ancestor_that_does():
    members = {m.id: m for m in family()}
    for id in ("only-lx", "class-nll"):
        for ancestor in roots(members, id)[1:]:
            assert members[ancestor].config.objective == Objective(gamma=0)


def test_what_is_compared_has_had_equally_many_epochs_unless_the_plan_says_fewer(monkeypatch: pytest.MonkeyPatch):
    plan = PLANS["cifar10"]
    monkeypatch.setitem(PLANS, "cifar10", replace(plan, epochs_of={}))
    members = {m.id: m for m in [*family(), *competitors()]}

    def epochs(id: str, with_labels: bool) -> float:
        chain = [members[name].config for name in roots(members, id)]
        return sum(c.epochs for c in chain if not with_labels or c.objective.gamma != 0)

    discriminative = epochs("only-ly", False)
    assert epochs("only-ly-scratch", False) == epochs("i-revnet", False) == pytest.approx(discriminative)
    assert epochs("resnet", False) * RESNET_COST == pytest.approx(discriminative)  # in hours
    assert epochs("class-nll", True) == epochs("gamma-1", True) == epochs("class-nll-regularized", True)

    own = {"class-nll": 2.0, "only-ly-scratch": 20.0, "only-lx": 5.0}
    monkeypatch.setitem(PLANS, "cifar10", replace(plan, epochs_of=own))
    members = {m.id: m for m in [*family(), *competitors()]}
    assert epochs("class-nll", True) == epochs("class-nll-regularized", True) == 2
    assert epochs("only-ly-scratch", False) == epochs("i-revnet", False) == 20
    assert members["only-lx"].config.epochs == 5


def test_with_labels_no_branch_goes_down_in_gamma_but_from_the_trunk_of_gamma_1():
    members = {m.id: m.config for m in family()}
    for id, config in members.items():
        if id.startswith(("gamma-", "only-ly")) and id != "only-ly-scratch":
            source = members[config.init].objective.gamma
            assert source == (18.05 if config.objective.gamma >= 18.05 else 1), id
            assert config.init == ("trunk-discriminative" if source == 18.05 else "trunk-generative"), id


def test_trunks_keep_their_rate_and_average_and_branches_fall_to_zero():
    members = {m.id: m for m in family()}
    for id, member in members.items():
        config = member.config
        assert config.average > 0, id
        if id == "trunk-discriminative":  # its teachers were those of the trunk before
            assert config.decay == 1 and 0 < config.floor < 1, id
        else:
            falls = member.exported or id == "trunk-generative"
            assert config.decay > 0 if falls else (config.decay, config.floor) == (0, 0), id
        if id == "trunk-generative":  # as a branch: its images are whole, and moved less
            assert (config.shift, config.cutout) == (2, 0) and not config.teachers
        assert bool(config.teachers) == (id in ("trunk-taught", "gamma-1")), id
        shares = {"gamma-1": ("trunk-generative", 0.5), "gamma-35.65": ("trunk-taught", 0.4)}
        assert member.mixed_in == (shares | {"only-ly": shares["gamma-35.65"]}).get(id), id
        # A hidden square is for what is taught and for the trunks: what else is shown ends on images as they are.
        assert not member.exported or config.teachers or id == "only-ly-scratch" or not config.cutout, id


def test_a_branch_begins_at_the_rate_at_which_its_trunk_ended():
    for dataset in PLANS:
        members = {m.id: m.config for m in family(dataset)}
        for id, config in members.items():
            trunk = members.get(config.init or "")
            if (config.init or "").endswith(("gamma-1", "trunk-generative")):  # whose rates have fallen to zero
                labels = members[f"{DATASETS[dataset].id_prefix}trunk-labels"]
                assert config.learning_rate == PLANS[dataset].restart_rate * labels.learning_rate, id
            elif trunk and trunk.objective.gamma:
                assert config.learning_rate == trunk.learning_rate * (trunk.floor if trunk.decay else 1), id


def test_digits_have_a_teacher_from_the_first_label_on():
    members = {m.id: m.config for m in [*family("mnist"), *competitors("mnist")]}
    assert "mnist-trunk-taught" not in members
    trunk = members["mnist-trunk-discriminative"]
    assert trunk.init == "mnist-trunk-labels" and trunk.decay == 0 and trunk.cutout
    grown = {id for id in members if "mnist-trunk-labels" in roots({i: Member(i, c) for i, c in members.items()}, id)}
    assert {id for id, config in members.items() if config.teachers} == grown
    assert all(members[id].teachers == ("mnist-resnet",) and members[id].cutout for id in grown)


@pytest.mark.parametrize("dataset", ["mnist", "fashion-mnist"])
def test_what_a_branch_of_digits_forgot_of_its_trunk_is_mixed_in_from_gamma_1_on(dataset):
    for member in family(dataset):
        if member.exported and member.config.objective.kind == "ib":
            if member.config.objective.gamma >= 1 and member.config.init:
                trunk, share = member.mixed_in
                shares = {"trunk-discriminative": 0.2, "trunk-labels": 0.6 if member.id.endswith("gamma-1") else 0.4}
                assert trunk == member.config.init and share == shares[trunk[trunk.index("trunk-") :]], member.id
            else:
                assert member.mixed_in is None, member.id


def test_cifar100_grows_on_the_tree_of_cifar10_and_what_must_not_know_labels_on_a_trunk_without():
    members = {m.id: m for m in [*family("cifar100"), *competitors("cifar100")]}
    others = {m.id: m for m in [*family(), *competitors()]}
    outside = {id.removeprefix("cifar100-"): m.config.init for id, m in members.items() if m.starts_outside}
    without_labels = dict.fromkeys(("only-lx", "class-nll", "class-nll-regularized"), "trunk-likelihood")
    own_kind = {"trunk-labels": "trunk-labels", "resnet": "resnet", "i-revnet": "i-revnet"}
    assert outside == own_kind | without_labels
    for id, source in outside.items():
        member = members[f"cifar100-{id}"]
        assert not member.needs
        assert member.config.architecture == others[source].config.architecture  # its normalisation is CIFAR-10's
        assert member.config.model == others[source].config.model
    assert not any(source in member.id for member in members.values() for source in PLANS["cifar100"].borrowed)
    way = ["cifar100-trunk-taught", "cifar100-trunk-labels", "trunk-labels"]
    assert roots(members, "cifar100-only-ly")[-3:] == way and "cifar100-trunk-discriminative" not in members
    of_one, smaller = (members[f"cifar100-gamma-{gamma}"].config for gamma in ("1", "0.1"))
    assert smaller.init == "cifar100-gamma-1" and smaller.learning_rate == of_one.learning_rate
    assert members["cifar100-only-ly"].config.epochs == 5
    for kind in ("resnet", "i-revnet"):
        config = members[f"cifar100-{kind}"].config
        assert config.epochs == 10 and config.decay == 1
        assert config.cutout  # it has not seen these images before


def test_what_starts_from_the_models_that_are_here_has_their_architectures(tmp_path):
    members = [m for m in [*family("cifar100"), *competitors("cifar100")] if m.starts_outside]
    found = scheduler._outside(members, tmp_path, [scheduler.TRUNKS], tmp_path)
    assert len(found) == 4
    for member in {m.config.init: m for m in members}.values():
        config = scheduler._with_source(member, tmp_path, found)
        warm_start(config.init)(config.new_model(100))  # refuses other architectures


def test_cifar100_has_the_models_of_table_2_and_more():
    members = {m.id: m for m in [*family("cifar100"), *competitors("cifar100")]}
    shown = {id.removeprefix("cifar100-") for id, m in members.items() if m.exported}
    of_paper = {"only-lx", "gamma-0.1", "only-ly", "class-nll", "class-nll-regularized", "resnet", "i-revnet"}
    assert shown == of_paper | {"gamma-0.02", "gamma-1", "only-ly-scratch"}
    assert {m.config.dataset for m in members.values()} == {"cifar100"}
    taught = {id.removeprefix("cifar100-"): m.config for id, m in members.items() if m.config.teachers}
    assert taught.keys() == {"trunk-taught", "gamma-0.02", "gamma-0.1", "gamma-1", "only-ly"}
    assert {(config.teachers, config.cutout, config.shift) for config in taught.values()} == {
        (("cifar100-resnet",), 16, 4)
    }
    assert "cifar100-resnet" in members


def test_fashion_mnist_has_the_plan_of_the_digits_and_its_own_normalisation():
    digits, clothes = family("mnist"), family("fashion-mnist")
    assert [m.id for m in clothes] == ["fashion-" + m.id for m in digits]
    assert {m.config.architecture.mean for m in clothes} == {(0.2860,)} and all(m.config.flip for m in clothes)
    for one, other in zip(digits, clothes, strict=True):
        own = {"dataset": "mnist", "flip": False, "init": one.config.init, "architecture": one.config.architecture}
        own["teachers"] = one.config.teachers
        assert replace(other.config, **own) == one.config


def test_a_scale_shortens_every_training():
    whole, short = family(), family(scale=0.1)
    assert [m.id for m in whole] == [m.id for m in short]
    for one, other in zip(whole, short, strict=True):
        assert other.config.epochs == pytest.approx(one.config.epochs / 10)


def test_a_part_of_the_family_brings_its_ancestors():
    members = family()
    chosen = [m.id for m in with_ancestors(members, ["gamma-1"])]
    assert chosen == ["trunk-start", "trunk-labels", "trunk-generative", "gamma-1"]
    assert [m.id for m in with_ancestors(members, ["only-lx"])] == ["trunk-start", "trunk-likelihood", "only-lx"]
    assert with_ancestors(members, []) == members
    with pytest.raises(ValueError, match="no model is called gamma-7; there are"):
        with_ancestors(members, ["gamma-7"])
    with pytest.raises(ValueError, match="no family of 'letters'; choose one of cifar10"):
        family("letters")


@pytest.mark.slow
def test_trunk_and_branches_are_trained_in_order_exported_and_then_left_alone(tmp_path):
    members = [
        Member("trunk", replace(TINY, decay=0), exported=False),
        Member("branch", replace(TINY, init="trunk", objective=Objective(gamma=math.inf))),
        Member("other", replace(TINY, init="trunk"), exported=False),
    ]
    said = []
    train_family(members, tmp_path / "runs", tmp_path / "checkpoints", jobs=2, say=said.append)
    trunk, branch = (read_state(tmp_path / "runs" / id) for id in ("trunk", "branch"))
    assert trunk[1].finished and branch[1].finished and branch[1].step == 4
    (checkpoint,) = ib.checkpoints(tmp_path / "checkpoints")
    assert checkpoint.id == "branch" and checkpoint.gamma == math.inf
    assert [a["epochs"] for a in checkpoint.config["ancestry"]] == [1.0]
    states = [tmp_path / "runs" / m.id / "state.safetensors" for m in members]
    before = [state.stat().st_mtime_ns for state in states]
    said.clear()
    train_family(members, tmp_path / "runs", tmp_path / "checkpoints", say=said.append)
    assert not said and before == [state.stat().st_mtime_ns for state in states]
    # A training that is newer than its checkpoint is exported again.
    os.utime(states[1], (time.time() + 5,) * 2)
    train_family(members, tmp_path / "runs", tmp_path / "checkpoints", say=said.append)
    assert [line.split(",")[0] for line in said][0] == "branch: export"


@pytest.mark.slow
def test_what_comes_first_in_the_recipe_is_trained_first(tmp_path, in_this_process):
    members = [
        Member("trunk", TINY, exported=False),
        Member("branch", replace(TINY, init="trunk"), exported=False),
        Member("other", TINY, exported=False),  # needs nothing, but comes last
    ]
    said = []
    train_family(members, tmp_path, tmp_path / "none", jobs=1, say=said.append)
    assert [line.split(":")[0] for line in said if ": train" in line] == ["trunk", "branch", "other"]


@pytest.mark.slow
def test_branches_start_from_a_kept_trunk_which_is_not_trained_again(tmp_path, in_this_process):
    members = [
        Member("start", TINY, exported=False),
        Member("trunk", replace(TINY, init="start", decay=0), exported=False),
        Member("branch", replace(TINY, init="trunk", objective=Objective(gamma=3.0))),
    ]
    train_family(members[:2], tmp_path / "first", tmp_path / "none", say=print)
    assert __main__.main(["trunk", str(tmp_path / "first" / "trunk"), str(tmp_path / "trunks" / "trunk")]) == 0
    said = []
    train_family(members, tmp_path / "runs", tmp_path / "to", trunks=tmp_path / "trunks", say=said.append)
    assert {line.split(":")[0] for line in said} == {"branch"}
    (checkpoint,) = ib.checkpoints(tmp_path / "to")
    objectives = [a["objective"]["gamma"] for a in checkpoint.config["ancestry"]]
    assert objectives == [1.0, 1.0] and checkpoint.config["training"]["init"] == "trunk"
    kept = trunk_weights(tmp_path / "trunks" / "trunk")
    for name, value in model_weights(read_state(tmp_path / "first" / "trunk")[0]).items():
        stored = value.half().to(value.dtype) if ".subnetwork." in name and value.ndim > 1 else value
        assert torch.equal(kept[name], stored)


@pytest.mark.slow
def test_a_trunk_that_keeps_a_finished_training_is_exported_as_its_state_is(tmp_path, in_this_process, capsys):
    members = [
        Member("trunk", TINY, exported=False),
        Member("branch", replace(TINY, init="trunk", objective=Objective(gamma=3.0))),
    ]
    train_family(members, tmp_path / "runs", tmp_path / "to", say=print)
    assert __main__.main(["trunk", str(tmp_path / "runs" / "branch"), str(tmp_path / "kept" / "branch")]) == 0
    assert __main__.main(["export", str(tmp_path / "kept" / "branch"), str(tmp_path / "again" / "branch")]) == 0
    one, other = (ib.checkpoints(tmp_path / place)[0] for place in ("to", "again"))
    assert (one.path / "weights.safetensors").read_bytes() == (other.path / "weights.safetensors").read_bytes()
    assert one.config == other.config and one.card == other.card and one.history == other.history

    assert __main__.main(["export", str(one.path), str(tmp_path / "anew" / "branch")]) != 0
    assert "is a checkpoint already" in capsys.readouterr().err

    unfinished = Trainer(
        replace(TINY, epochs=3), *ib.data.load("cifar10", "train"), tmp_path / "long", precision="fp32"
    )
    unfinished.total_steps = 4  # interrupted
    unfinished.run()
    save_trunk(tmp_path / "long", tmp_path / "kept" / "long")
    with pytest.raises(ValueError, match="long is not finished: continue it"):
        finished_training(tmp_path / "kept" / "long")


@pytest.mark.slow
def test_a_finished_training_that_is_kept_is_exported_and_what_starts_from_it_is_trained(tmp_path, in_this_process):
    members = [
        Member("trunk", TINY, exported=False),
        Member("branch", replace(TINY, init="trunk", objective=Objective(gamma=3.0))),
        Member("twig", replace(TINY, init="branch", objective=Objective(gamma=2.0)), mixed_in=("branch", 0.2)),
    ]
    train_family(members[:2], tmp_path / "first", tmp_path / "to", say=print)
    assert __main__.main(["trunk", str(tmp_path / "first" / "branch"), str(tmp_path / "trunks" / "branch")]) == 0
    said = []
    train_family(members, tmp_path / "runs", tmp_path / "again", trunks=tmp_path / "trunks", say=said.append)
    begun = [line.split(",")[0] for line in said if ", log in" in line]
    assert sorted(begun) == ["branch: export", "twig: export", "twig: train"]
    (one,), (twig, other) = (ib.checkpoints(tmp_path / place) for place in ("to", "again"))  # in the order of γ
    assert one.card == other.card and one.config == other.config
    assert [a["objective"]["gamma"] for a in twig.config["ancestry"]] == [1.0, 3.0] and twig.config["mixed_in"]
    said.clear()
    train_family(members, tmp_path / "runs", tmp_path / "again", trunks=tmp_path / "trunks", say=said.append)
    assert said == []  # all is there


@pytest.mark.slow
def test_what_a_kept_training_started_from_is_not_asked_for(tmp_path, in_this_process):
    member = Member("one", replace(TINY, init="gone"), starts_outside=True)
    train_family([Member("one", TINY, exported=False)], tmp_path / "first", tmp_path / "none", say=print)
    save_trunk(tmp_path / "first" / "one", tmp_path / "kept" / "one")
    with pytest.raises(ValueError, match="one starts from gone, which is neither in"):
        train_family([member], tmp_path / "runs", tmp_path / "to", say=print)
    said = []
    train_family([member], tmp_path / "runs", tmp_path / "to", trunks=tmp_path / "kept", say=said.append)
    assert [line.split(",")[0] for line in said if ", log in" in line] == ["one: export"]
    assert [c.id for c in ib.checkpoints(tmp_path / "to")] == ["one"]


@pytest.mark.slow
def test_what_is_mixed_in_is_trained_or_taken_from_the_kept_trunks(tmp_path, in_this_process):
    members = [
        Member("trunk", replace(TINY, decay=0), exported=False),
        Member("branch", replace(TINY, init="trunk"), mixed_in=("trunk", 0.25)),
    ]
    train_family(members, tmp_path / "runs", tmp_path / "to", say=print)
    trunk, end = (model_weights(read_state(tmp_path / "runs" / id)[0]) for id in ("trunk", "branch"))
    (checkpoint,) = ib.checkpoints(tmp_path / "to")
    assert checkpoint.config["mixed_in"] == {"with": "trunk", "share": 0.25}
    mixed = without_alignment(ib.load(checkpoint).state_dict())
    for name, value in end.items():
        if value.is_floating_point():
            expected = torch.lerp(value, trunk[name], 0.25)
            if name == "mixture.means":
                expected = tempered(
                    expected, mixed["mixture.phi"].log_softmax(0), 1 / checkpoint.card["alignment"]["power"]
                )
            torch.testing.assert_close(mixed[name], expected, rtol=1e-3, atol=1e-6)  # kernels have half precision
    assert __main__.main(["trunk", str(tmp_path / "runs" / "trunk"), str(tmp_path / "trunks" / "trunk")]) == 0
    (tmp_path / "runs" / "branch" / "state.safetensors").touch()  # so that it is exported again
    before = checkpoint.path.stat().st_mtime_ns
    train_family(members, tmp_path / "runs", tmp_path / "to", trunks=tmp_path / "trunks", say=print)
    (again,) = ib.checkpoints(tmp_path / "to")
    assert again.path.stat().st_mtime_ns > before and again.config["mixed_in"]["with"] == "trunk"


def test_what_only_a_kept_trunk_started_from_is_not_trained(tmp_path):
    chain = [Member("start", TINY, exported=False)]
    for id, source in (("trunk", "start"), ("second", "trunk")):
        chain.append(Member(id, replace(TINY, init=source, decay=0), exported=False))
    branch, other = Member("branch", replace(TINY, init="second")), Member("other", replace(TINY, init="trunk"))
    kept = {"second": tmp_path / "second"}  # and none of the two before it
    assert [member.id for member in _still_needed([*chain, branch], kept)] == ["branch"]
    assert [member.id for member in _still_needed([*chain, other, branch], kept)] == [
        "start",
        "trunk",
        "other",
        "branch",
    ]


def test_a_trunk_replaces_only_a_trunk_and_damage_is_told(tmp_path, in_this_process):
    train_family([Member("one", TINY, exported=False)], tmp_path, tmp_path / "none", say=print)
    save_trunk(tmp_path / "one", tmp_path / "kept")
    save_trunk(tmp_path / "one", tmp_path / "kept")
    assert is_trunk(tmp_path / "kept") and sorted(p.name for p in tmp_path.iterdir()) == ["kept", "one"]
    with pytest.raises(ValueError, match="is no trunk"):
        save_trunk(tmp_path / "one", tmp_path / "one")
    (tmp_path / "kept" / "weights.safetensors").write_bytes(b"nonsense")
    with pytest.raises(ValueError, match="damaged"):
        trunk_weights(tmp_path / "kept")
    with pytest.raises(ValueError, match="holds none of the trunks one"):
        train_family([Member("one", TINY, exported=False)], tmp_path, tmp_path, trunks=tmp_path / "empty")


@pytest.mark.slow
def test_what_starts_from_nothing_asks_for_no_kept_trunk(tmp_path, in_this_process):
    train_family([Member("one", TINY)], tmp_path, tmp_path / "to", trunks=tmp_path / "empty", say=print)
    assert [c.id for c in ib.checkpoints(tmp_path / "to")] == ["one"]


@pytest.mark.slow
def test_a_tree_starts_from_another_familys_trunk_wherever_that_is(tmp_path, in_this_process, monkeypatch):
    source = Member("trunk", replace(TINY, decay=0), exported=False)
    tree = [Member("start", replace(TINY, init="trunk", seed=1), exported=False, starts_outside=True)]
    monkeypatch.setattr(scheduler, "TRUNKS", tmp_path / "kept")
    with pytest.raises(
        ValueError, match="start starts from trunk, which is neither in .*kept nor .*runs nor among the checkpoints"
    ):
        train_family(tree, tmp_path / "runs", tmp_path / "to", say=print)
    train_family([source], tmp_path / "runs", tmp_path / "to", say=print)
    train_family(tree, tmp_path / "runs", tmp_path / "to", say=print)  # from the training itself
    assert __main__.main(["trunk", str(tmp_path / "runs" / "trunk"), str(tmp_path / "kept" / "trunk")]) == 0
    train_family(tree, tmp_path / "second", tmp_path / "to", say=print)  # from where a clone keeps it
    train_family(tree, tmp_path / "third", tmp_path / "to", trunks=tmp_path / "kept", say=print)
    inits = [read_state(tmp_path / runs / "start")[2]["init"] for runs in ("runs", "second", "third")]
    assert inits == [str(tmp_path / "runs" / "trunk"), *[str(tmp_path / "kept" / "trunk")] * 2]


@pytest.mark.slow
def test_a_training_starts_from_another_familys_model_among_the_checkpoints(tmp_path, in_this_process):
    train_family([Member("model", TINY)], tmp_path / "there", tmp_path / "to", say=print)
    tree = [Member("start", replace(TINY, init="model", seed=1), exported=False, starts_outside=True)]
    train_family(tree, tmp_path / "runs", tmp_path / "to", say=print)
    assert read_state(tmp_path / "runs" / "start")[2]["init"] == str(tmp_path / "to" / "model")


@pytest.mark.slow
def test_what_is_taught_waits_for_its_teachers_and_finds_them_where_they_were_exported_to(tmp_path, monkeypatch):
    begun = []

    class Process(InThisProcess):
        def __init__(self, command, stdout, env, **options):
            begun.append(Path(command[-1] if "export" in command else command[command.index("--out") + 1]).name)
            with pytest.MonkeyPatch.context() as patch:
                patch.setenv("IBINN_CHECKPOINTS", env["IBINN_CHECKPOINTS"])
                super().__init__(command, stdout)

    monkeypatch.setattr(scheduler, "subprocess", SimpleNamespace(Popen=Process, STDOUT=subprocess.STDOUT))
    cross_entropy = Objective("cross-entropy", None)
    members = [
        Member("taught", replace(TINY, teachers=("teacher",), cutout=4), exported=False),
        Member("teacher", replace(TINY, model="resnet", objective=cross_entropy)),
    ]
    train_family(members, tmp_path / "runs", tmp_path / "to", say=print)
    assert begun == ["teacher", "teacher", "taught"]  # trained, exported, and only then asked


@pytest.mark.slow
def test_a_training_that_fails_is_named_with_its_reason_and_leaves_the_rest_resumable(tmp_path):
    members = [
        Member("good", replace(TINY, epochs=500), exported=False),
        Member("quick", TINY, exported=False),  # so that the good one is under way when the bad one fails
        Member("bad", replace(TINY, init="quick", dataset="cifar100"), exported=False),
    ]
    with pytest.raises(RuntimeError, match="bad stopped with status 1: .*cifar100"):
        train_family(members, tmp_path, tmp_path / "checkpoints", jobs=2, say=lambda text: None)
    assert not (tmp_path / "checkpoints").exists()
    stopped = read_state(tmp_path / "good")[1]
    assert not stopped.finished
    trainer = Trainer(members[0].config, *ib.data.load("cifar10", "train"), tmp_path / "good", precision="fp32")
    trainer.resume()
    assert trainer.progress.step == stopped.step


def test_a_config_that_the_family_wrote_says_all_of_the_training(tmp_path, in_this_process):
    member = Member("one", replace(TINY, objective=Objective(gamma=math.inf), shift=2), exported=False)
    train_family([member], tmp_path, tmp_path / "checkpoints", say=lambda text: None)
    written = json.loads((tmp_path / "one" / "config.json").read_text())
    assert (
        TrainingConfig.from_dict(written) == member.config == TrainingConfig.from_dict(read_state(tmp_path / "one")[2])
    )


def test_bad_requests_are_refused_in_one_sentence(tmp_path, capsys):
    orphan = [Member("child", replace(TINY, init="nobody"))]
    with pytest.raises(ValueError, match="child needs nobody, which does not come before it"):
        train_family(orphan, tmp_path, tmp_path)
    assert __main__.main(["family", "gamma-7", "--out", str(tmp_path)]) == 1
    assert capsys.readouterr().err.startswith("ibinn family: no model is called gamma-7; there are")
    assert __main__.main(["family", "--jobs", "0", "--out", str(tmp_path)]) == 1
    assert "at least one training" in capsys.readouterr().err
    broken = tmp_path / "broken.json"
    broken.write_text("{")
    assert __main__.main(["train", "--config", str(broken), "--out", str(tmp_path / "x")]) == 1
    error = capsys.readouterr().err
    assert str(broken) in error and "Traceback" not in error
    assert not (tmp_path / "x").exists()


def test_of_another_copy_of_the_data_it_is_not_known_which_images_were_held_out(tmp_path, monkeypatch):
    images, labels = ib.data.load("cifar10", "train")
    Trainer(TINY, images, labels, tmp_path / "run", precision="fp32").run()
    save_trunk(tmp_path / "run", tmp_path / "kept")
    assert finished_training(tmp_path / "kept").progress.finished
    more = np.concatenate([images, images[:3]]), np.concatenate([labels, labels[:3]])
    monkeypatch.setattr("ibinn_core.training.outcome.load_images", lambda config, part: more)
    with pytest.raises(ValueError, match="was trained on 200 images beside .* has 223 in all"):
        finished_training(tmp_path / "kept")


@pytest.mark.parametrize(
    "change", [lambda c: c.pop("budget"), lambda c: c["budget"].update(epochs=0), lambda c: c["budget"].pop("steps")]
)
def test_a_kept_training_that_does_not_say_how_it_was_trained_is_refused(tmp_path, change):
    Trainer(TINY, *ib.data.load("cifar10", "train"), tmp_path / "run", precision="fp32").run()
    save_trunk(tmp_path / "run", tmp_path / "kept")
    edit_json(tmp_path / "kept" / "config.json", change)
    with pytest.raises(ValueError, match="kept does not say how it was trained: export"):
        finished_training(tmp_path / "kept")
