"""The γ family: which models there are, what each starts from, and how all of them are trained.

Two trunks at a constant learning rate, one that never sees a label and one that does; the second parts into
two limbs, a generative and a discriminative one; from these branches of equal length, each with its own
objective, in which the learning rate falls to zero. Trainings are processes of their own (``python -m ibinn_core
train``, then ``export``), so that several run side by side, and what was interrupted goes on where it stopped.
"""

import dataclasses
import json
import math
import os
import subprocess
import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from ..flow import PRESETS
from ..objectives import Objective
from .config import TrainingConfig
from .state import FILE, read_progress

GAMMAS = (0.02, 0.2, 0.3, 1, 1.2, 4.63, 18.05, 35.65, 50.12)  # those of Figs. 7, 9 and 14
VIB_GAMMAS = (0.2, 1, 35.65)  # Table 1 has the second, Fig. 6 all of this range
SIGMAS = (1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 1e-1, 1.0)  # Fig. 10 goes from the first to the last
RESNET_COST = 1.2  # hours an epoch, measured, in relation to the flow's
CONFIG, LOG = "config.json", "log.txt"


@dataclass(frozen=True)
class Member:
    """One training of the family.

    Attributes:
        id: of the training's folder and of its checkpoint.
        config: the training; its ``init`` is another member's id, or ``None``.
        exported: whether it becomes a checkpoint; a trunk does not.
    """

    id: str
    config: TrainingConfig
    exported: bool = True


TRUNK_EPOCHS, LIMB_EPOCHS, BRANCH_EPOCHS = 39.0, 24.0, 3.0  # of the committed models, whose trunk without labels had 18
ABLATION_EPOCHS = 1.0
LIMBS, LIMB_FLOOR = (1, 18.05), 0.4  # γ of each; the share of the peak rate that it ends with


def family(
    trunk_epochs: float = TRUNK_EPOCHS, limb_epochs: float = LIMB_EPOCHS, branch_epochs: float = BRANCH_EPOCHS
) -> list[Member]:
    """The trunks, the limbs and the twelve models of the paper's figures, ancestors first.

    Arguments:
        trunk_epochs: of the trunk with labels, which has one more in front, at γ = 0.1; the one without gets
            half of them, since it stands still by then.
        limb_epochs: of each of the two limbs of the trunk with labels.
        branch_epochs: of each of the twelve.
    """
    # The means live in 3072 dimensions: as fast as the rest, their noise would drown the posterior.
    trunk = TrainingConfig(
        architecture=PRESETS["grids"],
        epochs=trunk_epochs,
        batch_size=64,
        learning_rate=1e-3,
        means_factor=0.2,
        decay=0,
    )
    trunk = dataclasses.replace(trunk, warmup=min(0.1, 0.3 / trunk_epochs))
    likelihood = dataclasses.replace(
        trunk,
        objective=Objective(gamma=0),
        learning_rate=2e-3,
        shift=0,
        epochs=trunk_epochs / 2,
        warmup=min(0.1, 0.6 / trunk_epochs),
    )
    # A likelihood learned first keeps the tails sane.
    start = dataclasses.replace(trunk, objective=Objective(gamma=0.1), epochs=1, warmup=0.1, shift=1)
    labels = dataclasses.replace(trunk, objective=Objective(gamma=1), shift=2, init="trunk-start")
    schedule = {"epochs": limb_epochs, "warmup": min(0.1, 0.3 / limb_epochs), "decay": 0.5, "floor": LIMB_FLOOR}
    limb = dataclasses.replace(labels, init="trunk-labels", shift=4, seed=1, **schedule)
    limbs = {gamma: dataclasses.replace(limb, objective=Objective(gamma=gamma)) for gamma in LIMBS}

    def branch(id: str, objective: Objective, init: TrainingConfig, name: str) -> Member:
        schedule = {"epochs": branch_epochs, "warmup": 0.05, "decay": 1.0, "floor": 0.0, "shift": 1}
        # Down in γ is the longer way: it begins at the limb's peak, any other at the rate that the limb ends with.
        is_down = objective.gamma is not None and objective.gamma < (init.objective.gamma or 0)
        rate = init.learning_rate * (1 if is_down or not init.decay else init.floor)
        return Member(
            id, dataclasses.replace(init, objective=objective, init=name, seed=0, learning_rate=rate, **schedule)
        )

    def branch_with_labels(id: str, gamma: float) -> Member:
        # Going down in γ loses what going up had won.
        source = max((start for start in LIMBS if start <= gamma), default=LIMBS[0])
        return branch(id, Objective(gamma=gamma), limbs[source], _limb(source))

    return [
        Member("trunk-likelihood", likelihood, exported=False),
        Member("trunk-start", start, exported=False),
        Member("trunk-labels", labels, exported=False),
        *(Member(_limb(gamma), config, exported=False) for gamma, config in limbs.items()),
        branch("only-lx", Objective(gamma=0), likelihood, "trunk-likelihood"),
        branch("class-nll", Objective("class-nll", None), likelihood, "trunk-likelihood"),
        *(branch_with_labels(f"gamma-{gamma:g}", gamma) for gamma in GAMMAS),
        branch_with_labels("only-ly", math.inf),
    ]


def _limb(gamma: float) -> str:
    return f"limb-gamma-{gamma:g}"


def competitors(
    trunk_epochs: float = TRUNK_EPOCHS, limb_epochs: float = LIMB_EPOCHS, branch_epochs: float = BRANCH_EPOCHS
) -> list[Member]:
    """The other models of Table 1, with the recipe and the epochs of the family.

    Class-NLL with fixed means starts where class-NLL does, from the family's "trunk-likelihood". What has no
    likelihood is trained from scratch, in as many hours as the models with labels had on their whole way, the
    rate falling where theirs fell: i-RevNet in as many epochs, a ResNet in fewer. ResNet and the VIBs, whose
    encoder is one, share these hours: they part where a branch leaves its limb, at "trunk-resnet".

    Arguments:
        trunk_epochs, limb_epochs, branch_epochs: as for :func:`family`.
    """
    configs = {member.id: member.config for member in family(trunk_epochs, limb_epochs, branch_epochs)}
    limb, branch = configs["limb-gamma-1"], configs["gamma-1"]
    whole, falling = 1 + trunk_epochs + limb_epochs + branch_epochs, limb.decay * limb_epochs

    def scratch(model: str, epochs: float, decay: float, floor: float) -> TrainingConfig:
        schedule = {"epochs": epochs, "warmup": min(0.1, 0.3 / epochs), "decay": decay / epochs, "floor": floor}
        objective = Objective("cross-entropy", None)
        return dataclasses.replace(limb, model=model, objective=objective, init=None, seed=0, **schedule)

    def off_trunk(id: str, model: str, objective: Objective) -> Member:
        return Member(id, dataclasses.replace(branch, model=model, objective=objective, init="trunk-resnet"))

    fixed = dataclasses.replace(configs["class-nll"], objective=Objective("class-nll-regularized", None))
    trunk_of_resnet = scratch("resnet", whole / RESNET_COST - branch_epochs, falling / RESNET_COST, limb.floor)
    return [
        Member("class-nll-regularized", fixed),
        Member("trunk-resnet", trunk_of_resnet, exported=False),
        off_trunk("resnet", "resnet", Objective("cross-entropy", None)),
        *(off_trunk(f"vib-{gamma:g}", "vib", Objective("vib", gamma)) for gamma in VIB_GAMMAS),
        Member("i-revnet", scratch("i-revnet", whole, falling + branch_epochs, 0.0)),
    ]


def noise_ablation(epochs: float = ABLATION_EPOCHS) -> list[Member]:
    """Short trainings from scratch at γ = 0.2 that differ in nothing but the σ of their Gaussian noise (Fig. 10)."""
    labels = next(member.config for member in family() if member.id == "trunk-labels")
    schedule = {"epochs": epochs, "warmup": 0.1, "decay": 1.0, "init": None}
    config = dataclasses.replace(labels, objective=Objective(gamma=0.2), **schedule)
    # They are trained to be compared, not shown: there is nothing to export.
    return [Member(f"sigma-{s:g}", dataclasses.replace(config, noise=s), exported=False) for s in SIGMAS]


def with_ancestors(members: list[Member], ids: list[str]) -> list[Member]:
    """Those of ``members`` that ``ids`` name (all if it is empty), and what they start from.

    Raises:
        ValueError: for an id that none of them has.
    """
    unknown = set(ids) - {member.id for member in members}
    if unknown:
        raise ValueError(
            f"no model is called {', '.join(sorted(unknown))}; there are {', '.join(m.id for m in members)}"
        )
    wanted = set(ids) or {member.id for member in members}
    for member in reversed(members):
        if member.id in wanted and member.config.init:
            wanted.add(member.config.init)
    return [member for member in members if member.id in wanted]


def train_family(
    members: Iterable[Member],
    folder: Path,
    checkpoints: Path,
    jobs: int = 1,
    trunks: Path | None = None,
    say=print,
) -> None:
    """Trains and exports all ``members``, ``jobs`` at a time; what is done already is left alone.

    Arguments:
        members: ancestors first.
        folder: where the trainings' states and logs live, one folder a member.
        checkpoints: where the checkpoints go.
        jobs: processes at a time, each with its share of the cores.
        trunks: folder of kept trunks (:mod:`ibinn_core.trunk`); what is found there is not trained again,
            nor what it once started from.

    Raises:
        ValueError: for a member whose ancestor is not among those before it, or jobs below 1.
        RuntimeError: if a training or an export fails; the others that run are stopped, resumable.
    """
    members = list(members)
    _check(members, jobs)
    kept = _kept(members, trunks)
    members = _still_needed(members, kept)
    shares = _shares(jobs)
    running: dict[str, tuple[subprocess.Popen, int]] = {}
    try:
        while True:
            waiting = [m for m in members if m.id not in running and _next_command(m, folder, checkpoints)]
            if not waiting and not running:
                return
            for member in waiting:
                free = set(range(jobs)) - {share for _, share in running.values()}
                if free and _ready(member, members, folder, running, kept):
                    share = min(free)
                    command = _next_command(member, folder, checkpoints)
                    say(f"{member.id}: {command[0]}, log in {folder / member.id / LOG}")
                    running[member.id] = (_start(member, command, folder, shares[share], kept), share)
            time.sleep(0.2)
            _collect(running, folder, say)
    finally:
        for process, _ in running.values():
            process.terminate()
        for process, _ in running.values():
            process.wait()


def _check(members: list[Member], jobs: int) -> None:
    if jobs < 1:
        raise ValueError(f"at least one training must run at a time, not {jobs}")
    known: set[str] = set()
    for member in members:
        if member.config.init and member.config.init not in known:
            raise ValueError(f"{member.id} starts from {member.config.init}, which does not come before it")
        known.add(member.id)


def _kept(members: list[Member], trunks: Path | None) -> dict[str, Path]:
    """The trunks of the family that are on disk already."""
    if trunks is None:
        return {}
    from ..trunk import is_trunk

    wanted = [member.id for member in members if not member.exported]
    kept = {id: trunks / id for id in wanted if is_trunk(trunks / id)}
    if wanted and not kept:
        raise ValueError(f"{trunks} holds none of the trunks {', '.join(wanted)}: train them, without --trunks")
    return kept


def _still_needed(members: list[Member], kept: dict[str, Path]) -> list[Member]:
    """Without the trunks that are kept, and without those that only they started from."""
    sources = {member.config.init for member in members}
    needed: list[Member] = []
    for member in reversed(members):
        is_source_of_one = any(other.config.init == member.id for other in needed)
        is_wanted = member.exported or member.id not in sources
        if member.id not in kept and (is_wanted or is_source_of_one):
            needed.insert(0, member)
    return needed


def _ready(member: Member, members: list[Member], folder: Path, running: dict, kept: dict[str, Path]) -> bool:
    source = member.config.init
    return source is None or source in kept or (source not in running and _trained(_member(members, source), folder))


def _member(members: list[Member], id: str) -> Member:
    return next(member for member in members if member.id == id)


def _trained(member: Member, folder: Path) -> bool:
    """Whether the training has come to its end."""
    if not (folder / member.id / FILE).exists():
        return False
    return read_progress(folder / member.id).finished


def _exported(member: Member, folder: Path, checkpoints: Path) -> bool:
    """Whether the checkpoint is at least as new as the training's end."""
    card = checkpoints / member.id / "card.json"
    return card.exists() and card.stat().st_mtime >= (folder / member.id / FILE).stat().st_mtime


def _next_command(member: Member, folder: Path, checkpoints: Path) -> list[str] | None:
    """What is still to be done for a member: arguments of ``python -m ibinn_core``."""
    run = folder / member.id
    if not _trained(member, folder):
        return ["train", "--config", str(run / CONFIG), "--out", str(run), "--resume"]
    if member.exported and not _exported(member, folder, checkpoints):
        return ["export", str(run), str(checkpoints / member.id)]
    return None


def _start(member: Member, command: list[str], folder: Path, cores: set[int], kept: dict) -> subprocess.Popen:
    run = folder / member.id
    run.mkdir(parents=True, exist_ok=True)
    source = member.config.init
    init = str(Path(kept.get(source, folder / source)).resolve()) if source else None
    config = dataclasses.replace(member.config, init=init).to_dict()
    (run / CONFIG).write_text(json.dumps(config, indent=1))
    # Threads that wait for one another collapse when they share a core; a process that keeps to its own
    # cores only gets slower.
    pin = (lambda: os.sched_setaffinity(0, cores)) if hasattr(os, "sched_setaffinity") else None
    with open(run / LOG, "a") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "ibinn_core", *command],
            stdout=log,
            stderr=subprocess.STDOUT,
            env={**os.environ, "OMP_NUM_THREADS": str(len(cores))},
            preexec_fn=pin,
        )


def _collect(running: dict[str, tuple[subprocess.Popen, int]], folder: Path, say) -> None:
    for id, (process, _) in list(running.items()):
        if process.poll() is None:
            continue
        del running[id]
        last = (folder / id / LOG).read_text().strip().splitlines()[-1:]
        if process.returncode:
            raise RuntimeError(f"{id} stopped with status {process.returncode}: {''.join(last)}")
        say(f"{id}: {''.join(last)}")


def usable_cores() -> list[int]:
    """The numbers of the cores that this process may use."""
    return sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else list(range(os.cpu_count() or 1))


def _shares(jobs: int) -> list[set[int]]:
    """The usable cores, dealt out to ``jobs``."""
    cores = usable_cores()
    return [set(cores[job::jobs]) or {cores[job % len(cores)]} for job in range(jobs)]
