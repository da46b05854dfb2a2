"""What a person writes, read in the browser with every move of the pen (``app/static/live/writing.js``).

The page sends once what :mod:`app.judgement.written_digit` judges by; the program is told of the strokes when the pen
is up, and shows the same.
"""

from typing import Any

import numpy as np
import streamlit as st

import ibinn_core as ib
from app.answer import CLASS_UNKNOWN, CONFIDENT, CONFIDENT_FROM, OUT, UNCERTAIN
from app.figures.cloud_picture import EDGE
from app.figures.written import FLOOR, LEGEND, ends_of, heights_of, legend_of
from app.judgement.class_typicality import mahalanobis
from app.judgement.written_digit import alike
from app.latent_space.clouds import test_bits, turn_of
from app.latent_space.moving_point import LONGEST, frame_of_plane
from app.models import asking, registry
from app.models.in_browser import addresses_of
from app.models.live import packed_floats
from app.models.predictions import bits_per_dim
from app.models.summary import labels_known
from app.palette import ACCENT, CLASS_COLORS, HALO, rgba
from app.widgets.component import own_module
from app.widgets.selectors import show_style
from ibinn_core.checkpoint import Checkpoint, view
from ibinn_core.exploration import TYPICAL
from ibinn_core.weight_space import MixedCheckpoint, plain_gamma

VERDICTS = {"confident": CONFIDENT, "uncertain": UNCERTAIN, "out": OUT, "unknown": CLASS_UNKNOWN}
#: The patterns of verdicts are never seen themselves; a verdict of the program's is not while there is one of the
#: browser's in its place.
STYLE = """
:has(> .st-key-draw-verdicts), .st-key-draw-verdicts, .st-key-draw-verdict.is-behind { display: none; }
"""
_HTML = '<p data-live class="live-note"></p>'


def read_here(checkpoint: Checkpoint) -> None:
    """Lets the browser read what is written under a model; where it cannot, one line says that the server does."""
    show_style(STYLE)
    with st.container(key="draw-verdicts"):  # as they look, for the browser to copy
        for name, verdict in VERDICTS.items():
            with st.container(key=f"draw-{name}"):
                st.markdown(f":{verdict.color}-badge[{verdict.icon} {verdict.word}] …")
    trained = registry.by_id(checkpoint.point.left) if isinstance(checkpoint, MixedCheckpoint) else checkpoint
    addresses = addresses_of(trained) if checkpoint.gamma is not None else None
    data = {
        "addresses": None if addresses is None else addresses._asdict(),
        "problem": "" if addresses else "it has no models for browsers",
        "gamma": None if checkpoint.gamma is None else plain_gamma(checkpoint.gamma),
        **(_known(checkpoint.id) if addresses else {"model": checkpoint.id}),
    }
    own_module("written_here", "live/writing.js", "component", _HTML)(key="live-written", data=data)


@asking.kept
def _known(checkpoint_id: str) -> dict[str, Any]:
    """What the browser judges by, in plain values."""
    checkpoint = registry.by_id(checkpoint_id)
    classes = checkpoint.classes
    least, most = ends_of(test_bits(checkpoint_id))
    basis, (corner, side) = view(checkpoint.latent, "means"), frame_of_plane(checkpoint_id)
    rotation = turn_of(checkpoint_id, "means").rotation
    return {
        "model": checkpoint_id,
        "classes": list(classes),
        "colors": list(CLASS_COLORS[: len(classes)]),
        "noise": checkpoint.noise,
        "labelled": labels_known(checkpoint),
        "sure": CONFIDENT_FROM,
        "typical": TYPICAL,
        "alike": [_of_class(checkpoint, k) for k in range(len(classes))],
        "plane": {
            "origin": packed_floats(basis.origin),
            "directions": packed_floats(basis.directions),
            "rotation": rotation.tolist(),
            "corner": np.asarray(corner).tolist(),
            "side": float(side),
        },
        "panel": {"floor": FLOOR, "least": least, "most": most, "legend": LEGEND},
        "way": {"edge": EDGE, "longest": LONGEST, "accent": ACCENT, "halo": HALO},
    }


def _of_class(checkpoint: Checkpoint, k: int) -> dict[str, Any]:
    """The test images that are taken for a class, by which an image of it is judged."""
    log_prob, places = alike(checkpoint.id, k)
    others = log_prob.astype(np.float64)
    middle, precision, aside = mahalanobis(places)
    return {
        "mean": float(others.mean()),
        "width": ib.exploration.typicality_threshold(others),
        "far": packed_floats(np.sort(np.abs(others - others.mean()))),
        "middle": middle.tolist(),
        "precision": precision.ravel().tolist(),
        "aside": packed_floats(np.sort(aside)),
        "heights": heights_of(bits_per_dim(checkpoint, log_prob), test_bits(checkpoint.id)).tolist(),
        "legend": legend_of(checkpoint.classes[k], CLASS_COLORS[k]),
        "fill": rgba(CLASS_COLORS[k], 0.3),
    }
