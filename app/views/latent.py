"""Latent space (Fig. 7): the test images among the Gaussians of its classes."""

import streamlit as st

from app import state
from app.glossary import explained
from app.images import pictures
from app.latent_space.morphing import show_morph
from app.latent_space.one_model import show_one_model
from app.latent_space.side_by_side import show_side_by_side
from app.models import registry
from app.widgets.choice import choose_one
from app.widgets.markdown import in_words, markdown_text
from app.widgets.selectors import show_style

ONE, SEVERAL, MORPH = "One model", "Side by side", "Morph over γ"
#: On a phone, what the page shows is chosen above its figure. Of one model, the cloud is followed by what else there is
#: to choose, and by the image that was tapped: both columns are parts of the page.
STYLE = """
.st-key-latent-controls > :has(.st-key-stage-button) { margin-left: auto; }
@media (max-width: 640px) {
    :has(> .st-key-latent-row), .st-key-latent-row { display: contents !important; }
    .st-key-latent-row > .st-key-show { order: -2; }
    :has(> * > .st-key-stage-figure .st-key-cloud-figure) {
        > :has(.st-key-cloud-figure),
        > * > .st-key-stage-figure,
        > * > .st-key-stage-figure > *,
        > * > .st-key-stage-figure > * > * { display: contents; }
        .st-key-latent-row > :has(> .st-key-latent-controls) { order: -1; }
        .st-key-stage-figure > * > * > * { flex: none; width: 100%; order: -1; }
        .st-key-stage-figure > * > * > :has(.st-key-cloud-figure) { order: -2; }
    }
}
"""


def main() -> None:
    """The page."""
    count = in_words(registry.dataset().num_classes)
    st.markdown(
        f"#### Latent space: {count} Gaussians, and the test images among them",
        help=explained("latent", "mixture", "posterior", "bits/dim"),
    )
    if problem := pictures.damage():
        st.warning(markdown_text(problem), icon=":material/broken_image:")
    top = st.container()
    show_style(STYLE)
    line = {"horizontal": True, "vertical_alignment": "bottom", "gap": "medium"}
    with st.container(**line, key="latent-row"):
        modes = [ONE, SEVERAL, MORPH] if len(registry.over_gamma()) > 1 else [ONE, SEVERAL]  # other flows have no γ
        mode = choose_one("Show", modes, state.SHOW)
        row = st.container(**line, key="latent-controls")
    {ONE: show_one_model, SEVERAL: show_side_by_side, MORPH: show_morph}[mode](top, row)


main()
