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
from app.widgets.markdown import show_what_to_look_for
from app.widgets.selectors import show_style
from app.widgets.stage import FIGURE, is_on_stage

SMALL = 72  # CSS pixels of the image on stage
#: On a phone the slider, the image and what changes it are in one window; what else there is to choose comes below.
STYLE = """
@media (max-width: 640px) {
    «page» { --move-begins: 3.75rem; padding: var(--move-begins) 1rem 1rem; }
    «page» h4 { font-size: 1.05rem; padding: 0; }
    «page» > «blocks» > :has(.st-key-data-switch) { order: 0; }
    «page» > «blocks» > «wrapper»:has(.st-key-slider-buttons), «row»:has(> * > * > * > .st-key-slider-buttons) {
        display: contents;
    }
    «column»:has(> * > [class*="-slider"]) { order: -2; min-width: 100%; }
}
"""


def main() -> None:
    """The page."""
    if not is_on_stage():
        show_style(STYLE)
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
    show_what_to_look_for(
        "- **Drag the star**, and the image follows. The colours show which class the model chooses at each place; the "
        "paler, the less sure it is.\n"
        "- **Press a class**, and the image goes towards it, until just past the *flip*: there the model begins to "
        "choose that class. The strip shows the whole way. Digits open and close their strokes; of a photograph little "
        "changes but the tint. It is all that *this* model needs to change its mind.\n"
        "- **Style** changes everything but the class. **Transplant** takes the class from one image and everything "
        "else from another. **Own direction** leads from images without something to images with it. **Around** draws "
        "images near this one.",
        "- The posterior behind the star is exact: what the plane does not show of the latent stays as it is.\n"
        "- The way to a class leads from the centre of the image's class to the centre of the other, as in ECINN "
        "(Hvilshøj et al. 2021). α* is the share of it at the flip. Every score z·μ − ‖μ‖²/2 is linear in z, so α* is "
        "computed, not searched for; and what is orthogonal to all differences of the means changes no posterior.\n"
        "- A picture has no pixels darker than black or brighter than white: beyond, it is clipped. The model is asked "
        "again about the picture; where it answers otherwise than about the latent, the page says by how much.\n"
        "- Around: straight away from the image, the latent soon is too long, and the picture breaks. On the shell it "
        "stays an image. An average is too short: a photograph pales, a digit hardly changes. For in D dimensions z "
        "and the noise n are nearly orthogonal and both about √D long: z + n is longer by √2, and the midpoint shorter "
        "by √2, than nearly every latent of the Gaussian; z·cos θ + n·sin θ is as long as they are.",
    )


main()
