"""Interpolation between two images (Fig. 9)."""

import streamlit as st

from app import state
from app.glossary import explained
from app.images.image_input import pick_image
from app.images.opening import opening
from app.models import registry
from app.models.names import name_of
from app.models.pickers import pick_models
from app.walks.curves import curves_csv, show_curves
from app.walks.paths import paths_of, same_in_python, walk_of
from app.walks.rows import offer_walk, show_rows
from app.widgets.markdown import show_what_to_look_for
from app.widgets.stage import FIGURE


def main() -> None:
    """The page."""
    st.markdown(
        "#### Interpolate: a walk through latent space from one image to another",
        help=explained("latent", "posterior", "bits/dim"),
    )
    focus, chosen, others = pick_models(beside=True)
    places = st.columns([1.2, 1.2, 1, 0.8], gap="medium", vertical_alignment="center")
    with places[0]:
        first = pick_image(state.FROM, "From", opening("start"))
    with places[1]:
        second = pick_image(state.TO, "To", opening("end"))
    with places[2]:
        steps = st.slider("Steps", **state.bound(state.STEPS), help="Images along the path, both ends included.")
    with st.container(key=FIGURE), st.spinner("Decoding …", show_time=True):
        walked = walk_of(paths_of(focus, chosen), first, second, steps)
        show_rows(walked, first, second)
    title = f"{name_of(focus)}: from {first.name} to {second.name}"
    with places[3]:
        offer_walk(
            walked, lambda: curves_csv(walked, first, second), title, same_in_python(focus, first, second, steps)
        )
    st.markdown("##### What the models make of the images on the way")
    show_curves(walked, others, title)
    show_what_to_look_for(
        "Compare the middles of the paths (the paper's Fig. 9). The **cross-fade** is what needs no model: two "
        "pictures laid over one another. The **great circle** keeps the latents as long as they usually are; the "
        "**straight line** cuts through the middle of the Gaussian. The density is highest there, but in "
        f"{focus.dataset.dims:,} dimensions nearly all latents lie at about the same distance from it, so the middle "
        "is empty."
        + (
            " Then move the slider: under a small γ the great circle still gives images, under a large one it does not."
            if len(registry.over_gamma()) > 1
            else ""
        ),
        "Every path starts and ends with the same two images; in between, the model decodes the latents on the "
        "path. On the straight line the latents in the middle are shorter than those of any image: are such images "
        "more likely, or less? Every image is judged as you see it: clipped and in 8 bits. A classifier without a "
        "likelihood has no path of its own and judges that of the first row: does it ever hesitate between the two "
        "classes?",
    )


main()
