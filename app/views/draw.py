"""Draw: write a digit, and see what a model makes of it with every stroke (Fig. 2)."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import streamlit as st

import ibinn_core as ib
from app import state
from app.figures.layout import png_uri
from app.figures.written import Written, written_panel
from app.glossary import explained
from app.images.drawing_canvas import Writing, drawing_canvas, read_canvas
from app.images.handwriting import Stroke, digit, written_on
from app.images.pictures import own
from app.images.program_lines import bayes_lines, image_lines, model_line, program
from app.images.starts import EMPTY, Start, starts
from app.images.stroke_text import from_text, to_text
from app.judgement.class_typicality import FEWEST, typicality_in_class
from app.judgement.judged_digit import JudgedDigit, in_short, sentences, verdict_on
from app.judgement.live_panel import live_panel
from app.judgement.verdict import judge
from app.latent_space.clouds import test_bits
from app.latent_space.moving_point import moving_point, show_cloud
from app.models import asking, registry
from app.models.faults import quiet_faults
from app.models.names import name_of
from app.models.origin import origin
from app.models.pickers import pick_model
from app.models.predictions import bits_per_dim, latents_and_likelihoods
from app.models.summary import caveat_of, labels_known
from app.widgets.export_menu import csv_bytes, offer, png_bytes
from app.widgets.stage import FIGURE, is_on_stage
from ibinn_core.checkpoint import Checkpoint
from ibinn_core.checkpoint.latent_format import view
from ibinn_core.exploration import TYPICAL

NUMBERS = "draw-numbers"  # key of what the model's numbers stand in
LONGEST_IN_URL = 1000  # letters; longer drawings stay in the session

#: On a phone the canvas comes first and the choice of the model last. Each data set has its own models, and this page
#: takes those of digits: there is nothing to switch.
STYLE = """<style>
.st-key-data-switch { display: none; }
.st-key-draw-model { margin-bottom: -0.5rem; }  /* so that all is in sight on a projector */
@media (max-width: 640px) {
    [data-testid="stLayoutWrapper"]:has(> .st-key-draw-model) { order: 1 !important; }
}
</style>"""


#: The numbers have room to be larger than on the page.
STAGE_STYLE = f"<style>.st-key-{NUMBERS} {{ zoom: 1.36; }}</style>"


class Canvas(NamedTuple):
    """What the canvas was given, since when nothing but a person's strokes has changed it.

    Attributes:
        start: key of what it began with.
        strokes: that were on it then.
        version: another number for each.
    """

    start: str
    strokes: Sequence[Stroke]
    version: int


class Reading(NamedTuple):
    """What a model makes of an image.

    Attributes:
        judged: the verdict and what it rests on.
        latents: ``(1, D)``.
        same_class: bits/dim of the test images that are taken for the same class, ``(M,)``.
    """

    judged: JudgedDigit
    latents: np.ndarray
    same_class: np.ndarray


@st.cache_resource(show_spinner=False)
def all_starts() -> dict[str, Start]:
    """What a person can begin with."""
    return starts()


def explain_no_digits() -> None:
    """Says what to do where there is no model of digits, and ends the page."""
    st.info(
        "No model of written digits is here; train one of MNIST with `python -m ibinn_core train --data mnist --epochs "
        "2 --out runs/mnist-gamma-1 && python -m ibinn_core export runs/mnist-gamma-1 checkpoints/mnist-gamma-1`.",
        icon=":material/draw:",
    )
    st.stop()


def prepare_canvas(every: dict[str, Start]) -> Canvas:
    """What is to be on the canvas, by the URL, by what was chosen to begin with, or as the page was left."""
    start = state.begin(state.START, EMPTY, state.among(every))
    before: Canvas | None = state.get(state.DRAW_GIVEN)
    if before is None:
        given = Canvas(start, _strokes_of_link() or every[start].strokes, 1)
    elif start != before.start:
        given = Canvas(start, every[start].strokes, before.version + 1)
    elif not state.has(state.CANVAS):  # the page was left, and with it went what Streamlit knew of the canvas
        given = Canvas(start, state.get(state.DRAW_STROKES), before.version + 1)
    else:
        given = before
    state.put(state.DRAW_GIVEN, given)
    return given


def _strokes_of_link() -> list[Stroke]:
    try:
        return from_text(state.in_url(state.STROKES) or "")
    except ValueError:
        return []


def read_writing(given: Canvas) -> tuple[Writing, str]:
    """What is on the canvas, and the key of what it began with: nothing, once it was cleared."""
    writing = read_canvas(state.CANVAS.name, given.strokes, given.version)
    start = EMPTY if writing.is_cleared else given.start
    if start != given.start:
        state.put(state.START, start)
        state.put(state.DRAW_GIVEN, given._replace(start=start))
    state.put(state.DRAW_STROKES, writing.strokes)
    return writing, start


def image_of(writing: Writing, background: np.ndarray | None) -> np.ndarray | None:
    """What the models see, uint8 ``(28, 28, 1)``; ``None`` where nothing is written."""
    strokes = [*writing.strokes, *([writing.current] if writing.current else [])]
    if background is not None:
        return written_on(background, strokes)
    return digit(strokes) if strokes else None


def remember_in_url(writing: Writing, start: Start) -> None:
    """Puts the finished strokes into the URL, if they are few enough, and not what the page begins with anyway."""
    if not writing.current:
        text = to_text(writing.strokes) if list(writing.strokes) != list(start.strokes) else ""
        state.link(state.STROKES, text if len(text) <= LONGEST_IN_URL else "")


def read(checkpoint: Checkpoint, pixels: np.ndarray) -> Reading:
    """What a model makes of an image, uint8 ``(28, 28, 1)``."""
    latents, log_likelihood, prior = latents_and_likelihoods(checkpoint.id, pixels[None])
    judgement = judge(log_likelihood[0], prior, checkpoint.latent["reference"])
    log_prob, places = alike(checkpoint.id, int(judgement.posterior.argmax()))
    place = ib.exploration.project(latents, view(checkpoint.latent, "means"))[0]
    typicality = typicality_in_class(judgement.log_prob, place, log_prob, places)
    low, high, bits = bits_per_dim(checkpoint, [typicality.high, typicality.low, judgement.log_prob]).tolist()
    known = labels_known(checkpoint)
    verdict = verdict_on(judgement, typicality, known)
    judged = JudgedDigit(judgement, typicality, verdict, bits, (low, high), len(log_prob), known)
    return Reading(judged, latents, bits_per_dim(checkpoint, log_prob))


@asking.kept
def alike(checkpoint_id: str, top: int) -> tuple[np.ndarray, np.ndarray]:
    """Of the test images that a model takes for a class: log q(x), and places among the class means.

    Of all test images where there are too few.
    """
    latent = registry.by_id(checkpoint_id).latent
    rows = latent["posterior"].argmax(1) == top
    if rows.sum() < FEWEST:
        rows[:] = True
    return latent["log_prob"][rows], latent["means_coordinates"][rows]


def show_verdict(reading: Reading | None, classes: Sequence[str]) -> None:
    """The verdict, or what to do where nothing is written; on stage in a line, so that the numbers can be large."""
    if reading is None:
        more = " As you write, the model gives ten likelihoods, and Bayes' rule the posterior."
        st.markdown("**Write a digit** in the black square." + ("" if is_on_stage() else more))
        return
    verdict = reading.judged.verdict
    words = (in_short if is_on_stage() else sentences)(reading.judged, classes)
    st.markdown(f":{verdict.color}-badge[{verdict.icon} {verdict.word}] {words}")


def show_numbers(checkpoint: Checkpoint, reading: Reading | None) -> None:
    """Likelihoods, posterior and bits/dim."""
    written, alt = None, "Nothing is written yet."
    if reading is not None:
        judged, judgement = reading.judged, reading.judged.judgement
        written = Written(
            judgement.log_likelihood, judgement.posterior, judged.bits, reading.same_class, judged.typical
        )
        shares = ", ".join(f"{c} {p:.0%}" for c, p in zip(checkpoint.classes, judgement.posterior, strict=True))
        alt = f"Posterior of what is written: {shares}; {judged.bits:.2f} bits/dim, {judged.verdict.word}."
    live_panel(written_panel(written, test_bits(checkpoint.id), checkpoint.classes), alt, "written")


def pick_start(every: dict[str, Start]) -> None:
    """What the canvas begins with; :func:`prepare_canvas` reads it."""
    st.selectbox(
        "Begin with",
        list(every),
        format_func=lambda key: every[key].name,
        **state.bound(state.START),
        help="A test image to go on writing on, or a drawing that is no digit; no pen is needed.",
    )
    state.link(state.START, state.get(state.START), EMPTY)


@st.fragment
def desk(checkpoint: Checkpoint) -> None:
    """All that changes with a stroke."""
    with quiet_faults():  # a stroke runs this alone, and not what stands around it
        _desk(checkpoint)


def _desk(checkpoint: Checkpoint) -> None:
    every = all_starts()
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
    moving_point(checkpoint, None if reading is None else reading.latents, where, "moving-point")
    st.caption("Test images in the plane of the class means. Pink: its path as you draw.")


def explain() -> None:
    """What to look for, and what else to try."""
    with st.popover("What to look for", icon=":material/lightbulb:"):
        st.markdown(
            "The posterior always adds up to 100 %: it tells which digit is more likely than the others, and not "
            "whether this is a digit. That is what bits/dim tell, and the place in latent space (the paper's "
            "Fig. 2).\n\n"
            "- Write a 4, then close it at the top: where do the likelihoods of 4 and 9 cross?\n"
            "- Begin with a 3 and make it an 8, or with a 1 and make it a 7.\n"
            "- Write a W, a face or a scribble: how sure is the model, and how typical are they?\n"
            "- Find a letter that passes as typical. An H may: its strokes are those of a 4, and two numbers cannot "
            "tell everything.\n"
            "- Do the same under another γ: is the model more or less sure?\n\n"
            f"An image is called *out of distribution* here if {TYPICAL:.0%} of the test images that are taken for the "
            "same digit are more typical, by log q(x) or by their place in the dimensions that the class means span. "
            "These are two tests at 5 % each, so 5 to 10 % of real test digits are called so too. The page Inspect "
            "tests the likelihood alone, against held-out training images of all classes."
        )


def offer_digit(checkpoint: Checkpoint, pixels: np.ndarray, reading: Reading) -> None:
    """What is written, uint8 ``(28, 28, 1)``, and what the model makes of it, as files and as a program."""
    judgement = reading.judged.judgement
    offer(
        "digit",
        python=program(
            model_line(checkpoint),
            *image_lines("image", own(pixels), checkpoint.dataset),
            *bayes_lines(),
        ),
        png=lambda: png_bytes(pixels.repeat(3, axis=2)),
        csv=lambda: csv_bytes(
            {
                "class": checkpoint.classes,
                "log_likelihood": judgement.log_likelihood,
                "prior": judgement.prior,
                "posterior": judgement.posterior,
                "bits_per_dim": reading.judged.bits,
                "verdict": reading.judged.verdict.word,
                "model": checkpoint.id,
                **origin(checkpoint),
            }
        ),
    )


def show_seen(pixels: np.ndarray | None, is_moved: bool) -> None:
    """The image that the model is given.

    Arguments:
        pixels: uint8 ``(28, 28, 1)``; ``None`` where nothing is written.
        is_moved: whether what is written is scaled and moved before.
    """
    shown = np.zeros((28, 28, 1), np.uint8) if pixels is None else pixels
    how = "centred as in MNIST" if is_moved else "as it is"
    # Not st.image: the next stroke may come before the browser has fetched its file.
    st.html(
        '<div style="display: flex; align-items: center; gap: 0.75rem; font-size: 0.875rem">'
        f'<img src="{png_uri(shown.repeat(3, axis=2))}" alt="What the model sees: 28 × 28 grey pixels" width="64" '
        'height="64" style="image-rendering: pixelated; border-radius: 0.25rem">'
        f"<span>The model sees<br>28 × 28 pixels,<br>{how}</span></div>",
        width="content",
    )


def main() -> None:
    """The page."""
    st.markdown(
        "#### Draw: write a digit, and see what the model makes of it",
        help=explained("likelihood", "posterior", "nat", "bits/dim"),
    )
    st.html(STYLE + (STAGE_STYLE if is_on_stage() else ""))
    family = registry.of_digits(test_images=FEWEST)
    if not family:
        explain_no_digits()
    with st.container(key="draw-model", horizontal=True, vertical_alignment="center", gap="medium"):
        checkpoint = pick_model(among=family, value=state.WRITER)
        if caveat := caveat_of(checkpoint):
            st.caption(caveat, width=400)
    show_cloud(checkpoint)
    with st.container(key=FIGURE):
        desk(checkpoint)


main()
