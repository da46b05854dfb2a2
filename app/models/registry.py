"""The checkpoints and the data set that a page shows.

A page shows one data set at a time (:func:`chosen`), which users choose with :mod:`app.models.data_switch`. Functions
return the checkpoints of that data set unless they say otherwise.
"""

from collections.abc import Iterable, Sequence

import streamlit as st

import ibinn_core as ib
from app import state
from app.desk import question
from app.inference import computations, models
from app.models import asking
from app.widgets.markdown import markdown_text
from ibinn_core import checkpoint as checkpoints
from ibinn_core.checkpoint import Checkpoint
from ibinn_core.data import DATASETS, Dataset
from ibinn_core.data.datasets import DEFAULT
from ibinn_core.weight_space import MixedCheckpoint

#: The models that pages open with, if they exist: one with and one without a likelihood. These are ids of CIFAR-10;
#: ids of other data sets begin with the data set's name.
FIRST_MODEL = "gamma-1"
FIRST_BESIDE = "resnet"

MNIST = DATASETS["mnist"]


def first_of(ids: Sequence[str]) -> str:
    """The id of the model that a page opens with, among the ids of its models (at least one)."""
    return next((i for i in ids if i == id_of(FIRST_MODEL)), ids[0])


def first_among(family: Sequence[Checkpoint]) -> Checkpoint:
    """The model that a page opens with, among models of any data set (at least one)."""
    return next((c for c in family if c.id == c.dataset.id_prefix + FIRST_MODEL), family[0])


def first_beside_of(ids: Iterable[str]) -> list[str]:
    """Those of ``ids`` that a page opens with, among the models without a likelihood."""
    return [i for i in ids if i == id_of(FIRST_BESIDE)]


def id_of(name: str) -> str:
    """The id of the chosen data set's model with a ``name`` that all families use, such as ``"gamma-1"``."""
    return dataset().id_prefix + name


# The data sets ------------------------------------------------------------------------------------------


def families() -> dict[str, list[Checkpoint]]:
    """All readable checkpoints by data set, CIFAR-10 first.

    The keys are the names of the data sets. If a user's folder changed between trainings, so that classes or shapes
    differ, later keys end in a number.
    """
    return asking.current_models().families


def titles() -> dict[str, str]:
    """The title of each data set, by its key in :func:`families`."""
    return {
        key: members[0].dataset.title + (f" ({key.rpartition('~')[2]})" if "~" in key else "")
        for key, members in families().items()
    }


def chosen() -> str | None:
    """The key of the chosen data set: from the session, else ``?data=``, else the first."""
    keys = families().keys()
    asked = (state.get(state.DATA_SHOWN), state.get(state.DATA), state.in_url(state.DATA))
    return next((key for key in asked if key in keys), next(iter(keys), None))


def dataset() -> Dataset:
    """The description of the chosen data set, or of CIFAR-10 if there is no checkpoint."""
    members = all_checkpoints()
    return members[0].dataset if members else DATASETS[DEFAULT]


# The checkpoints ----------------------------------------------------------------------------------------


def all_checkpoints() -> list[Checkpoint]:
    """The readable checkpoints, which all have a posterior. They are read again when a folder changes."""
    key = chosen()
    return [] if key is None else families()[key]


def of_data_set(name: str = DEFAULT) -> list[Checkpoint]:
    """The readable checkpoints of a data set, even if another data set is chosen."""
    return families().get(name, [])


def refused() -> list[checkpoints.Refusal]:
    """The unusable checkpoints of all data sets, each with the reason."""
    return asking.current_models().refused


def with_likelihood() -> list[Checkpoint]:
    """The checkpoints that every page can show.

    Most pages show latents and likelihoods. A model without them, such as a ResNet, is only in
    :func:`all_checkpoints`.
    """
    return _with_likelihood(all_checkpoints())


def without_likelihood() -> list[Checkpoint]:
    """The purely discriminative checkpoints, which have a posterior but no likelihood."""
    return [c for c in all_checkpoints() if not c.has_likelihood]


def family_of(checkpoint: Checkpoint) -> list[Checkpoint]:
    """The checkpoints with a likelihood for the data set of a checkpoint, even if another data set is chosen."""
    trained = checkpoint.point.left if isinstance(checkpoint, MixedCheckpoint) else checkpoint.id
    return next((_with_likelihood(f) for f in families().values() if trained in {c.id for c in f}), [])


def by_id(checkpoint_id: str) -> Checkpoint:
    """The readable checkpoint with this id, of any data set, or the mixed model with this id.

    Raises:
        CheckpointError: the model does not exist any more.
    """
    return asking.current_models().by_id(checkpoint_id)


# Mixed models -------------------------------------------------------------------------------------------


def mixed(checkpoint_id: str) -> MixedCheckpoint | None:
    """The mixed model with this id, such as ``"gamma-9.5"``; ``None`` for any other id."""
    return asking.current_models().mixed(checkpoint_id)


def weight_space(members: Sequence[Checkpoint]) -> ib.weight_space.Family | None:
    """The family, with models at any γ, that checkpoints of one data set belong to; ``None`` if there is none."""
    key = _key_of(members)
    return None if key is None else asking.current_models().weight_space(key)


def _key_of(members: Sequence[Checkpoint]) -> str | None:
    first = {member.id for member in members[:1]}
    return next((key for key, those in asking.current_models().families.items() if first & {c.id for c in those}), None)


def place(family: ib.weight_space.Family, gamma: float) -> Checkpoint:
    """The family's checkpoint at γ, or else the trained model nearest on the slider."""
    if models.is_continuous(family):
        try:
            return by_id(family.checkpoint(gamma).id)
        except (ib.FamilyError, checkpoints.CheckpointError):
            pass  # γ is between two models that cannot be mixed
    position = family.position(min(max(gamma, family.gammas[0]), family.gammas[-1]))
    return family.members[round(position)]


def show_refused() -> None:
    """Shows a line for each unusable checkpoint."""
    for refusal in refused():
        st.warning(markdown_text(refusal.reason), icon=":material/block:")


def digits() -> str | None:
    """The key of the chosen data set if it holds digits, else of the first data set with digits, if any."""
    able = [
        key for key, members in families().items() if is_of_digits(members[0].dataset) and _with_likelihood(members)
    ]
    return next((key for key in (state.get(state.DATA), *able) if key in able), None)


def is_of_digits(data: Dataset) -> bool:
    """Whether a data set has handwritten digits like MNIST: grey, 28×28 pixels, ten classes 0 to 9."""
    return (data.classes, data.image_shape) == (MNIST.classes, MNIST.image_shape)


def _with_likelihood(members: list[Checkpoint]) -> list[Checkpoint]:
    return [c for c in members if c.has_likelihood]


def begin_run() -> None:
    """Lists the folders; this session keeps the result until the next call.

    Without that result, a page could list a model and then miss it, if the model is removed while the page runs.
    """
    state.take(state.FOUND)
    state.put(state.FOUND, asking.current_models())


def list_again() -> bool:
    """Lists the folders again; returns whether they have changed since the run began."""
    before = state.take(state.FOUND)
    models.refresh()
    return asking.current_models() is not before


models.arrays_of_mixed = lambda id: asking.ask(question(computations.arrays_of_mixed, id))
