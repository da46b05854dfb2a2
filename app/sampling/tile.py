"""The sample that a person has clicked: which one it is, and what its model makes of it."""

from collections.abc import Sequence

import numpy as np
import streamlit as st

from app import state
from app.figures.bars import posterior_bars
from app.figures.layout import BARE, TEXT_SIZE
from app.images.links import to_url
from app.images.show import show_image
from app.models.decoding import COUNT_OF_ONE, Samples
from app.models.names import name_of
from app.models.origin import hash_of
from app.models.posterior_only import show_answers
from app.models.predictions import top_classes
from app.sampling.settings import in_words, is_outside
from app.widgets.figure import show_figure
from app.widgets.markdown import markdown_text
from app.widgets.open_on_page import offer_carry
from app.widgets.stage import is_on_stage, staged
from ibinn_core.checkpoint import Checkpoint

STAGE_HEIGHT = 300  # CSS pixels of the bars on stage, where each has its name


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


def show_chosen(
    checkpoint: Checkpoint, drawn: Samples, place: tuple[int, int], label: int, posterior: np.ndarray, bits: float
) -> None:
    """The sample at a place, drawn as the class ``label``, as the model sees it; on stage in a column beside the grid.

    ``posterior``, ``(K,)``, and ``bits`` are the model's of the clipped image.
    """
    classes, pixels, number = checkpoint.classes, drawn.images[place], place[1] + 1
    is_scaled, reach = is_outside(drawn)[place], in_words(drawn.low[place], drawn.high[place])
    figure = posterior_bars(posterior, label, classes=classes).update_traces(textfont_size=TEXT_SIZE)
    width = 96 if is_on_stage() else 128
    if is_on_stage():
        picture, bars, words = (st.container() for _ in range(3))
        figure = staged(figure.update_layout(height=STAGE_HEIGHT).update_yaxes(dtick=1))
    else:
        picture, bars, words = st.columns([1, 2.4, 1.6], gap="medium", vertical_alignment="center")
    with picture, st.container(horizontal=True):
        show_image(pixels, f"Sample {number} of {name_of(checkpoint)}, drawn as {classes[label]}", width)
        if is_scaled:
            show_image(
                drawn.scaled[place], f"The same with its values, {reach}, scaled into the range of pixels", width
            )
    with bars:
        show_figure(
            figure,
            f"one-{checkpoint.id}",
            config=BARE,
            alt="Posterior of the sample: " + ", ".join(top_classes(posterior, classes=classes)),
        )
    with words:
        asked, says = (f"**{markdown_text(classes[k])}**" for k in (label, posterior.argmax()))
        if is_on_stage():
            st.markdown(f"Drawn as {asked}; the model says {says}.")
            return
        st.markdown(f"Drawn as {asked}; shown the picture, the model says {says}, at {bits:.2f} bits/dim.")
        if is_scaled:
            st.caption(f"Left as the model is shown it, clipped; right its values, {reach}, scaled into range.")
        show_answers(hash_of(pixels), pixels)
        offer_carry(f"own-{to_url(pixels)}", f"carry-{checkpoint.id}")
