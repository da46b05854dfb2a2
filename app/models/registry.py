"""Which checkpoints there are; a model is loaded once for all sessions and only read."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import streamlit as st

import ibinn_core as ib
from ibinn_core import checkpoint as checkpoints
from ibinn_core.checkpoint import Checkpoint

if TYPE_CHECKING:  # torch is imported with the first model, not with the page
    from ibinn_core.models.classifier import Classifier

#: What pages begin with, as far as it is there: one model; several, from generative to discriminative; and one
#: without a likelihood beside them.
FIRST_MODEL = "gamma-1"
FIRST_MODELS = ("gamma-0.02", FIRST_MODEL, "gamma-35.65", "only-ly")
FIRST_BESIDE = "resnet"


def first_of(ids: Sequence[str]) -> str:
    """The model that a page begins with, of those that it offers (at least one)."""
    return FIRST_MODEL if FIRST_MODEL in ids else ids[0]


def first_few_of(ids: Sequence[str]) -> list[str]:
    """The models that a page begins with that compares several."""
    return [i for i in FIRST_MODELS if i in ids] or list(ids[:4])


def first_beside_of(ids: Iterable[str]) -> list[str]:
    """Those without a likelihood that it begins with."""
    return [i for i in ids if i == FIRST_BESIDE]


def all_checkpoints() -> list[Checkpoint]:
    """All readable checkpoints; a posterior is what they have in common. Read again when a folder changes."""
    return _all()[0]


def refused() -> list[checkpoints.Refusal]:
    """The checkpoints that cannot be used, each with the reason."""
    return _all()[1]


def with_likelihood() -> list[Checkpoint]:
    """The checkpoints that every page can show.

    Most pages are about latents and likelihoods: a model without them, such as a ResNet, is in
    :func:`all_checkpoints` only.
    """
    return [c for c in all_checkpoints() if c.has_latents and c.has_likelihood]


def without_likelihood() -> list[Checkpoint]:
    """The purely discriminative ones: they have a posterior and no likelihood."""
    return [c for c in all_checkpoints() if not c.has_likelihood]


def _all() -> tuple[list[Checkpoint], list[checkpoints.Refusal]]:
    folder = checkpoints.default_folder()
    files = sorted(folder.glob("*/*.json")) + sorted(folder.glob("*/*.safetensors")) if folder.is_dir() else []
    return _scan(str(folder), tuple((str(f), f.stat().st_mtime_ns, f.stat().st_size) for f in files))


@st.cache_resource(max_entries=4, show_spinner=False)
def _scan(folder: str, stamp: tuple) -> tuple[list[Checkpoint], list[checkpoints.Refusal]]:
    # What was computed from checkpoints that have changed is out of date.
    st.cache_data.clear()
    load_model.clear()
    return checkpoints.scan(folder)


def show_refused() -> None:
    """A quiet line for each checkpoint that cannot be used."""
    for refusal in refused():
        st.warning(refusal.reason, icon=":material/block:")


def by_id(checkpoint_id: str) -> Checkpoint:
    """The readable checkpoint with this id."""
    return next(c for c in all_checkpoints() if c.id == checkpoint_id)


@st.cache_resource(show_spinner="Loading the model …")
def load_model(checkpoint_id: str) -> "Classifier":
    """The loaded model, one for all sessions; nothing may change it."""
    return ib.load(by_id(checkpoint_id)).requires_grad_(False)  # no page trains, and without it everything is faster
