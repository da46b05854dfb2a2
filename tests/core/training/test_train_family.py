"""python -m ibinn_core family: the order of trainings, their continuation, and their folders."""

import math
import os
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from checkpoint_helpers import SMALL, small_data_set
from distributed import Client, LocalCluster
from training_helpers import kill

import ibinn_core as ib
from ibinn_core import __main__
from ibinn_core import checkpoint as registry
from ibinn_core.models.mixture import tempered
from ibinn_core.models.objectives import Objective
from ibinn_core.training import Trainer, TrainingConfig, read_state
from ibinn_core.training import train_family as module
from ibinn_core.training.export import save_trunk
from ibinn_core.training.recipe import Member, family
from ibinn_core.training.sources import architecture_of, is_trunk, training_of, weights_of
from ibinn_core.training.state import model_weights
from ibinn_core.training.train_family import _still_needed, train_family
from ibinn_core.training.warm_start import warm_start

TINY = TrainingConfig(architecture=SMALL, batch_size=50, epochs=1, held_out=20)


@pytest.fixture(scope="module", autouse=True)
def tiny_data(tmp_path_factory):
    """A small cifar10.npz is what trainings and exports use, in processes of their own too."""
    folder = tmp_path_factory.mktemp("data")
    with small_data_set(folder, train=220, test=60), pytest.MonkeyPatch.context() as patch:
        patch.setenv("IBINN_CHECKPOINTS", "")  # which a worker sets
        yield


@pytest.fixture(scope="module")
def here(tiny_data):
    """The address of a cluster with one worker, a thread of this process: it is quick, and sees a test's patches."""
    with LocalCluster(n_workers=1, threads_per_worker=1, processes=False, dashboard_address=None) as cluster:
        yield cluster.scheduler_address


@pytest.fixture
def train(here, capsys):
    """train_family on that cluster; returns its messages on the members."""

    def run(members, *folders: Path, **options) -> list[str]:
        capsys.readouterr()
        train_family(members, *folders, cluster=here, **options)
        return capsys.readouterr().out.splitlines()[1:]

    return run


def test_what_starts_from_the_models_that_are_here_has_their_architectures(tmp_path):
    members = [m for m in family("cifar100") if m.config.init and not m.config.init.startswith("cifar100-")]
    found = {task.config.init for task in module._tasks(members, tmp_path, tmp_path, None).values()}
    assert len(found) == 4
    for source in found:
        config = replace(registry.read(source, is_measured=False).training, architecture=architecture_of(source))
        warm_start(source, config.new_model(100))  # refuses other architectures


def test_the_committed_trunks_are_readable():
    found = [registry.read(folder, is_measured=False) for folder in module.TRUNKS.iterdir() if is_trunk(folder)]
    assert len(found) == len(list(module.TRUNKS.iterdir())) == 13
    for trunk in found:
        assert trunk.config["budget"]["steps"] and registry.changed_files(trunk.path) == []


@pytest.mark.slow
def test_trunk_and_branches_are_trained_in_order_exported_and_then_left_alone(tmp_path, train):
    members = [
        Member("trunk", replace(TINY, decay=0), exported=False),
        Member("branch", replace(TINY, init="trunk", objective=Objective(gamma=math.inf))),
        Member("other", replace(TINY, seed=1), exported=False),  # needs nothing, but comes last
    ]
    said = train(members, tmp_path / "runs", tmp_path / "checkpoints")
    exported = f"trained and exported to {tmp_path / 'checkpoints' / 'branch'}"
    assert said == ["trunk: trained", f"branch: {exported}", "other: trained"]
    trunk, branch = (read_state(tmp_path / "runs" / id) for id in ("trunk", "branch"))
    assert trunk[1].finished and branch[1].finished and branch[1].step == 4
    assert "train_error" in (tmp_path / "runs" / "branch" / "log.txt").read_text()
    (checkpoint,) = ib.checkpoints(tmp_path / "checkpoints")
    assert checkpoint.id == "branch" and checkpoint.gamma == math.inf
    assert [a["epochs"] for a in checkpoint.config["ancestry"]] == [1.0]
    states = [tmp_path / "runs" / m.id / "state.safetensors" for m in members]
    before = [state.stat().st_mtime_ns for state in states]
    assert train(members, tmp_path / "runs", tmp_path / "checkpoints") == []
    assert before == [state.stat().st_mtime_ns for state in states]
    # Another training is exported again, also if the clock was ahead when the checkpoint was written.
    shutil.rmtree(states[1].parent)
    os.utime(checkpoint.path / "card.json", (4e9, 4e9))
    members[1] = replace(members[1], config=replace(members[1].config, seed=2))
    assert train(members, tmp_path / "runs", tmp_path / "checkpoints") == [f"branch: {exported}"]
    os.utime(states[1], (4e9, 4e9))
    assert train(members, tmp_path / "runs", tmp_path / "checkpoints") == []


KILLED = replace(TINY, batch_size=4, epochs=5)  # 250 steps, after 200 of which its state is saved


@pytest.mark.slow
def test_what_a_killed_worker_trained_another_continues_to_the_same_weights(tmp_path):
    with (
        LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address="127.0.0.1:0") as cluster,
        Client(cluster) as client,
    ):
        address = cluster.scheduler_address
        train_family([Member("whole", KILLED, exported=False)], tmp_path, tmp_path, cluster=address)
        pids = set(client.run(os.getpid).values())
        client.run(kill, "in step", 220)  # whichever worker trains
        train_family([Member("killed", KILLED, exported=False)], tmp_path, tmp_path, cluster=address)
        client.wait_for_workers(2)
        assert len(pids - set(client.run(os.getpid).values())) == 1
    (whole, progress, _), (killed, resumed, _) = (read_state(tmp_path / id) for id in ("whole", "killed"))
    assert progress.step == resumed.step == 250 and resumed.finished
    assert progress.history[-1]["error"] == resumed.history[-1]["error"]
    assert whole.keys() == killed.keys() and all(torch.equal(whole[name], killed[name]) for name in whole)


@pytest.mark.slow
def test_kept_trainings_are_exported_mixed_and_started_from_but_not_trained_again(tmp_path, train):
    members = [
        Member("start", TINY, exported=False),
        Member("trunk", replace(TINY, init="start", decay=0), exported=False),
        Member("branch", replace(TINY, init="trunk", objective=Objective(gamma=3.0)), mixed_in=("trunk", 0.25)),
        Member("twig", replace(TINY, init="branch", objective=Objective(gamma=2.0))),
    ]
    train(members[:3], tmp_path / "first", tmp_path / "to")
    (one,) = ib.checkpoints(tmp_path / "to")
    assert one.config["mixed_in"] == {"with": "trunk", "share": 0.25} and one.config["training"]["init"] == "trunk"
    trunk, branch = (model_weights(read_state(tmp_path / "first" / id)[0]) for id in ("trunk", "branch"))
    mixed = weights_of(one.path)
    log_weights, power = mixed["mixture.phi"].log_softmax(0), one.card["alignment"]["power"]
    for name, value in branch.items():
        if value.is_floating_point():
            expected = torch.lerp(value, trunk[name], 0.25)
            expected = tempered(expected, log_weights, 1 / power) if name == "mixture.means" else expected
            torch.testing.assert_close(mixed[name], expected, rtol=1e-3, atol=1e-6)  # kernels have half precision
    for id in ("trunk", "branch"):
        assert __main__.main(["trunk", str(tmp_path / "first" / id), str(tmp_path / "kept" / id)]) == 0
    kept = weights_of(tmp_path / "kept" / "trunk")
    for name, value in trunk.items():
        stored = value.half().to(value.dtype) if ".subnetwork." in name and value.ndim > 1 else value
        assert torch.equal(kept[name], stored)

    said = train(members, tmp_path / "runs", tmp_path / "again", trunks=tmp_path / "kept")
    assert [line.partition(" to ")[0] for line in said] == ["branch: exported", "twig: trained and exported"]
    twig, other = ib.checkpoints(tmp_path / "again")  # in the order of γ
    assert one.config == other.config
    assert one.card["error"] == other.card["error"]
    assert [a["objective"]["gamma"] for a in twig.config["ancestry"]] == [1.0, 1.0, 3.0]
    assert train(members, tmp_path / "runs", tmp_path / "again", trunks=tmp_path / "kept") == []  # all is there


def test_what_only_a_kept_trunk_started_from_is_not_trained(tmp_path):
    chain = [Member("start", TINY, exported=False)]
    for id, source in (("trunk", "start"), ("second", "trunk")):
        chain.append(Member(id, replace(TINY, init=source, decay=0), exported=False))
    branch, other = Member("branch", replace(TINY, init="second")), Member("other", replace(TINY, init="trunk"))
    kept = {"second": tmp_path / "second"}  # and none of the two before it
    for members, needed in (([*chain, branch], ["branch"]), ([*chain, other], ["start", "trunk", "other"])):
        assert [member.id for member in _still_needed(members, kept)] == needed


def test_another_familys_weights_are_found_wherever_they_are(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "TRUNKS", tmp_path / "clone")
    member = Member("one", replace(TINY, init="model"))

    def source() -> str:
        tasks = module._tasks([member], tmp_path / "runs", tmp_path / "to", tmp_path / "kept")
        return tasks["one"].config.init

    def write(folder: Path, *names: str) -> None:
        folder.mkdir(parents=True)
        for name in names:
            (folder / name).touch()

    with pytest.raises(ValueError, match="one starts from model, which is neither in .*kept nor .*clone nor .*runs"):
        source()
    trunk = ("config.json", "weights.safetensors")
    for place, names in (("to", ["card.json"]), ("runs", ["state.safetensors"]), ("clone", trunk), ("kept", trunk)):
        write(tmp_path / place / "model", *names)  # the later the better
        assert source() == str(tmp_path / place / "model")
    write(tmp_path / "kept" / "one", *trunk)
    assert source() == "model"  # it is kept, and needs no source


def test_a_trunk_is_a_model_replaces_only_a_trunk_and_has_the_images_that_it_was_trained_on(tmp_path, monkeypatch):
    images, labels = ib.data.load("cifar10", "train")
    run, kept = tmp_path / "run", tmp_path / "kept"
    Trainer(TINY, images, labels, run, precision="fp32").run()
    for _ in range(2):
        save_trunk(run, kept)
    assert is_trunk(kept) and sorted(path.name for path in tmp_path.iterdir()) == ["kept", "run"]
    model = ib.load(kept)
    assert torch.equal(model.class_means, weights_of(run)["mixture.means"])
    assert model.checkpoint.training.epochs == TINY.epochs
    with pytest.raises(ValueError, match="is not a trunk"):
        save_trunk(run, run)

    more = np.concatenate([images, images[:3]]), np.concatenate([labels, labels[:3]])
    with monkeypatch.context() as patch:
        patch.setattr("ibinn_core.training.sources.load_images", lambda config, part: more)
        with pytest.raises(ValueError, match="comes from 220 training images, but this copy of CIFAR-10 has 223"):
            training_of(kept)
    (kept / "weights.safetensors").write_bytes(b"nonsense")
    with pytest.raises(ValueError, match="does not match its manifest.json"):
        weights_of(kept)


@pytest.mark.slow
def test_what_is_taught_waits_for_its_teachers_and_finds_them_where_they_were_exported_to(tmp_path, train):
    members = [
        Member("taught", replace(TINY, teachers=("teacher",), cutout=4), exported=False),
        Member("teacher", replace(TINY, model="resnet", objective=Objective("cross-entropy", None))),
    ]
    said = train(members, tmp_path / "runs", tmp_path / "to")
    assert [line.partition(" to ")[0] for line in said] == ["teacher: trained and exported", "taught: trained"]


def test_a_training_that_fails_is_named_with_its_reason_and_what_does_not_need_it_goes_on(tmp_path, train):
    members = [
        Member("bad", replace(TINY, dataset="cifar100"), exported=False),
        Member("twig", replace(TINY, init="bad"), exported=False),
        Member("good", TINY, exported=False),
    ]
    with pytest.raises(RuntimeError, match="bad failed: .*CIFAR-100.* the same command continues with bad, twig$"):
        train(members, tmp_path, tmp_path / "checkpoints")
    assert read_state(tmp_path / "good")[1].finished
    assert "CIFAR-100" in (tmp_path / "bad" / "log.txt").read_text() and not (tmp_path / "twig").exists()


def test_workers_of_several_threads_are_refused(tmp_path):
    with (
        LocalCluster(n_workers=1, threads_per_worker=2, processes=False, dashboard_address=None) as cluster,
        pytest.raises(ValueError, match="have several threads: start them with --nthreads 1"),
    ):
        train_family([Member("one", TINY)], tmp_path, tmp_path, cluster=cluster.scheduler_address)
