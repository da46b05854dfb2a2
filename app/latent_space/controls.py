"""What a person chooses of the latent space: the view, the colour, the classes."""

import numpy as np
import streamlit as st

from app import state
from app.figures.classes import MOST, TOP
from app.latent_space.clouds import COLORS, SUPERCLASS, VIEWS
from app.models import registry
from app.widgets.choice import choose_classes, explain_limit
from ibinn_core.checkpoint import Checkpoint
from ibinn_core.data import Dataset
from ibinn_core.weight_space import MixedCheckpoint

WIDE, NARROW = 210, 140  # of a select, in CSS pixels


def model_ids() -> list[str]:
    """Ids of the models that the page can show."""
    return [c.id for c in registry.with_likelihood()]


def class_filter(dataset: Dataset) -> list[int]:
    """Which of the classes are drawn; of too many for colours, at first those that a model recognises best."""
    classes = dataset.classes
    few = len(classes) <= MOST
    default = list(classes) if few else best_recognised(registry.by_id(registry.first_of(model_ids())))
    nothing = "None chosen means all." if few else "None chosen means the first ten."
    picked = choose_classes(dataset, default, state.DRAWN, f"Which classes are drawn. {nothing}")
    explain_limit(dataset, f"{len(picked or default)} of them")
    return [k for k, name in enumerate(classes) if name in (picked or default)]


def best_recognised(checkpoint: Checkpoint) -> list[str]:
    """The names of the ten classes that a model recognises best on the test set."""
    latent, count = checkpoint.latent, len(checkpoint.classes)
    labels = latent["labels"].astype(int)
    right = np.bincount(labels[latent["posterior"].argmax(1) == labels], minlength=count)
    share = right / np.maximum(np.bincount(labels, minlength=count), 1)
    best = np.argsort(-share, kind="stable")[:TOP]
    return [checkpoint.classes[k] for k in sorted(best)]


def pick_view(checkpoints: list[Checkpoint]) -> str:
    """Name of a stored view; between trained models only the means' is known."""
    if any(isinstance(checkpoint, MixedCheckpoint) for checkpoint in checkpoints):
        st.selectbox(
            "View",
            list(VIEWS)[:1],
            disabled=True,
            key="view-of-mixture",
            help="The other views were computed for the trained models, the ticks of the slider.",
            width=WIDE,
        )
        return "means"
    help = "The plane in which the class means differ most, or another."
    return VIEWS[st.selectbox("View", list(VIEWS), **state.bound(state.VIEW), help=help, width=WIDE)]


def pick_color(dataset: Dataset) -> str:
    """What the colour of a point means: the class, that of a mistake, or the superclass where there are any."""
    help = "What a point's colour means."
    offered = [*COLORS, *([SUPERCLASS] if dataset.superclasses else [])]
    return st.selectbox("Colour", offered, **state.bound(state.COLOR), help=help, width=NARROW)


def drawn_in(color: str, dataset: Dataset) -> list[int]:
    """Which of the classes are drawn in a colour: those that a filter leaves, and all of them by superclass."""
    if color == SUPERCLASS:
        return list(range(dataset.num_classes))
    with st.popover("Classes", icon=":material/category:"):
        return class_filter(dataset)
