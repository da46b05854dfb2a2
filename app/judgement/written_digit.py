"""What a model makes of what a person writes: the verdict, the numbers, and both as files."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import streamlit as st

import ibinn_core as ib
from app.desk import question
from app.figures.bits_scale import number_text
from app.figures.layout import height_style
from app.figures.written import HEIGHT, Written, written_figure
from app.images.pictures import own
from app.images.program_lines import bayes_lines, image_lines, model_line, program
from app.inference.computations import evaluate
from app.judgement.class_typicality import FEWEST, typicality_in_class
from app.judgement.judged_digit import JudgedDigit, in_short, verdict_on
from app.latent_space.clouds import test_bits
from app.models import asking, registry
from app.models.origin import origin
from app.models.predictions import bits_per_dim
from app.widgets.export_menu import csv_bytes, offer
from app.widgets.figure import show_figure
from app.widgets.stage import is_on_stage, staged
from ibinn_core.checkpoint import Checkpoint, view
from ibinn_core.exploration import TYPICAL


class Reading(NamedTuple):
    """What a model makes of an image."""

    judged: JudgedDigit  # the verdict and what it rests on
    latents: np.ndarray  # (1, D)
    same_class: np.ndarray  # bits/dim of the test images that are taken for the same class, (M,)


def read(checkpoint: Checkpoint, pixels: np.ndarray) -> Reading:
    """What a model makes of an image, uint8 ``(28, 28, 1)``."""
    answer = asking.ask(question(evaluate, checkpoint.id, pixels[None]))
    assert answer.latents is not None and answer.log_prob is not None and answer.bits is not None
    log_prob, places = alike(checkpoint.id, int(answer.posterior.argmax()))
    place = ib.exploration.project(answer.latents, view(checkpoint.latent, "means"))[0]
    typicality = typicality_in_class(float(answer.log_prob[0]), place, log_prob, places)
    low, high = bits_per_dim(checkpoint, [typicality.high, typicality.low]).tolist()
    verdict = verdict_on(answer, typicality)
    judged = JudgedDigit(answer, typicality, verdict, float(answer.bits[0]), (low, high))
    return Reading(judged, answer.latents, bits_per_dim(checkpoint, log_prob))


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
    """The verdict, or what to do where nothing is written."""
    if reading is None:
        more = " As you write, the model computes ten likelihoods, and Bayes' rule turns them into a posterior."
        st.markdown("**Write a digit** in the black square." + ("" if is_on_stage() else more))
        return
    verdict = reading.judged.verdict
    st.markdown(f":{verdict.color}-badge[{verdict.icon} {verdict.word}] {in_short(reading.judged, classes)}")


def show_numbers(checkpoint: Checkpoint, reading: Reading | None) -> None:
    """Likelihoods, posterior and bits/dim."""
    written, alt = None, "Nothing is written yet."
    if reading is not None:
        judged, answer = reading.judged, reading.judged.answer
        assert answer.log_likelihood is not None
        (posterior,) = answer.posterior
        written = Written(answer.log_likelihood[0], posterior, judged.bits, reading.same_class, judged.typical)
        shares = ", ".join(f"{c} {p:.0%}" for c, p in zip(checkpoint.classes, posterior, strict=True))
        alt = f"Posterior of what is written: {shares}; {number_text(judged.bits)} bits/dim, {judged.verdict.word}."
    figure = staged(written_figure(written, test_bits(checkpoint.id), classes=checkpoint.classes))
    st.html(height_style("written", 0, HEIGHT, HEIGHT))
    show_figure(figure, "written", alt=alt, config={"displayModeBar": False, "staticPlot": True})


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
            "These are two tests at 5 % each, so 5 to 10 % of real test digits are called so too. The page Test an "
            "image tests the likelihood alone, against held-out training images of all classes."
        )


def offer_digit(checkpoint: Checkpoint, pixels: np.ndarray, reading: Reading) -> None:
    """What is written, uint8 ``(28, 28, 1)``, and what the model makes of it, as files and as a program."""
    answer = reading.judged.answer
    assert answer.log_likelihood is not None
    log_likelihood = answer.log_likelihood[0]
    offer(
        "digit",
        python=program(
            model_line(checkpoint),
            *image_lines("image", own(pixels), checkpoint.dataset),
            *bayes_lines(),
        ),
        chart="written",
        csv=lambda: csv_bytes(
            {
                "class": checkpoint.classes,
                "log_likelihood": log_likelihood,
                "prior": answer.prior,
                "posterior": answer.posterior[0],
                "bits_per_dim": reading.judged.bits,
                "verdict": reading.judged.verdict.word,
                "model": checkpoint.id,
                **origin(checkpoint),
            }
        ),
    )
