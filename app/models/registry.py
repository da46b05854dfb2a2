"""Which checkpoints there are, of which data set; a model is loaded once for all sessions and only read.

People look at one data set at a time (:func:`chosen`), which :mod:`app.models.data_switch` lets them choose: unless it
says otherwise, a function gives the checkpoints of that one.
"""

import gc
import threading
import time
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

import ibinn_core as ib
from app.models import asking
from app.widgets.markdown import markdown_text
from ibinn_core import checkpoint as checkpoints
from ibinn_core.checkpoint import Checkpoint
from ibinn_core.data import DATASETS, Dataset
from ibinn_core.data.datasets import DEFAULT
from ibinn_core.weight_space import MixedCheckpoint

if TYPE_CHECKING:  # torch is imported with the first model, not with the page
    from ibinn_core.models.classifier import Classifier

#: What pages begin with, as far as it is there: one model; several, from generative to discriminative; and one
#: without a likelihood beside them. Ids as they are for CIFAR-10; those of others begin with the data set's name.
FIRST_MODEL = "gamma-1"
FIRST_MODELS = ("gamma-0.02", FIRST_MODEL, "gamma-35.65", "only-ly")
FIRST_BESIDE = "resnet"

MIXTURES = 24  # models between trained ones that are kept; each takes some ten megabytes
FOUND = "checkpoints-found"  # in the session: what a run goes by, from its beginning to its end
FRESH = 0.5  # seconds for which a listing of the checkpoints holds
MNIST = DATASETS["mnist"]
DATA = "data"  # the parameter of the URL, and the key of the switch


def first_of(ids: Sequence[str]) -> str:
    """The model that a page begins with, of those that it offers (at least one)."""
    return next((i for i in ids if i == id_of(FIRST_MODEL)), ids[0])


def first_among(family: Sequence[Checkpoint]) -> Checkpoint:
    """The same of the models of any data set."""
    return next((c for c in family if c.id == c.dataset.id_prefix + FIRST_MODEL), family[0])


def first_few_of(ids: Sequence[str]) -> list[str]:
    """The models that a page begins with that compares several."""
    return [i for i in map(id_of, FIRST_MODELS) if i in ids] or list(ids[:4])


def first_beside_of(ids: Iterable[str]) -> list[str]:
    """Those without a likelihood that it begins with."""
    return [i for i in ids if i == id_of(FIRST_BESIDE)]


def id_of(name: str) -> str:
    """The id in the chosen data set's family of what is called ``name`` in every family, such as ``"gamma-1"``."""
    return dataset().id_prefix + name


# The data sets ------------------------------------------------------------------------------------------


def families() -> dict[str, list[Checkpoint]]:
    """All readable checkpoints by data set, CIFAR-10's first.

    The keys are the names of the data sets. Of a person's folder that was trained before and after it changed, so that
    classes or shapes differ, the second and later ones have a number behind their name.
    """
    return _all().families


def titles() -> dict[str, str]:
    """What people call the data set of each of :func:`families`, by its key."""
    return {
        key: members[0].dataset.title + (f" ({key.rpartition('~')[2]})" if "~" in key else "")
        for key, members in families().items()
    }


def chosen() -> str | None:
    """The key of the data set that the person looks at: by the session, else ``?data=``, else the first there is."""
    keys = families().keys()
    asked = (st.session_state.get(DATA), st.query_params.get(DATA))
    return next((key for key in asked if key in keys), next(iter(keys), None))


def dataset() -> Dataset:
    """What is known of the chosen data set; without any checkpoint, of CIFAR-10."""
    members = all_checkpoints()
    return members[0].dataset if members else DATASETS[DEFAULT]


# Their checkpoints --------------------------------------------------------------------------------------


def all_checkpoints() -> list[Checkpoint]:
    """The readable ones; a posterior is what they have in common. Read again when a folder changes."""
    key = chosen()
    return [] if key is None else families()[key]


def of_data_set(name: str = DEFAULT) -> list[Checkpoint]:
    """The readable checkpoints of a data set, whichever is chosen: what is written for CIFAR-10 stays with it."""
    return families().get(name, [])


def refused() -> list[checkpoints.Refusal]:
    """The checkpoints that cannot be used, each with the reason, whatever their data set."""
    return _all().refused


def with_likelihood() -> list[Checkpoint]:
    """The checkpoints that every page can show.

    Most pages are about latents and likelihoods: a model without them, such as a ResNet, is in
    :func:`all_checkpoints` only.
    """
    return _with_likelihood(all_checkpoints())


def without_likelihood() -> list[Checkpoint]:
    """The purely discriminative ones: they have a posterior and no likelihood."""
    return [c for c in all_checkpoints() if not c.has_likelihood]


def family_of(checkpoint: Checkpoint) -> list[Checkpoint]:
    """The checkpoints with a likelihood of a checkpoint's own data set, whichever is chosen."""
    trained = checkpoint.blend.left if isinstance(checkpoint, MixedCheckpoint) else checkpoint.id
    return next((_with_likelihood(f) for f in families().values() if trained in {c.id for c in f}), [])


def by_id(checkpoint_id: str) -> Checkpoint:
    """The readable checkpoint with this id, whatever its data set, or the mixture that the id names.

    Raises:
        CheckpointError: It is not there any more.
    """
    found = _trained(checkpoint_id) or mixture(checkpoint_id)
    if found is None:
        raise checkpoints.CheckpointError(f"The model {checkpoint_id} is gone: its folder was removed or renamed.")
    return found


def _trained(checkpoint_id: str) -> Checkpoint | None:
    return next((c for family in families().values() for c in family if c.id == checkpoint_id), None)


def load_model(checkpoint_id: str) -> "Classifier":
    """The loaded model, one for all sessions; nothing may change it."""
    return _loaded(checkpoint_id) if _trained(checkpoint_id) else _mixed(checkpoint_id)


@st.cache_resource(show_spinner=False)
def _loaded(checkpoint_id: str) -> "Classifier":
    model = ib.load(by_id(checkpoint_id)).requires_grad_(False)  # no page trains, and without it everything is faster
    # Streamlit collects garbage after each run, and the browser waits: 150 ms, most of it for objects of torch, which
    # was imported by now and stays.
    gc.collect()
    gc.freeze()
    return model


@st.cache_resource(show_spinner=False, max_entries=MIXTURES)
def _mixed(checkpoint_id: str) -> "Classifier":
    found = by_id(checkpoint_id)
    assert isinstance(found, MixedCheckpoint)
    return found.load()


# The models between them --------------------------------------------------------------------------------


def weight_space(members: Sequence[Checkpoint]) -> ib.weight_space.Family | None:
    """The family of models at any γ that some checkpoints of one data set belong to; ``None`` without one."""
    if not members:
        return None
    first = members[0].id
    return next((_weight_space(key) for key, found in families().items() if first in {c.id for c in found}), None)


def is_continuous(family: ib.weight_space.Family) -> bool:
    """Whether the pages know enough of the models between the trained ones to show them."""
    return "reference" in family.arrays


def place(family: ib.weight_space.Family, gamma: float) -> Checkpoint:
    """The checkpoint at γ, or that of the nearest trained model where there is none."""
    if is_continuous(family):
        try:
            return by_id(family.checkpoint(gamma).id)
        except (ib.FamilyError, checkpoints.CheckpointError):
            pass  # between two models that do not mix
    position = family.position(min(max(gamma, family.gammas[0]), family.gammas[-1]))
    return family.members[round(position)]


@st.cache_resource(show_spinner=False, max_entries=8)
def _weight_space(key: str) -> ib.weight_space.Family | None:
    try:
        return ib.family(key) if len([c for c in families()[key] if c.objective == "ib"]) > 1 else None
    except ib.FamilyError:
        return None  # of a folder that was trained before and after it changed


@st.cache_resource(show_spinner=False, max_entries=MIXTURES)
def mixture(checkpoint_id: str) -> Checkpoint | None:
    """The mixture whose id this is: as a trained model's would be, with its γ in it."""
    for key, members in families().items():
        before, name, number = checkpoint_id.partition("gamma-")
        if (before, name) != (members[0].dataset.id_prefix, "gamma-"):
            continue
        family = _weight_space(key)
        try:
            mixture = family.checkpoint(float(number)) if family and is_continuous(family) else None
        except (ValueError, ib.FamilyError):
            continue
        if mixture is not None and mixture.id == checkpoint_id:
            return mixture
    return None


def show_refused() -> None:
    """A quiet line for each checkpoint that cannot be used."""
    for refusal in refused():
        st.warning(markdown_text(refusal.reason), icon=":material/block:")


def of_digits() -> list[Checkpoint]:
    """The checkpoints with a likelihood of the chosen data set if that is one of digits, else of another that is.

    Digits are grey images of 28×28 pixels in ten classes called 0 to 9, as MNIST's are.
    """
    found = {key: members for key, members in families().items() if _is_of_digits(members[0].dataset)}
    chosen_first = sorted(found, key=lambda key: key != chosen())
    return next(filter(None, (_with_likelihood(found[key]) for key in chosen_first)), [])


def _is_of_digits(data: Dataset) -> bool:
    return (data.classes, data.image_shape) == (MNIST.classes, MNIST.image_shape)


def _with_likelihood(members: list[Checkpoint]) -> list[Checkpoint]:
    return [c for c in members if c.has_latents and c.has_likelihood]


class _Found(NamedTuple):
    """What is in all folders that ``IBINN_CHECKPOINTS`` lists."""

    families: dict[str, list[Checkpoint]]
    refused: list[checkpoints.Refusal]


class _Listing(NamedTuple):
    """What was found where.

    Attributes:
        folders: that were looked into.
        stamps: of their files; another one if any has changed.
        until: when the files are looked at again, by the monotonic clock.
        found: the checkpoints.
    """

    folders: tuple[str, ...]
    stamps: tuple
    until: float
    found: _Found


_listing = _Listing((), (), 0.0, _Found({}, []))  # one for the process
_listing_lock = threading.Lock()


def begin_run() -> None:
    """Looks at the folders; until the next call this session sees what is found now.

    A page that asked twice, before and after a model is removed, would look for what it does not find any more.
    """
    st.session_state.pop(FOUND, None)
    st.session_state[FOUND] = _all()


def list_again() -> bool:
    """Whether the folders have changed since the run began; they are looked at anew then."""
    before = st.session_state.pop(FOUND, None)
    _forget_listing()
    return _all() is not before


def _forget_listing() -> None:
    global _listing
    _listing = _listing._replace(until=0.0)


def _all() -> _Found:
    """A page asks some hundred times: the files are looked at once in a while, and read if they have changed.

    Streamlit's cache would take as long to find the answer as a page's widgets take.
    """
    # The threads that compute for all people have no session.
    if get_script_run_ctx(suppress_warning=True) is not None and FOUND in st.session_state:
        return st.session_state[FOUND]
    folders = tuple(map(str, checkpoints.folders()))
    if _is_fresh(folders):
        return _listing.found
    with _listing_lock:
        return _listing.found if _is_fresh(folders) else _look(folders)


def _is_fresh(folders: tuple[str, ...]) -> bool:
    return _listing.folders == folders and time.monotonic() <= _listing.until


def _look(folders: tuple[str, ...]) -> _Found:
    global _listing
    stamps = tuple(checkpoints.stamp(folder) for folder in folders)
    found = _listing.found
    if (_listing.folders, _listing.stamps) != (folders, stamps):
        # What was computed from checkpoints that have changed is out of date.
        st.cache_data.clear()
        asking.RESULTS.clear()
        for kept in (_loaded, _mixed, _weight_space, mixture):
            kept.clear()
        readable, refused = checkpoints.scan()
        found = _Found(_by_dataset(readable), refused)
    _listing = _Listing(folders, stamps, time.monotonic() + FRESH, found)
    return found


def _by_dataset(readable: list[Checkpoint]) -> dict[str, list[Checkpoint]]:
    alike: dict[tuple, list[Checkpoint]] = {}
    for checkpoint in readable:
        data = checkpoint.dataset
        alike.setdefault((data.name, data.classes, data.image_shape), []).append(checkpoint)
    result: dict[str, list[Checkpoint]] = {}
    for (name, _, _), members in alike.items():
        before = sum(key.partition("~")[0] == name for key in result)
        result[f"{name}~{before + 1}" if before else name] = members
    return result
