"""The recipe of a γ family: which models there are, what each starts from, and how each is trained.

One tree, so that all γ from 0 to ∞ are connected and their weights can be mixed::

    trunk-start (γ = 0) ─┬─ trunk-likelihood (γ = 0) ─┬─ only-lx
                         │                            └─ class-nll, class-nll-regularized
                         └─ trunk-labels (γ = 1) ─┬─ trunk-generative (γ = 1) ─── gamma-0.02, gamma-0.2, gamma-1
                                                  └─ trunk-discriminative (γ = 18.05) ── gamma-35.65, only-ly

A trunk trains at a constant learning rate, and an average of its weights is what others start from. A branch is short,
and its rate falls to zero. :class:`Plan` says what the data sets differ in: which trunks there are, which have
teachers, which are those of another data set, and where a share of a trunk's weights is mixed in. Beside the tree stand
the competitors and only L_Y as the paper has it, trained from scratch. :mod:`.scheduler` runs the trainings.
"""

import dataclasses
import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from ..data.datasets import DATASETS
from ..models.config import TrainingConfig
from ..models.flow import PRESETS
from ..models.objectives import Objective

DISCRIMINATIVE = 18.05  # γ of the trunk of that name, and the least of what may branch off it
RATE_WITH_LABELS = 1e-3  # learning rate of the trunks with labels
FLOOR = 0.3  # of the rate of "trunk-discriminative" at its end, where its branches begin
RESNET_COST = 1.2  # hours an epoch, measured, in relation to the flow's


@dataclass(frozen=True)
class Plan:
    """What the families of the data sets differ in."""

    preset: str  # the architecture
    gammas: tuple[float, ...]  # of the branches with labels, beside only L_X and only L_Y
    start: float  # epochs of this trunk, and below those of the three others
    likelihood: float
    labels: float
    discriminative: float  # 0 if its branches start from "trunk-taught"
    branch: float  # epochs of each branch that has none of its own
    shift: int  # pixels that a training image is moved by, of the trunks with labels
    cutout: int  # side of the square that is hidden from half of a batch of those
    branch_shift: int = 1  # the same of the branches with labels
    branch_cutout: int = 0  # likewise
    # Of L_Y. It makes a model less sure, which helps where many answers are wrong and spoils the calibration where
    # nearly all are right.
    label_smoothing: float = 0.05
    # Trunks that are not trained, since another family has them: by the id of the trunk, the id there of a trunk or a
    # checkpoint. What starts from them has their normalisation. An i-RevNet is trained from scratch unless
    # "trunk-i-revnet" is among them.
    borrowed: Mapping[str, str] = field(default_factory=dict)
    # Ids, without the data set, of checkpoints that say what cut images show, in "trunk-taught" or, if there is none,
    # in "trunk-labels" and all that grows from it.
    teachers: tuple[str, ...] = ()
    rate_without_labels: float = 2e-3  # learning rate of the trunks without labels
    taught_cutout: int = 0  # side of the square that is then filled from another image
    taught: float = 0.0  # epochs of "trunk-taught", which comes before the discriminative one
    taught_branches: tuple[str, ...] = ()  # those with labels that have its teachers, and images cut as there
    # Epochs of "trunk-generative", from which the branches up to γ = 1 start; without them these start from
    # "trunk-labels"
    generative: float = 0.0
    scratch: float = 0.0  # epochs of "trunk-scratch", the first of those of "only-ly-scratch"; 0 for neither
    weight_decay: float = 0.02  # of the trainings with labels
    # The trunk whose weights are mixed into a branch, and its share, by the id of the branch: ids without the data set
    mixed_in: Mapping[str, tuple[str, float]] = field(default_factory=dict)
    from_one: bool = False  # whether the branches of smaller γ start from the model of γ = 1, not from its trunk
    restart_rate: float = 0.5  # the share of the rate of "trunk-labels" at which a branch begins where it fell to zero
    vib: bool = False  # whether a VIB of γ = 1 stands beside the family
    i_revnet: bool = False  # whether an i-RevNet stands beside it
    # Epochs of single trainings, by their ids without the data set: of a branch; of "class-nll"; of "only-ly-scratch",
    # and with it of all that is trained from scratch, else as many as of a discriminative branch and its trunks.
    epochs_of: Mapping[str, float] = field(default_factory=dict)

    def scaled(self, factor: float) -> "Plan":
        """The same with ``factor`` times as many epochs everywhere."""
        names = ("start", "likelihood", "labels", "taught", "generative", "discriminative", "branch", "scratch")
        epochs = {name: factor * getattr(self, name) for name in names}
        return dataclasses.replace(
            self, **epochs, epochs_of={id: factor * value for id, value in self.epochs_of.items()}
        )

    @property
    def scratch_epochs(self) -> float:
        """Epochs of what is trained from scratch: as a rule those on the way to a discriminative branch."""
        way = self.start + self.labels + self.taught + self.discriminative + self.branch
        return self.epochs_of.get("only-ly-scratch", way)

    @property
    def falling_epochs(self) -> float:
        """Epochs on that way in which the rate falls."""
        return self.epochs_of.get("only-ly", self.branch) + (self.discriminative if self.taught else 0)

    @property
    def class_nll_epochs(self) -> float:
        """Epochs of class-NLL: as a rule it sees labels as long as γ = 1 does."""
        as_one = self.labels + self.generative + self.epochs_of.get("gamma-1", self.branch)
        return self.epochs_of.get("class-nll", as_one)


_CIFAR10 = Plan(
    preset="cpu",
    gammas=(0.02, 0.2, 1, 35.65),
    start=3,
    likelihood=9,
    labels=34,
    taught=30,
    scratch=12,
    discriminative=14,
    generative=8,
    branch=3,
    shift=4,
    cutout=12,
    branch_shift=2,
    teachers=("resnet", "i-revnet"),
    taught_branches=("gamma-1",),
    taught_cutout=16,
    weight_decay=0.05,
    mixed_in={
        "gamma-1": ("trunk-generative", 0.5),
        "gamma-35.65": ("trunk-taught", 0.4),
        "only-ly": ("trunk-taught", 0.4),
    },
    vib=True,
    i_revnet=True,
    epochs_of={"gamma-1": 10, "class-nll": 18, "only-ly-scratch": 32},
)
_DIGITS = Plan(
    preset="digits",
    gammas=(0.02, 0.2, 1, 4.63, 35.65),
    start=2,
    likelihood=6,
    labels=18,
    discriminative=4,
    branch=3,
    shift=2,
    cutout=8,
    branch_shift=2,
    branch_cutout=8,
    label_smoothing=0.0,
    teachers=("resnet",),
    rate_without_labels=3e-3,
    mixed_in={
        "gamma-1": ("trunk-labels", 0.6),
        "gamma-4.63": ("trunk-labels", 0.4),
        "gamma-35.65": ("trunk-discriminative", 0.2),
        "only-ly": ("trunk-discriminative", 0.2),
    },
    epochs_of={"gamma-1": 8, "class-nll": 12, "only-ly-scratch": 16},
)
_CIFAR100_EPOCHS = {
    "only-lx": 4,
    "gamma-0.02": 5,
    "gamma-0.1": 5,
    "gamma-1": 6.5,
    "only-ly": 5,
    "class-nll": 4,
    "resnet": 10,
    "i-revnet": 10,
}
#: By the name of the data set. CIFAR-10's γ are some of those of Figs. 7, 9 and 14, and mixtures are between them;
#: Table 1 has a VIB. CIFAR-100's end at 1, since its L_Y is larger (Appendix D.2), and Table 2 has no
#: VIB; what CIFAR-10's networks know of images and of ten classes is borrowed.
PLANS = {
    "cifar10": _CIFAR10,
    "cifar100": dataclasses.replace(
        _CIFAR10,
        gammas=(0.02, 0.1, 1),
        labels=10,
        taught=6.5,
        discriminative=0,
        taught_branches=("gamma-0.02", "gamma-0.1", "gamma-1", "only-ly"),
        generative=0,
        from_one=True,
        restart_rate=1.0,
        teachers=("resnet",),
        vib=False,
        borrowed={
            "trunk-start": "trunk-labels",
            "trunk-likelihood": "trunk-likelihood",
            "trunk-resnet": "resnet",
            "trunk-i-revnet": "i-revnet",
        },
        mixed_in={**_CIFAR10.mixed_in, "gamma-1": ("trunk-taught", 0.2)},
        epochs_of={**_CIFAR10.epochs_of, **_CIFAR100_EPOCHS},
    ),
    "mnist": _DIGITS,
    "fashion-mnist": _DIGITS,
}


@dataclass(frozen=True)
class Member:
    """One training of the family."""

    id: str  # of the training's folder and of its checkpoint
    config: TrainingConfig  # the training; its init is another member's id, or None
    exported: bool = True  # whether it becomes a checkpoint; a trunk does not
    # The member whose weights are mixed in when it becomes one (:mod:`.mixed_in`), if any, and its share
    mixed_in: tuple[str, float] | None = None
    starts_outside: bool = False  # whether its init is of another family, and no member

    @property
    def needs(self) -> set[str]:
        """The ids of the members that it starts from or is mixed with."""
        init = None if self.starts_outside else self.config.init
        return {name for name in (init, self.mixed_in and self.mixed_in[0]) if name}


def plan_of(dataset: str) -> Plan:
    """The plan of a data set's family; a ValueError where there is none."""
    if dataset not in PLANS:
        raise ValueError(f"there is no family of {dataset!r}; choose one of {', '.join(PLANS)}")
    return PLANS[dataset]


def family(dataset: str = "cifar10", scale: float = 1.0) -> list[Member]:
    """The trunks and the models of the γ family of a data set in :data:`PLANS`, ancestors first.

    Ids of another data set than CIFAR-10 begin with its name. ``scale`` is a factor on all epochs, for a quick trial.
    """
    plan, prefix = plan_of(dataset).scaled(scale), DATASETS[dataset].id_prefix
    trunks = _trunks(plan, dataset)
    # What others start from comes before them.
    gammas = sorted(plan.gammas, key=lambda gamma: gamma != 1) if plan.from_one else plan.gammas
    members = [
        *(Member(id, config, exported=False) for id, config in trunks.items()),
        _branch(plan, trunks, "only-lx", Objective(gamma=0), "trunk-likelihood"),
        *(_branch_with_labels(plan, trunks, f"gamma-{gamma:g}", gamma) for gamma in gammas),
        _branch_with_labels(plan, trunks, "only-ly", math.inf),
        _branch(plan, trunks, "class-nll", Objective("class-nll", None), "trunk-likelihood", plan.class_nll_epochs),
    ]
    if plan.scratch:
        rest = dataclasses.replace(trunks["trunk-scratch"], decay=1.0)
        epochs = plan.scratch_epochs - plan.scratch
        members.append(Member("only-ly-scratch", _after(rest, "trunk-scratch", epochs)))
    return _named(members, plan, prefix)


def competitors(dataset: str = "cifar10", scale: float = 1.0) -> list[Member]:
    """The models that stand beside a family, with its recipe and its hours; the arguments are those of :func:`family`.

    Class-NLL with fixed means starts where class-NLL does. What has no likelihood is trained from scratch, in as many
    hours as "only-ly-scratch". ResNet and VIB part where a branch leaves its trunk, at "trunk-resnet".
    """
    plan, prefix = plan_of(dataset).scaled(scale), DATASETS[dataset].id_prefix
    configs = {member.id: member.config for member in family(dataset, scale)}
    nll, labels = configs[f"{prefix}class-nll"], configs[f"{prefix}trunk-labels"]
    # A short training from a trunk of the same images ends on images as they are; from other images it learns as a
    # trunk does.
    calm = {} if "trunk-resnet" in plan.borrowed else {"cutout": 0, "shift": plan.branch_shift}
    scratch = _from_scratch(labels, configs[f"{prefix}only-ly"].objective, plan.scratch_epochs, plan.falling_epochs)
    cross_entropy = Objective("cross-entropy", None, plan.label_smoothing)
    resnet = dataclasses.replace(scratch, model="resnet", objective=cross_entropy)
    trunk = dataclasses.replace(resnet, epochs=plan.scratch_epochs / RESNET_COST - plan.branch, decay=0)

    def off_trunk(id: str, model: str, objective: Objective, trunk_id: str = "trunk-resnet") -> Member:
        config = dataclasses.replace(trunk, model=model, objective=objective, decay=1.0, **calm)
        return Member(id, _after(config, trunk_id, plan.epochs_of.get(id, plan.branch)))

    fixed = dataclasses.replace(nll, objective=Objective("class-nll-regularized", None), init="trunk-likelihood")
    members = [
        Member("class-nll-regularized", fixed),
        Member("trunk-resnet", trunk, exported=False),
        off_trunk("resnet", "resnet", cross_entropy),
    ]
    if plan.vib:
        members.append(off_trunk("vib-1", "vib", Objective("vib", 1)))
    if plan.i_revnet and "trunk-i-revnet" in plan.borrowed:
        members.append(off_trunk("i-revnet", "i-revnet", cross_entropy, "trunk-i-revnet"))
    elif plan.i_revnet:
        members.append(Member("i-revnet", dataclasses.replace(scratch, model="i-revnet", objective=cross_entropy)))
    return _named(members, plan, prefix)


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
        if member.id in wanted:
            wanted |= member.needs
    return [member for member in members if member.id in wanted]


def _trunk(plan: Plan, dataset: str, objective: Objective, epochs: float, rate: float) -> TrainingConfig:
    """A training from nothing at a constant rate."""
    sees_labels, described = objective.sees_labels, DATASETS[dataset]
    architecture = PRESETS[plan.preset]
    if not plan.borrowed:
        architecture = architecture.for_images(described.image_shape, described.mean, described.std)
    return TrainingConfig(
        objective=objective,
        architecture=architecture,
        epochs=epochs,
        batch_size=64,
        learning_rate=rate,
        warmup=_warmup(epochs),
        decay=0,
        weight_decay=plan.weight_decay if sees_labels else 0.02,
        average=0.999,
        shift=plan.shift if sees_labels else 0,
        cutout=plan.cutout if sees_labels else 0,
        flip=described.flip,
        dataset=dataset,
    )


def _trunks(plan: Plan, dataset: str) -> dict[str, TrainingConfig]:
    """The trunks by their ids, ancestors first."""
    start = _trunk(plan, dataset, Objective(gamma=0), plan.start, plan.rate_without_labels)
    labels = _trunk(plan, dataset, _with_labels(plan, 1), plan.labels, RATE_WITH_LABELS)
    teachers = tuple(DATASETS[dataset].id_prefix + id for id in plan.teachers)
    if not plan.taught:
        labels = dataclasses.replace(labels, teachers=teachers)
    discriminative = dataclasses.replace(labels, objective=_with_labels(plan, DISCRIMINATIVE))
    trunks = {
        "trunk-start": start,
        "trunk-likelihood": _after(start, "trunk-start", plan.likelihood),
        "trunk-labels": _after(labels, "trunk-start", plan.labels),
    }
    if plan.generative:
        falling = {"decay": 1.0, "shift": plan.branch_shift, "cutout": plan.branch_cutout}
        trunks["trunk-generative"] = _after(dataclasses.replace(labels, **falling), "trunk-labels", plan.generative)
    if plan.taught:
        taught = dataclasses.replace(discriminative, teachers=teachers, cutout=plan.taught_cutout)
        trunks["trunk-taught"] = _after(taught, "trunk-labels", plan.taught)
        discriminative = dataclasses.replace(discriminative, cutout=0, decay=1.0, floor=FLOOR)
    if plan.discriminative:
        before = "trunk-taught" if plan.taught else "trunk-labels"
        trunks["trunk-discriminative"] = _after(discriminative, before, plan.discriminative)
    if plan.scratch:
        objective = _with_labels(plan, math.inf)
        trunks["trunk-scratch"] = _trunk(plan, dataset, objective, plan.scratch, RATE_WITH_LABELS)
    return trunks


def _branch(
    plan: Plan,
    trunks: Mapping[str, TrainingConfig],
    id: str,
    objective: Objective,
    trunk: str,
    epochs: float | None = None,
) -> Member:
    """A model that starts with the weights of the trunk with this id; its rate falls to zero from the trunk's last.

    Where that was zero, it begins at a share of the rate of "trunk-labels". ``epochs`` count if the plan names none for
    this id; without them, those of every branch.
    """
    begun, sees_labels = trunks[trunk], objective.sees_labels
    if begun.decay:
        rate = begun.floor * begun.learning_rate or _restart_rate(plan, trunks)
    else:  # the first to see labels begins at the rate of those
        rate = trunks["trunk-labels" if sees_labels else trunk].learning_rate
    if id in plan.taught_branches:
        taught = trunks["trunk-taught"]
        seen = {"teachers": taught.teachers, "shift": taught.shift, "cutout": taught.cutout}
    else:
        seen = {
            "shift": plan.branch_shift if sees_labels else 0,
            "cutout": plan.branch_cutout if sees_labels and objective.gamma is not None else 0,
        }
    config = dataclasses.replace(begun, objective=objective, learning_rate=rate, decay=1.0, floor=0.0, **seen)
    return Member(id, _after(config, trunk, plan.epochs_of.get(id, plan.branch if epochs is None else epochs)))


def _branch_with_labels(plan: Plan, trunks: Mapping[str, TrainingConfig], id: str, gamma: float) -> Member:
    """A model with this γ: from the trunk with labels, or from the generative or the discriminative one."""
    trunk = "trunk-labels"
    if gamma >= DISCRIMINATIVE:
        trunk = "trunk-discriminative" if plan.discriminative else "trunk-taught"
    elif gamma <= 1 and plan.generative:
        trunk = "trunk-generative"
    member = _branch(plan, trunks, id, _with_labels(plan, gamma), trunk)
    if id in plan.mixed_in:
        return dataclasses.replace(member, mixed_in=plan.mixed_in[id])
    if plan.from_one and gamma < 1:
        from_one = dataclasses.replace(member.config, init="gamma-1", learning_rate=_restart_rate(plan, trunks))
        return dataclasses.replace(member, config=from_one)
    return member


def _restart_rate(plan: Plan, trunks: Mapping[str, TrainingConfig]) -> float:
    """The rate of a branch that starts where another training's had fallen to zero."""
    return plan.restart_rate * trunks["trunk-labels"].learning_rate


def _with_labels(plan: Plan, gamma: float) -> Objective:
    return Objective(gamma=gamma, label_smoothing=plan.label_smoothing)


def _after(config: TrainingConfig, trunk: str, epochs: float) -> TrainingConfig:
    """The same training from the weights of a trunk, for so many epochs."""
    return dataclasses.replace(config, init=trunk, epochs=epochs, warmup=_warmup(epochs))


def _from_scratch(trunk: TrainingConfig, objective: Objective, epochs: float, falling: float) -> TrainingConfig:
    """A training from nothing, without teachers, in which the rate falls over the last ``falling`` epochs."""
    decay = min(1.0, falling / (epochs * (1 - _warmup(epochs))))
    schedule = {"epochs": epochs, "warmup": _warmup(epochs), "decay": decay, "init": None, "teachers": ()}
    return dataclasses.replace(trunk, objective=objective, **schedule)


def _warmup(epochs: float) -> float:
    """The share of the steps that warm up: a third of an epoch, at most a tenth."""
    return min(0.1, 0.3 / epochs)


def _named(members: list[Member], plan: Plan, prefix: str) -> list[Member]:
    """The members under their ids; without the borrowed trunks, from whose owners others start instead."""
    return [_prefixed(member, plan.borrowed, prefix) for member in members if member.id not in plan.borrowed]


def _prefixed(member: Member, borrowed: Mapping[str, str], prefix: str) -> Member:
    source = member.config.init
    is_outside = source is not None and source in borrowed
    init = source and (borrowed[source] if is_outside else prefix + source)
    mixed_in = member.mixed_in and (prefix + member.mixed_in[0], member.mixed_in[1])
    config = dataclasses.replace(member.config, init=init)
    return dataclasses.replace(
        member, id=prefix + member.id, config=config, mixed_in=mixed_in, starts_outside=is_outside
    )
