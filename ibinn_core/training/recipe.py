"""The trainings of each γ family, as ``recipe.toml`` describes them. :mod:`.train_family` runs them."""

import tomllib
from dataclasses import dataclass
from pathlib import Path

from ..data.datasets import DATASETS
from ..models.architecture import PRESETS
from ..models.config import TrainingConfig
from ..models.objectives import Objective

RECIPES = tomllib.loads(Path(__file__).with_name("recipe.toml").read_text("utf-8"))


@dataclass(frozen=True)
class Member:
    """One training of a family."""

    id: str  # id of the training's folder and of its checkpoint
    config: TrainingConfig  # its init is the id of a training, perhaps of another family, or None
    exported: bool = True  # whether it becomes a checkpoint; a trunk does not
    mixed_in: tuple[str, float] | None = None  # the member to mix into the checkpoint, and its share

    @property
    def needs(self) -> set[str]:
        """Returns the ids of the trainings that this member starts from or is mixed with."""
        return {name for name in (self.config.init, self.mixed_in and self.mixed_in[0]) if name}


def family(dataset: str = "cifar10", scale: float = 1.0) -> list[Member]:
    """Returns the trunks, models and competitors of a data set's γ family, ancestors first.

    ``scale`` is a factor on all epochs, for a quick trial. Raises a ValueError for a data set without a recipe, or
    unless 0 < ``scale`` <= 1000.
    """
    if not 0 < scale <= 1000:
        raise ValueError(f"the scale of the epochs must be above 0 and at most 1000, not {scale:g}")
    recipe = recipe_of(dataset)
    shown = DATASETS[recipe.get("normalised_as", dataset)]
    described = DATASETS[dataset]
    shared = {
        "architecture": PRESETS[recipe["preset"]].for_images(shown.image_shape, shown.mean, shown.std),
        "dataset": dataset,
        "flip": described.flip,
    }
    ids = [id for id, values in recipe.items() if isinstance(values, dict)]
    return [_member(id, _values(recipe, id), shared, described.id_prefix, scale) for id in ids]


def recipe_of(dataset: str) -> dict:
    """Returns the part of ``recipe.toml`` about a data set; raises a ValueError if there is none."""
    if dataset not in RECIPES or dataset == "default":
        choice = ", ".join(name for name in RECIPES if name != "default")
        raise ValueError(f"there is no family of {dataset!r}; choose one of {choice}")
    recipe = RECIPES[dataset]
    return recipe_of(recipe["like"]) if "like" in recipe else recipe


def _values(recipe: dict, id: str) -> dict:
    """Returns the values of a training; missing values come from the training that ``like`` names."""
    values = dict(recipe[id])
    base = _values(recipe, values.pop("like")) if "like" in values else RECIPES["default"]
    return {**base, "init": None, **values}


def _member(id: str, values: dict, shared: dict, prefix: str, scale: float) -> Member:
    """Creates one training from its values in the recipe."""
    epochs = scale * values.pop("epochs")
    warmup = min(0.1, values.pop("warmup_epochs") / epochs)
    is_trunk = id.startswith("trunk-")
    schedule = {"epochs": epochs, "warmup": warmup, "decay": 0 if is_trunk else 1}
    if "falling_epochs" in values:
        schedule["decay"] = min(1.0, scale * values.pop("falling_epochs") / (epochs * (1 - warmup)))
    kind, gamma = values.pop("objective", "ib"), values.pop("gamma", None)
    mixed_in = [(prefix + name, share) for name, share in values.pop("mix_in", {}).items()]
    if init := values.pop("init"):
        other, _, name = init.rpartition("/")
        init = (DATASETS[other].id_prefix if other else prefix) + name
    config = TrainingConfig(
        objective=Objective(kind, gamma, values.pop("label_smoothing")),
        init=init,
        teachers=tuple(prefix + name for name in values.pop("teachers", ())),
        **{**shared, **schedule, **values},
    )
    return Member(prefix + id, config, not is_trunk, mixed_in[0] if mixed_in else None)


def with_ancestors(members: list[Member], ids: list[str]) -> list[Member]:
    """Returns the members with these ids, or all, and their ancestors; raises a ValueError for unknown ids."""
    known = [member.id for member in members]
    if unknown := set(ids).difference(known):
        raise ValueError(f"no model is called {', '.join(sorted(unknown))}; there are {', '.join(known)}")
    wanted = set(ids or known)
    for member in reversed(members):
        if member.id in wanted:
            wanted |= member.needs
    return [member for member in members if member.id in wanted]
