"""The figure of Bayes' rule under several models, and what it can be saved as."""

import math
from collections.abc import Sequence

import numpy as np

import ibinn_core as ib
from app.drawn import bayes_figure
from app.figures.bayes import FLOOR, LikelihoodRow, PosteriorRow, histogram, least_of
from app.figures.bits_scale import number_text
from app.figures.classes import shown_classes
from app.figures.layout import config
from app.figures.text import plotly_texts
from app.images.pictures import Picture
from app.images.program_lines import bayes_lines, checkpoint_line, image_lines, model_line, program
from app.judgement.judged_image import JudgedImage, LikelihoodJudgedImage, in_words
from app.judgement.tables import bars_csv
from app.judgement.verdict import CLASS_UNKNOWN, CONFIDENT, CONFIDENT_FROM, OUT, UNCERTAIN
from app.latent_space.following import curve_of
from app.models import asking, registry
from app.models.live import as_picture, follow_live
from app.models.names import name_of
from app.models.predictions import bits_per_dim, typical_bits
from app.models.summary import labels_known
from app.widgets.export_menu import offer
from app.widgets.figure import show_figure
from app.widgets.stage import staged
from ibinn_core.checkpoint import Checkpoint


def _row_of(one: LikelihoodJudgedImage) -> LikelihoodRow:
    """The row of the figure for a model with a likelihood."""
    judgement, checkpoint = one.judgement, one.checkpoint
    return LikelihoodRow(
        one.heading,
        judgement.log_likelihood,
        judgement.prior,
        judgement.joint,
        judgement.posterior,
        one.bits,
        bits_per_dim(checkpoint, checkpoint.latent["reference"]),
        typical_bits(checkpoint),
    )


def show_bayes(
    generative: Sequence[LikelihoodJudgedImage],
    others: Sequence[JudgedImage],
    picture: Picture,
    focus: Checkpoint,
) -> None:
    """Bayes' rule under each model, a row each; the program is about ``focus``, whose row follows γ's slider.

    Arguments:
        generative: the image under models with a likelihood.
        others: under those without.
        picture: the image.
        focus: the slider's model.
    """
    rows = [_row_of(one) for one in generative]
    figure = bayes_figure(
        rows,
        [PosteriorRow(one.heading, one.judgement.posterior) for one in others],
        picture.label,
        classes=generative[0].checkpoint.classes,
    )
    texts = [f"{in_words(one)}, {number_text(one.bits)} bits/dim" for one in generative]
    texts += [f"{in_words(one)}, no likelihood" for one in others]
    figure = staged(figure)
    show_figure(
        figure,
        "bayes",
        config=config(),
        narrowest=640,
        gamma=focus.gamma,
        alt=f"{picture.name}: likelihood of each class, times prior, posterior, and bits per dimension. "
        + "; ".join(texts),
    )
    _follow(rows, [*generative, *others], focus, picture)
    offer(
        "inspect",
        python=same_in_python(focus, picture),
        chart="bayes",
        title=picture.name,
        csv=lambda: bars_csv((*generative, *others), picture),
    )


def _follow(
    rows: Sequence[LikelihoodRow],
    judged: Sequence[JudgedImage],
    focus: Checkpoint,
    picture: Picture,
) -> None:
    """The row of the slider's model follows it, if the family has a measured curve."""
    family = curve_of(focus)
    row = next((n for n, one in enumerate(judged[: len(rows)]) if one.checkpoint.id == focus.id), None)
    if family is None or row is None:
        return
    shown = shown_classes(np.max([one.judgement.posterior for one in judged], axis=0), picture.label)
    names = plotly_texts(focus.classes)
    known = {"confident": CONFIDENT, "uncertain": UNCERTAIN, "out": OUT, "unknown": CLASS_UNKNOWN}
    task = {
        "picture": as_picture(focus, picture.pixels),
        "row": row,
        "shown": shown,
        "names": [names[k] for k in shown],
        "floor": FLOOR,
        "others": least_of([one for n, one in enumerate(rows) if n != row]) if len(rows) > 1 else 0.0,
        "reference": _references(family.members[0].id),
        "sure": CONFIDENT_FROM,
        "labelled": labels_known(focus),
        "verdicts": {name: {"sign": v.sign, "word": v.word, "ink": v.ink} for name, v in known.items()},
        "titles": {_in_javascript(member.gamma): name_of(member) for member in family.members},
    }
    follow_live("bayes", focus, "bayes", task)


@asking.kept
def _references(member_id: str) -> dict[str, list]:
    """What is known of held-out images at each place of the measured curve, for ``app/static/live/bayes.js``."""
    member = registry.by_id(member_id)
    family = registry.weight_space(registry.family_of(member))
    assert family is not None  # whose member it is
    every = family.arrays["reference"] + family.arrays["log_prob_mean"].reshape(-1, 1)
    bits = [histogram(bits_per_dim(member, reference)) for reference in every]
    return {
        "mean": every.mean(1, dtype=np.float64).tolist(),
        "threshold": [ib.exploration.typicality_threshold(reference.astype(np.float32)) for reference in every],
        "low": [low for low, _, _ in bits],
        "high": [high for _, high, _ in bits],
        "heights": [heights.tolist() for _, _, heights in bits],
    }


def _in_javascript(gamma: float | None) -> str:
    """As a script turns γ into a text."""
    return "Infinity" if gamma == math.inf else f"{gamma:g}"


def same_in_python(focus: Checkpoint, picture: Picture) -> str:
    """The program that makes the figure's row of one model."""
    return program(
        model_line(focus),
        *image_lines("image", picture, focus.dataset),
        *bayes_lines(),
        checkpoint_line(focus),
        'reference = checkpoint.latent["reference"].astype(float)  # log q(x) of held-out training images',
        "log_q = log_joint.logsumexp(1).detach().numpy()",
        "more_typical = 1 - ib.exploration.typicality_p_value(log_q, reference)  # share of the reference",
    )
