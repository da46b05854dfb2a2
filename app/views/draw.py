"""Draw: write a digit, and see what a model makes of it with every stroke (Fig. 2)."""

import streamlit as st

from app import state
from app.glossary import explained
from app.images.draw_state import image_of, pick_start, prepare_canvas, read_writing, remember_in_url, show_seen, starts
from app.images.drawing_canvas import drawing_canvas
from app.judgement.class_typicality import FEWEST
from app.judgement.written_digit import Reading, explain, offer_digit, read, show_numbers, show_verdict
from app.judgement.written_here import read_here
from app.latent_space.moving_point import moving_point, show_cloud
from app.models import registry
from app.models.faults import quiet_faults
from app.models.names import name_of
from app.models.pickers import pick_model
from app.models.summary import caveat_of
from app.widgets.selectors import show_style
from app.widgets.stage import FIGURE, is_on_stage
from ibinn_core.checkpoint import Checkpoint

NUMBERS = "draw-numbers"  # key of what the model's numbers stand in

#: Each data set has its own models, and this page takes those of digits: there is nothing to switch. On a phone the
#: choice of the model comes last on stage.
STYLE = """
.st-key-data-switch { display: none; }
.st-key-draw-model { margin-bottom: -0.5rem; }  /* so that all is in sight on a projector */
@media (max-width: 640px) {
    «wrapper»:has(> .st-key-draw-model) { order: 1 !important; }
}
"""
#: Elsewhere canvas, verdict and slider are in one window of a phone, and all else comes below: what is around the
#: verdict makes no box of its own there.
PHONE_STYLE = """
@media (max-width: 640px) {
    «page» { padding: 3.75rem 1rem 1rem; }
    «page» h4 { font-size: 1.05rem; padding: 0 0 0.5rem; }
    «page» > «blocks» :is(«wrapper», «blocks», «row», «column»):has(.st-key-draw-verdict) { display: contents; }
    «column»:has(+ «column» .st-key-draw-verdict), .st-key-draw-verdict, .written-verdict { order: -2; }
    «row»:has(.st-key-draw-verdict) > «column» { min-width: 100%; }
    «wrapper»:has(> .st-key-draw-model) { order: -1 !important; }
}
"""


#: Above the numbers there is the verdict too.
STAGE_STYLE = f".st-key-{NUMBERS} {{ --above: 228px; }}"


def explain_no_digits() -> None:
    """Says what to do where there is no model of digits, and ends the page."""
    st.info(
        "No model of written digits is here; train one of MNIST with `python -m ibinn_core train --data mnist --epochs "
        "2 --out runs/mnist-gamma-1 && python -m ibinn_core export runs/mnist-gamma-1 checkpoints/mnist-gamma-1`."
        + registry.how_to_see_the_projects(),
        icon=":material/draw:",
    )
    st.stop()


@st.fragment
def desk(checkpoint: Checkpoint) -> None:
    """All that changes with a stroke."""
    with quiet_faults():  # a stroke runs this alone, and not what stands around it
        _desk(checkpoint)


def _desk(checkpoint: Checkpoint) -> None:
    every = starts()
    given = prepare_canvas(every)
    writing, key = read_writing(given)
    start = every[key]
    left, middle, right = st.columns([1.1, 1.6, 1.15], gap="medium")
    problem, pixels = "", None
    try:
        pixels = image_of(writing, start.background)
        remember_in_url(writing, start)
    except ValueError as error:
        problem = str(error)
    reading = None if pixels is None else read(checkpoint, pixels)
    with middle:
        with st.container(key="draw-verdict"):
            show_verdict(reading, checkpoint.classes)
        with st.container(key=NUMBERS):
            show_numbers(checkpoint, reading)
    with right:
        show_plane(checkpoint, reading)
        with st.container(horizontal=True, vertical_alignment="bottom"):
            pick_start(every)
            explain()
    with left:
        # At the end, so that the browser sends more of a stroke only when all of this has been computed.
        drawing_canvas(state.CANVAS.name, given.strokes, given.version, start.background, writing.number)
        if problem:
            st.warning(problem)
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            show_seen(pixels, is_moved=start.background is None)
            if pixels is not None and reading is not None and not is_on_stage():
                offer_digit(checkpoint, pixels, reading)


def show_plane(checkpoint: Checkpoint, reading: Reading | None) -> None:
    """Where the image is among the test images."""
    where = f"Test images in the plane of the class means under {name_of(checkpoint)}"
    if reading is not None:
        where += f", and what is written, which is taken for a {checkpoint.classes[reading.judged.top]}"
    moving_point(checkpoint, None if reading is None else reading.latents, where)
    st.caption("Test images in the plane of the class means. Pink: your drawing, and its path as you write.")


def main() -> None:
    """The page."""
    st.markdown(
        "#### Draw: write a digit, and see what the model makes of it",
        help=explained("likelihood", "posterior", "nat", "bits/dim"),
    )
    show_style(STYLE + (STAGE_STYLE if is_on_stage() else PHONE_STYLE))
    family = registry.of_digits(test_images=FEWEST)
    if not family:
        explain_no_digits()
    with st.container(key="draw-model"):
        checkpoint = pick_model(among=family, value=state.WRITER)
    show_cloud(checkpoint)
    read_here(checkpoint)
    with st.container(key=FIGURE):
        desk(checkpoint)
    if caveat := caveat_of(checkpoint):
        st.caption(caveat)


main()
