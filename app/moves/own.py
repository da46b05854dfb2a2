"""A direction of a person's own: from the mean latent of some images without a thing to that of some with it."""

from typing import Any

import numpy as np
import streamlit as st

from app import state
from app.figures.layout import as_rgb, png_uri
from app.images import dialog
from app.images.pictures import Picture, from_token
from app.images.program_lines import image_lines
from app.images.show import show_image
from app.models.faults import quiet_faults
from app.models.predictions import latents_of
from app.move_text import MOST_IMAGES, NO_SETS, OWN, OWN_CLASS, Sets, fits_a_link
from app.moves import latents as parts
from app.widgets.selectors import show_style
from ibinn_core.checkpoint import Checkpoint
from ibinn_core.exploration import class_span

SIDE = 40  # CSS pixels of an image in the dialog
WITH, WITHOUT = "With", "Without"
#: What is chosen stays in sight while the images are scrolled, as they have to be on a phone. Its ground is that of the
#: dialog, which lies outside of what has the app's `color-scheme`.
CHOSEN_STYLE = """
«dialog box» { overflow: clip; }
«dialog box» :has(.st-key-sets-chosen) { background: inherit; }
«wrapper»:has(> .st-key-sets-chosen) { position: sticky; top: 0; z-index: 2; padding: 0.3rem 0; }"""


def begun() -> Sets:
    """The two sets of images that are chosen; those that are not on this machine are left out."""
    before = state.get(state.SETS) if state.has(state.SETS) else NO_SETS
    sets = state.begin(state.SETS, fit=_found)
    if state.came_by_history() and not fits_a_link(before):  # no link says what was before
        state.put(state.SETS, sets := before)
    state.link(state.SETS, sets)
    return sets


def _found(sets: Sets) -> Sets:
    return Sets(*(tuple(token for token in one if from_token(token) is not None) for one in sets))


def pictures_of(sets: Sets) -> tuple[list[Picture], list[Picture]]:
    """The images with the thing, and those without."""
    having, lacking = ([found for token in one if (found := from_token(token)) is not None] for one in sets)
    return having, lacking


def directions_of(checkpoint: Checkpoint, sets: Sets) -> dict[str, np.ndarray]:
    """The direction less its part in the class span, and that part, ``(D,)`` each, by name; none for an empty set."""
    having, lacking = pictures_of(sets)
    if not having or not lacking:
        return {}
    means = [
        latents_of(checkpoint.id, np.stack([one.pixels for one in every])).mean(0, dtype=np.float64)
        for every in (having, lacking)
    ]
    difference = means[0] - means[1]
    span = class_span(checkpoint.latent["class_means"].astype(np.float64))
    in_span = difference @ span.T @ span
    return {OWN: (difference - in_span).astype(np.float32), OWN_CLASS: in_span.astype(np.float32)}


def all_styles(checkpoint: Checkpoint, sets: Sets) -> dict[str, np.ndarray]:
    """The stored style directions of a model, and those of a person's own."""
    return {**parts.styles_of(checkpoint), **directions_of(checkpoint, sets)}


def program_lines(sets: Sets, checkpoint: Checkpoint) -> list[str]:
    """The lines that make ``own`` and ``in_span``, the two parts of the direction."""
    lines: dict[str, None] = {}
    for name, every in zip(("having", "lacking"), pictures_of(sets), strict=True):
        for number, one in enumerate(every):
            lines.update(dict.fromkeys(image_lines(f"{name}_{number}", one, checkpoint.dataset)))
        lines[f"{name} = np.stack([{', '.join(f'{name}_{number}' for number in range(len(every)))}])"] = None
    return [
        *lines,
        "with_it, without = (",
        "    model.encode(ib.dequantize(ib.to_unit(one), model.noise)).mean(0) for one in (having, lacking)",
        ")",
        "span = ib.exploration.class_span(model.class_means)",
        "in_span = (with_it - without) @ span.T @ span",
        "own = with_it - without - in_span  # leaves every posterior as it is",
    ]


def told(sets: Sets) -> dict[str, Any]:
    """The sets as the browser shows them: ``Own`` of ``app/static/hands/styles.js``."""
    having, lacking = pictures_of(sets)
    return {
        "id": repr(tuple(sets)),
        "having": [_told(one) for one in having],
        "lacking": [_told(one) for one in lacking],
        "isInLink": fits_a_link(sets),
    }


def _told(picture: Picture) -> dict[str, str]:
    return {"name": picture.name, "uri": png_uri(as_rgb(picture.pixels))}


def without_one(sets: Sets, said: object) -> Sets:
    """Sets less the image that the element says is to be taken out; ``ValueError`` if it says no such thing."""
    if not isinstance(said, dict) or said.get("set") not in (0, 1) or not isinstance(said.get("at"), int):
        raise ValueError("no image of the sets")
    which, at = int(said["set"]), int(said["at"])
    one = list(sets[which])
    if not 0 <= at < len(one):
        raise ValueError("no image of the sets")
    del one[at]
    return Sets(*(tuple(one) if which == number else sets[number] for number in (0, 1)))


@st.fragment  # so that the page below does not run again only to open the dialog
def choose_sets(sets: Sets, shape: tuple[int, int, int]) -> None:
    """The button that opens the dialog in which both sets are chosen.

    Arguments:
        sets: those that the page shows.
        shape: of an image, (H, W, C).
    """
    hint = "Some images with a thing, some without it: the direction is the difference of their mean latents."
    if st.button("Choose images", key="sets-change", help=hint):
        state.put(state.SETS_DRAFT, sets)
        _choose(shape)
    else:
        for _ in range(2):  # as in app/images/image_input.py
            st.html("<style></style>")


@st.dialog("Images with something, and images without it", width="large")
def _choose(shape: tuple[int, int, int]) -> None:
    sets = state.get(state.SETS_DRAFT)
    show_style(CHOSEN_STYLE)
    with st.container(key="sets-chosen", horizontal=True, vertical_alignment="center", gap="small"):
        which = st.segmented_control(
            "Into which set",
            [WITH, WITHOUT],
            default=WITH,
            key="sets-which",
            required=True,
            label_visibility="collapsed",
        )
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            for name, every in zip((WITH, WITHOUT), pictures_of(sets), strict=True):
                st.caption(f"{name}: {len(every) or 'none yet'}", width="content")
                for one in every:
                    with st.container(width="content"):
                        show_image(one.pixels, f"{name}: {one.name}", SIDE)
        if st.button("Empty both", key="sets-empty", disabled=sets == NO_SETS):
            state.put(state.SETS_DRAFT, NO_SETS)
            st.rerun(scope="fragment")
        if st.button("Use these", key="sets-done", type="primary"):
            state.put(state.SETS, sets)
            state.link(state.SETS, sets)  # before the dialog is closed, whose entry of the history this one takes
            st.rerun()  # closes the dialog
    st.caption("Press an image to put it into the set, once more to take it out. *Use these* closes the window.")
    # None is framed; after each choice the gallery is another widget, in which nothing is pressed.
    turn = state.get(state.SETS_TURN)
    nothing = Picture(np.full(shape, 1, np.uint8), "", f"sample-none-{turn}", None)
    chosen = None
    with quiet_faults():
        chosen = dialog.browse("sets", nothing)
    if chosen is not None and chosen is not nothing:
        state.put(state.SETS_DRAFT, toggled(sets, which == WITHOUT, chosen.token))
        state.put(state.SETS_TURN, turn + 1)
        st.rerun(scope="fragment")


def toggled(sets: Sets, which: int, token: str) -> Sets:
    """Sets with an image put into one of them, 0 or 1, or taken out of it; the first of too many gives way."""
    one = sets[which]
    new = tuple(t for t in one if t != token) if token in one else (*one, token)[-MOST_IMAGES:]
    return Sets(*(new if which == number else sets[number] for number in (0, 1)))
