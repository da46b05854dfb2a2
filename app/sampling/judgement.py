"""What models say of the samples that they drew, and what a classifier says that never saw any."""

from collections.abc import Sequence

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from app.models import registry
from app.models.decoding import Samples
from app.models.names import name_of
from app.models.origin import origin
from app.models.predictions import at_once, predict, predict_with_likelihood
from app.models.summary import labels_known
from app.sampling.settings import Settings
from app.sampling.tile import show_chosen
from app.widgets.export_menu import csv_bytes, offer
from app.widgets.markdown import markdown_text
from ibinn_core.checkpoint import Checkpoint


def judge_at_once(drawn: Sequence[tuple[Checkpoint, Samples]]) -> None:
    """Has all that :func:`judge` asks of some models computed on all cores."""
    flat = [(c, _flat(some.images)) for c, some in drawn]
    at_once([(who.id, images) for c, images in flat for who in (c, *_judges_of(c))])


def judge(
    key: str,
    checkpoint: Checkpoint,
    drawn: Samples,
    classes: tuple[int, ...],
    ring: tuple[int, int] | None,
    settings: Settings,
    beside: DeltaGenerator | None,
) -> None:
    """What the model says of its samples in the chart ``key``: of the one that is ringed, and of all.

    The one goes into the container ``beside`` if there is such.
    """
    images, seed = drawn.images, settings.seed
    predicted = predict_with_likelihood(checkpoint.id, _flat(images))
    posterior, bits = predicted.posterior, predicted.bits
    if ring:
        index = ring[0] * images.shape[1] + ring[1]
        with beside or st.container():
            show_chosen(checkpoint, drawn, ring, classes[ring[0]], posterior[index], float(bits[index]))
    st.caption(_verdict(checkpoint, images, classes, posterior))
    st.caption(
        f"The samples' median, as they are judged, is {np.median(bits):.2f} bits/dim, that of the model's test images "
        f"{checkpoint.card['bits_per_dim']['median']:.2f}. Samples are judged in 8 bits and clipped, which makes them "
        f"less likely than they were drawn: {drawn.outside.mean():.0%} of their values lie clearly outside the range."
    )
    offer(
        f"samples-{checkpoint.id}-seed-{seed}",
        python=settings.program(checkpoint, classes, images.shape[1]),
        chart=key,
        title=f"{name_of(checkpoint)}: samples, temperature {settings.temperature:g}, seed {seed}",
        csv=lambda: csv_bytes(
            {
                "class": [checkpoint.classes[k] for k in np.repeat(classes, images.shape[1])],
                "bits_per_dim": bits,
                **{f"q({name})": posterior[:, k] for k, name in enumerate(checkpoint.classes)},
                "model": checkpoint.id,
                "temperature": settings.source(checkpoint).temperature,
                "center": settings.center,
                "guidance": settings.guidance,
                "seed": seed,
                **origin(checkpoint),
            }
        ),
    )


def _flat(images: np.ndarray) -> np.ndarray:
    return images.reshape(-1, *images.shape[2:])


def _judges_of(checkpoint: Checkpoint) -> list[Checkpoint]:
    """The classifier, if there is one, that says what it recognises in a model's samples; none if it drew no class."""
    judges = [c for c in registry.without_likelihood() if c.id in registry.first_beside_of([c.id])]
    return judges[:1] if labels_known(checkpoint) else []


def _verdict(checkpoint: Checkpoint, images: np.ndarray, classes: tuple[int, ...], posterior: np.ndarray) -> str:
    """How many of the samples a classifier recognises that never saw any, and how many the model itself."""
    asked = np.repeat(classes, images.shape[1])
    counts = [(name_of(c), predict(c.id, _flat(images)).posterior) for c in _judges_of(checkpoint)]
    if labels_known(checkpoint):
        counts.append(("the model itself", posterior))
    if not counts:
        return "The model was trained without labels: its Gaussians belong to no class."
    said = ", ".join(f"**{markdown_text(who)}** {(found.argmax(1) == asked).sum()}" for who, found in counts)
    return f"Pictures recognised as their class, of {len(asked)}: {said}."
