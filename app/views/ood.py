"""Out of distribution: an image is corrupted step by step, and models may or may not notice (Figs. 5 and 12)."""

import joblib
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from app import state
from app.corruption.controls import ATTACK, corrupt, pick_corruption, pick_view
from app.corruption.explanation import alt, explain, explain_attack, show_notices
from app.corruption.export import offer_corruption
from app.corruption.measure import read_all
from app.drawn import corruption_figure
from app.figures.corruption import HEIGHT, frames_of
from app.figures.layout import config, height_style
from app.glossary import explained
from app.images.image_input import pick_image, pick_image_on_stage
from app.images.opening import opening
from app.models.pickers import pick_models
from app.widgets.figure import show_figure
from app.widgets.stage import FIGURE, is_on_stage, staged

ABOVE = 436  # CSS pixels that the page needs above the figure and for a line below it
#: What is written into the figure is as dark as its axes.
STYLE = """<style>
.st-key-ood-figure .annotation-text { fill: currentColor !important; }
/* On stage, the button that changes the image stands above it, at its left edge. */
.st-key-stage-figure { position: relative; }
.st-key-image-on-stage { position: absolute; top: -1rem; left: 51.5%; width: fit-content !important; z-index: 1; }
</style>"""


def main() -> None:
    """The page."""
    st.markdown(
        "#### Out of distribution: corrupt an image step by step, and see which models notice",
        help=explained("out of distribution", "typical", "likelihood", "posterior", "entropy"),
    )
    focus, chosen, discriminative = pick_models(beside=True)
    dataset, shown = focus.dataset, [c.id for c in chosen].index(focus.id)
    picker, controls = st.columns([1.5, 6.7], gap="medium", vertical_alignment="center")
    figure_place = st.container(key=FIGURE)  # above the controls that belong to it
    knobs = controls.container(horizontal=True, vertical_alignment="bottom", gap="small")  # wraps on a narrow page
    with knobs:
        corruption = pick_corruption(dataset)
    with figure_place if is_on_stage() else picker:
        picture = (pick_image_on_stage if is_on_stage() else pick_image)(state.IMAGE, "Image", opening("corrupted"))
    with knobs:
        make = corrupt(corruption, picture.pixels, focus)
    figure_place.html(height_style("ood-figure", ABOVE, 330, HEIGHT) + STYLE)
    place, waiting = place_of_film(figure_place, joblib.hash(make.args) if corruption == ATTACK else corruption)
    with waiting, st.spinner("Attacking …" if corruption == ATTACK else "Corrupting and encoding …", show_time=True):
        corrupted = make()
        readings, others = read_all(chosen, discriminative, corrupted.images)
    everyone, seen = [*readings, *others], readings[shown]

    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        view = pick_view(focus, seen)
        with st.container(width="content"):
            offer_corruption(corrupted, readings, others, shown, picture, [*chosen, *discriminative])
    figure = staged(corruption_figure(view, corrupted, readings, shown, classes=focus.classes))
    with place:
        show_figure(
            figure,
            "ood-figure",
            alt=alt(picture.name, corrupted, everyone),
            config=config(),
            about=f"{picture.name} {corruption} {type(view).__name__}",
            narrowest=680,
            frames=frames_of(corrupted),
        )
    show_notices(corrupted, everyone, chosen)
    if corruption == ATTACK:
        explain_attack(focus)
    explain()


def place_of_film(figure_place: DeltaGenerator, film: object) -> tuple[DeltaGenerator, DeltaGenerator]:
    """Where the figure goes, and where the page says that it computes it.

    The figure of another film goes at once, and its player with it: Streamlit would leave both until the new one is
    there.
    """
    if state.get(state.FILM) == film:
        return figure_place, st.container()
    state.put(state.FILM, film)
    place = figure_place.empty()
    return place, place.container(height=HEIGHT, border=False)


main()
