"""Move: change an image by hand in latent space, its class or everything but its class."""

from functools import partial

import streamlit as st

from app import state
from app.glossary import explained
from app.images.image_input import pick_image, pick_image_on_stage
from app.images.opening import opening
from app.models.in_browser import addresses_of
from app.models.pickers import pick_model
from app.models.summary import caveat_of
from app.move_text import STILL, TRANSPLANT
from app.moves.export import offer_moves
from app.moves.hands import begun, hands, key_for
from app.widgets.markdown import show_what_to_look_for
from app.widgets.selectors import show_style
from app.widgets.stage import FIGURE, is_on_stage

SMALL = 72  # CSS pixels of the image on stage
#: On a phone the slider, the image and what changes it are in one window; what else there is to choose comes below.
STYLE = """
@media (max-width: 640px) {
    «page» { --move-begins: 3.75rem; padding: var(--move-begins) 1rem 1rem; }
    «page» h4 { font-size: 1.05rem; padding: 0 0 0.5rem; }
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
    if (addresses := addresses_of(checkpoint)) is None:
        st.info("This model does not run in a browser, which this page needs: choose another model.")
        return
    moves, kind = begun(checkpoint)
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
        if not is_on_stage() and (caveat := caveat_of(checkpoint)):
            st.caption(caveat)
    with place:
        hands(checkpoint, addresses, picture, moves, kind, other)
    if not is_on_stage() and moves != STILL:
        offer_moves(checkpoint, picture, moves, kind, other, key_for(checkpoint))
    show_what_to_look_for(
        "- **Drag the star**, and the image follows. The colours show which class the model chooses at each place; the "
        "paler, the less sure it is.\n"
        "- **Press a class**, and the image goes towards it, until just past the *flip*: there the model begins to "
        "choose that class. The strip shows the whole way. Digits open and close their strokes; of a photograph little "
        "changes but the tint. It is all that *this* model needs to change its mind.\n"
        "- **Style** changes everything but the class. **Transplant** takes the class from one image and everything "
        "else from another.",
        "- The posterior behind the star is exact: what the plane does not show of the latent stays as it is.\n"
        "- The way to a class leads from the centre of the image's class to the centre of the other, as in ECINN "
        "(Hvilshøj et al. 2021). α* is the share of it at the flip. Every score z·μ − ‖μ‖²/2 is linear in z, so α* is "
        "computed, not searched for; and what is orthogonal to all differences of the means changes no posterior.\n"
        "- The bars are those of the latent. A picture has no pixels darker than black or brighter than white: beyond, "
        "it is clipped, and the model may take the clipped picture for another class.",
    )


main()
