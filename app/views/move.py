"""Move: change an image by hand in latent space, its class or everything but its class."""

from functools import partial

import streamlit as st

from app import state
from app.glossary import explained
from app.images.image_input import pick_image, pick_image_on_stage
from app.images.opening import opening
from app.models.pickers import pick_model
from app.models.summary import caveat_of
from app.move_text import OWN_KIND, STILL, TRANSPLANT
from app.moves.export import offer_moves
from app.moves.hands import begun, hands
from app.moves.own import choose_sets
from app.widgets.markdown import show_lesson
from app.widgets.stage import FIGURE, is_on_stage

SMALL = 72  # CSS pixels of the image on stage


def main() -> None:
    """The page."""
    st.markdown(
        "#### Move: change an image by hand in latent space",
        help=explained("latent", "posterior", "bits/dim"),
    )
    checkpoint = pick_model()
    moves, kind, sets = begun(checkpoint)
    pick = pick_image
    if is_on_stage():
        beside, place = st.container(key=FIGURE).columns([1, 14], gap="small")
        pick = partial(pick_image_on_stage, side=SMALL)
    else:
        beside = st.container(horizontal=True, vertical_alignment="center", gap="medium")
        place = st.container(key=FIGURE)
    other = None
    with beside:
        picture = pick(state.IMAGE, "Image", opening("inspected"))
        if kind == TRANSPLANT or any(moves.graft):
            other = pick(state.OTHER, "Other image", opening("transplanted"))
        if kind == OWN_KIND:
            choose_sets(sets, picture.pixels.shape)
        if not is_on_stage() and (caveat := caveat_of(checkpoint)):
            st.caption(caveat)
    with place:
        hands(checkpoint, picture, moves, kind, other, sets)
    if not is_on_stage() and moves != STILL:
        offer_moves(checkpoint, picture, moves, kind, other, sets)
    show_lesson(
        "**Drag the star**: the colours behind it are the exact posterior of every place; what the plane does not show "
        "of the latent stays as it is. **Press a class**: the latent goes from the centre of the present class towards "
        "that of the other, just past α*, where the posterior flips; the strip shows the way, to twice α*. On digits "
        "strokes close and open; on photographs little more than a tint changes. That is what *this* model needs to "
        "change its mind. **Transplant** takes the class from one image and everything else from another; **Own "
        "direction** goes from images without something to images with it. **Around** draws from around the image: "
        "straight away from it the latent soon is too long, and the picture breaks; on the shell it stays an image; "
        "an average is too short: a photograph pales, a digit hardly minds.",
        "Every score z·μ − ‖μ‖²/2 is linear in z, so that α* is a formula and no search, and a direction orthogonal "
        "to all differences of the means changes no posterior. What the picture shows is clipped to black and white, "
        "and the model is asked again about the picture: where that differs from the latent, the page says by how "
        "much. The way from centre to centre is that of ECINN (Hvilshøj et al. 2021). Around: in D dimensions z and "
        "the noise n are nearly orthogonal and both about √D long, so that z + n is longer by √2 and the midpoint "
        "shorter by √2 than nearly every latent of the Gaussian; z·cos θ + n·sin θ is as long as they are.",
    )


main()
