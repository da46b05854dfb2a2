"""python -m ibinn_core family: which trainings there are, in which order they run, and that they go on."""

import json
import math
import os
import time
from dataclasses import replace

import numpy as np
import pytest
import torch
from checkpoint_helpers import SMALL, colourful_images

import ibinn_core as ib
from ibinn_core import __main__
from ibinn_core.models.objectives import Objective
from ibinn_core.training import Trainer, TrainingConfig, read_state
from ibinn_core.training.export import save_trunk
from ibinn_core.training.recipe import GAMMAS, SIGMAS, Member, family, noise_ablation, with_ancestors
from ibinn_core.training.scheduler import _still_needed, train_family
from ibinn_core.training.state import model_weights
from ibinn_core.training.trunk import is_trunk, trunk_weights

TINY = TrainingConfig(architecture=SMALL, batch_size=50, epochs=1, held_out=20)


@pytest.fixture(scope="module", autouse=True)
def tiny_data(tmp_path_factory):
    folder = tmp_path_factory.mktemp("data")
    images, labels = colourful_images(280)
    np.savez(
        folder / "cifar10.npz", x_train=images[:220], y_train=labels[:220], x_test=images[220:], y_test=labels[220:]
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("IBINN_DATA", str(folder))
        patch.setenv("ACCELERATE_USE_CPU", "true")
        yield


def test_the_family_is_the_twelve_of_the_papers_figures():
    members = {m.id: m for m in family()}
    shown = [m for m in members.values() if m.exported]
    assert len(shown) == 12
    assert [m.config.objective.gamma for m in shown if m.id.startswith("gamma-")] == list(GAMMAS)
    assert members["only-lx"].config.objective.gamma == 0
    assert members["only-ly"].config.objective.gamma == math.inf
    assert members["class-nll"].config.objective.kind == "class-nll"
    assert len({m.config.architecture for m in members.values()}) == 1
    assert len({(m.config.epochs, m.config.batch_size) for m in shown}) == 1


def test_what_must_not_know_the_labels_has_no_ancestor_that_does():
    members = {m.id: m for m in family()}
    for id in ("only-lx", "class-nll"):
        ancestor = members[id].config.init
        while ancestor:
            assert members[ancestor].config.objective == Objective(gamma=0)
            ancestor = members[ancestor].config.init


def test_epochs_are_those_of_the_trunk_with_labels_of_a_limb_and_of_a_branch():
    members = {m.id: m.config.epochs for m in family(8, 5, 2)}
    assert (members["trunk-likelihood"], members["trunk-start"], members["trunk-labels"]) == (4, 1, 8)
    assert (members["limb-gamma-1"], members["limb-gamma-18.05"]) == (5, 5)
    assert {members[m.id] for m in family() if m.exported} == {2}


def test_with_labels_no_branch_goes_down_in_gamma_but_below_the_first_limb():
    members = {m.id: m.config for m in family()}
    for id, config in members.items():
        if config.init and config.init.startswith("limb-"):
            gamma, start = config.objective.gamma, members[config.init].objective.gamma
            assert start == (18.05 if gamma >= 18.05 else 1), id
            assert members[config.init].init == "trunk-labels"


def test_a_branch_begins_at_the_rate_that_its_limb_ends_with_or_at_the_peak_on_the_way_down():
    members = {m.id: m.config for m in family()}
    for id, config in members.items():
        if config.init and config.init.startswith("limb-"):
            limb = members[config.init]
            down = config.objective.gamma < limb.objective.gamma
            assert config.learning_rate == pytest.approx(limb.learning_rate * (1 if down else limb.floor)), id
            assert config.floor == 0 and config.decay == 1
    assert members["only-lx"].learning_rate == members["trunk-likelihood"].learning_rate


def test_a_part_of_the_family_brings_its_ancestors():
    members = family()
    chosen = [m.id for m in with_ancestors(members, ["gamma-1"])]
    assert chosen == ["trunk-start", "trunk-labels", "limb-gamma-1", "gamma-1"]
    assert [m.id for m in with_ancestors(members, ["only-lx"])] == ["trunk-likelihood", "only-lx"]
    assert with_ancestors(members, []) == members
    with pytest.raises(ValueError, match="no model is called gamma-7; there are"):
        with_ancestors(members, ["gamma-7"])


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


def test_branches_start_from_a_kept_trunk_which_is_not_trained_again(tmp_path):
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


def test_what_only_a_kept_trunk_started_from_is_not_trained(tmp_path):
    chain = [Member("start", TINY, exported=False)]
    for id, source in (("trunk", "start"), ("limb", "trunk")):
        chain.append(Member(id, replace(TINY, init=source, decay=0), exported=False))
    branch, other = Member("branch", replace(TINY, init="limb")), Member("other", replace(TINY, init="trunk"))
    kept = {"limb": tmp_path / "limb"}  # and none of the two before it
    assert [member.id for member in _still_needed([*chain, branch], kept)] == ["branch"]
    assert [member.id for member in _still_needed([*chain, other, branch], kept)] == [
        "start",
        "trunk",
        "other",
        "branch",
    ]


def test_a_trunk_replaces_only_a_trunk_and_damage_is_told(tmp_path):
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


def test_what_starts_from_nothing_asks_for_no_kept_trunk(tmp_path):
    train_family([Member("one", TINY)], tmp_path, tmp_path / "to", trunks=tmp_path / "empty", say=print)
    assert [c.id for c in ib.checkpoints(tmp_path / "to")] == ["one"]


def test_the_noise_ablation_differs_in_its_noise_only():
    configs = [member.config for member in noise_ablation()]
    assert [config.noise for config in configs] == list(SIGMAS) and len(SIGMAS) >= 6
    assert SIGMAS[0] == 1e-4 and SIGMAS[-1] == 1
    assert {replace(config, noise="uniform") for config in configs} == {replace(configs[0], noise="uniform")}
    assert configs[0].objective.gamma == 0.2 and configs[0].init is None
    assert not any(member.exported for member in noise_ablation())  # they never come among the models that are shown


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


def test_a_config_that_the_family_wrote_says_all_of_the_training(tmp_path):
    member = Member("one", replace(TINY, objective=Objective(gamma=math.inf), shift=2), exported=False)
    train_family([member], tmp_path, tmp_path / "checkpoints", say=lambda text: None)
    written = json.loads((tmp_path / "one" / "config.json").read_text())
    assert (
        TrainingConfig.from_dict(written) == member.config == TrainingConfig.from_dict(read_state(tmp_path / "one")[2])
    )


def test_bad_requests_are_refused_in_one_sentence(tmp_path, capsys):
    orphan = [Member("child", replace(TINY, init="nobody"))]
    with pytest.raises(ValueError, match="child starts from nobody, which does not come before it"):
        train_family(orphan, tmp_path, tmp_path)
    assert __main__.main(["family", "gamma-7", "--out", str(tmp_path)]) == 1
    assert capsys.readouterr().err.startswith("ibinn_core family: no model is called gamma-7; there are")
    assert __main__.main(["family", "--jobs", "0", "--out", str(tmp_path)]) == 1
    assert "at least one training" in capsys.readouterr().err
    broken = tmp_path / "broken.json"
    broken.write_text("{")
    assert __main__.main(["train", "--config", str(broken), "--out", str(tmp_path / "x")]) == 1
    error = capsys.readouterr().err
    assert str(broken) in error and "Traceback" not in error
    assert not (tmp_path / "x").exists()
