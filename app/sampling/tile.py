"""The sample that a person has clicked: which one it is, and what its model makes of it."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import streamlit as st

from app import state
from app.figures.bars import posterior_bars
from app.figures.layout import small_config
from app.images.image_input import show_image
from app.models.decoding import COUNT_OF_ONE
from app.models.latent_rows import hash_of
from app.models.names import name_of
from app.models.posterior_only import show_answers
from app.models.predictions import posterior_csv, top_classes
from app.widgets.export_menu import offer
from app.widgets.figure import show_figure
from app.widgets.markdown import markdown_text
from app.widgets.open_on_page import offer_carry
from app.widgets.stage import is_on_stage, staged
from ibinn_core.checkpoint import Checkpoint
from ibinn_core.data.images import to_url


class Chosen(NamedTuple):
    """A sample of a model, and what the model says of it.

    Attributes:
        pixels: clipped, uint8 ``(H, W, C)``.
        scaled: the same with its values scaled into the range of pixels, and that range in words; or ``None``.
        drawn: the class that it was drawn from.
        number: of the sample among those of its class, from 1.
        posterior: of the clipped image, ``(K,)``.
        bits: its bits/dim.
    """

    pixels: np.ndarray
    scaled: tuple[np.ndarray, str] | None
    drawn: int
    number: int
    posterior: np.ndarray
    bits: float


def choose(names: Sequence[str], count: int, clicked: list[int]) -> None:
    """Takes the tile that was clicked, for all models; a second click lifts the choice."""
    if clicked:
        row, column = divmod(int(clicked[0]), count)
        token = _token(names[row], column)
        state.put(state.TILE, "" if state.get(state.TILE) == token else token)


def chosen_tile(names: Sequence[str], count: int) -> tuple[int, int] | None:
    """Row and column of the tile that was clicked last, in a grid with these rows and ``count`` columns."""
    token = state.begin(state.TILE)
    columns = range(min(count, COUNT_OF_ONE))
    places = {_token(name, column): (row, column) for row, name in enumerate(names) for column in columns}
    place = places.get(token)
    state.link(state.TILE, token if place else "")
    return place


def _token(name: str, column: int) -> str:
    """What names a tile in the URL: its class and its number from 1."""
    return f"{name}-{column + 1}"


def show_chosen(checkpoint: Checkpoint, one: Chosen) -> None:
    """The sample as the model sees it, and the way to other pages; on stage in a column beside the grid."""
    classes = checkpoint.classes
    if is_on_stage():
        picture, bars, words = (st.container() for _ in range(3))
    else:
        picture, bars, words = st.columns([1, 2.4, 1.6], gap="medium", vertical_alignment="center")
    with picture, st.container(horizontal=True):
        show_image(one.pixels, f"Sample {one.number} of {name_of(checkpoint)}, drawn as {classes[one.drawn]}")
        if one.scaled:
            show_image(one.scaled[0], f"The same with its values, {one.scaled[1]}, scaled into the range of pixels")
    with bars:
        show_figure(
            staged(posterior_bars(one.posterior, one.drawn, classes=classes)),
            f"one-{checkpoint.id}",
            config=small_config(f"sample-posterior-{checkpoint.id}"),
            alt="Posterior of the sample: " + ", ".join(top_classes(one.posterior, classes=classes)),
        )
    with words:
        st.markdown(
            f"Drawn as **{markdown_text(classes[one.drawn])}**; shown the picture, the model says "
            f"**{markdown_text(classes[one.posterior.argmax()])}**, at {one.bits:.2f} bits/dim."
        )
        if is_on_stage():
            return
        if one.scaled:
            st.caption(f"Left as the model is shown it, clipped; right its values, {one.scaled[1]}, scaled into range.")
        show_answers(hash_of(one.pixels), one.pixels)
        offer(
            f"sample-posterior-{checkpoint.id}",
            chart=f"one-{checkpoint.id}",
            title=f"{name_of(checkpoint)}: posterior of its sample {one.number} of class {classes[one.drawn]}",
            csv=lambda: posterior_csv(checkpoint, one.posterior, one.pixels),
        )
        offer_carry(f"own-{to_url(one.pixels)}", f"carry-{checkpoint.id}")
