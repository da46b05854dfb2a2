"""The recipe of the γ family: which models there are, what each starts from, and how each is trained.

There are two trunks at a constant learning rate, one trained without labels and one with them. The second splits into
two limbs, a generative and a discriminative one. Branches of equal length start from these, each with its own
objective; in them the learning rate falls to zero. :mod:`.scheduler` runs the trainings.
"""

import dataclasses
import math
from dataclasses import dataclass

from ..models.config import TrainingConfig
from ..models.flow import PRESETS
from ..models.objectives import Objective

GAMMAS = (0.02, 0.2, 0.3, 1, 1.2, 4.63, 18.05, 35.65, 50.12)  # those of Figs. 7, 9 and 14
VIB_GAMMAS = (0.2, 1, 35.65)  # Table 1 has the second, Fig. 6 all of this range
SIGMAS = (1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 1e-1, 1.0)  # Fig. 10 goes from the first to the last
RESNET_COST = 1.2  # hours an epoch, measured, in relation to the flow's

TRUNK_EPOCHS, LIMB_EPOCHS, BRANCH_EPOCHS = 39.0, 24.0, 3.0  # of the committed models, whose trunk without labels had 18
ABLATION_EPOCHS = 1.0
LIMBS, LIMB_FLOOR = (1, 18.05), 0.4  # γ of each; the share of the peak rate that it ends with


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


def family(
    trunk_epochs: float = TRUNK_EPOCHS, limb_epochs: float = LIMB_EPOCHS, branch_epochs: float = BRANCH_EPOCHS
) -> list[Member]:
    """The trunks, the limbs and the twelve models of the paper's figures, ancestors first.

    Arguments:
        trunk_epochs: of the trunk with labels, which has one more in front, at γ = 0.1; the one without labels gets
            half of them, because after that it no longer improves.
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

    Class-NLL with fixed means starts where class-NLL does, from the family's "trunk-likelihood". Models without a
    likelihood are trained from scratch, for as many hours as the models with labels from trunk to branch, and their
    learning rate falls at the same point: i-RevNet for as many epochs, a ResNet for fewer. ResNet and the VIBs, whose
    encoder is a ResNet, share a trunk, "trunk-resnet", up to the point where a branch leaves its limb.

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
    """Short trainings from scratch at γ = 0.2 that differ only in the σ of their Gaussian noise (Fig. 10)."""
    labels = next(member.config for member in family() if member.id == "trunk-labels")
    schedule = {"epochs": epochs, "warmup": 0.1, "decay": 1.0, "init": None}
    config = dataclasses.replace(labels, objective=Objective(gamma=0.2), **schedule)
    # They are trained to be compared, not shown: there is nothing to export.
    return [Member(f"sigma-{s:g}", dataclasses.replace(config, noise=s), exported=False) for s in SIGMAS]


def with_ancestors(members: list[Member], ids: list[str]) -> list[Member]:
    """The members with these ids (all members if ``ids`` is empty), and those from which they start.

    Raises:
        ValueError: for an id that no member has.
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
