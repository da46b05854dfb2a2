"""Start: what happens to one image."""

from functools import partial

import streamlit as st

from app import state
from app.glossary import explained
from app.images.image_input import pick_image, pick_image_on_stage
from app.images.opening import opening
from app.latent_space.steps import BACK, place_and_posterior, place_steps, show_decoded, show_posterior, show_scatter
from app.models import registry
from app.models.in_browser import addresses_of
from app.models.names import name_of
from app.models.pickers import pick_model
from app.moves.dragging import Draggable, let_drag
from app.widgets.markdown import in_words, show_what_to_look_for
from app.widgets.open_on_page import offer_page
from app.widgets.stage import FIGURE, is_on_stage


def main() -> None:
    """The page."""
    st.markdown(
        "#### One invertible network, and a number γ that makes it generative or discriminative",
        help=explained("generative", "discriminative", "latent", "posterior", "bits/dim"),
    )
    with st.container(key="welcome"):
        if registry.of_data_set():  # those of which the lessons are
            offer_page("views/lessons.py", "New here? Start with the lessons", "school")
    checkpoint = pick_model()

    with st.container(key=FIGURE):
        steps = place_steps()
    with steps.pixels:
        st.markdown("**1 · Pixels** x")
        pick = partial(pick_image_on_stage, side=128) if is_on_stage() else pick_image
        picture = pick(state.IMAGE, "Image", opening("image"))
    place, posterior = place_and_posterior(checkpoint, picture.pixels)
    count = len(checkpoint.classes)
    with steps.latent:
        star = "the star (drag it)" if addresses_of(checkpoint) else "the star"
        among = "" if is_on_stage() else f", {star}, among {in_words(count)} Gaussians with their means ◆"
        st.markdown(f"**2 · Latent point** z = g(x){among}")
        show_scatter(checkpoint, picture, place, posterior)
    with steps.posterior:
        st.markdown("**3 · Posterior** q(y | x)" + ("" if is_on_stage() else ", by Bayes' rule"))
        show_posterior(checkpoint, picture, posterior)
    with steps.back:
        st.markdown("**4 · And back** x = g⁻¹(z)")
        last = st.container(key=BACK)  # filled when all figures are there, since it alone needs the network
    named = [name_of(c) for c in registry.with_likelihood() if c.gamma]
    one, other = (named[0], named[-1]) if len(named) > 1 else ("one model", "another")
    drag = "**Drag the star**, and step 4 shows what is decoded there instead. " if addresses_of(checkpoint) else ""
    show_what_to_look_for(
        "Follow an image through the network (the paper's Figs. 1 and 2): step 4 gives back what step 1 put in, "
        f"whatever γ is. {drag}Then go from {one} to *{other}*: what changes is *where* in latent space images lie, so "
        "watch the colours separate.",
        "The network g is invertible: nothing about the image is thrown away, neither by a generative nor by a "
        "discriminative model. The posterior follows from where the image lies: the better the classes separate, the "
        "fewer images are misclassified. Choose your own image under *Change*, and see whether the models agree on it.",
    )
    with last:
        show_decoded(checkpoint, picture)
        let_drag(Draggable("where", checkpoint, picture, place, ("posterior", posterior)))


main()
