"""Inspect: one image, ten likelihoods, and the verdict of each model (Fig. 2)."""

import math

import numpy as np
import streamlit as st

import ibinn_core as ib
from app import gallery, state
from app.alterations import ALTERATIONS
from app.downloads import csv_bytes, offer
from app.figures.bayes import bayes_figure
from app.figures.layout import config
from app.figures.palette import CLASSES
from app.lesson import show_lesson
from app.verdict import (
    LEVEL,
    Judgement,
    Verdict,
    judge,
    judge_posterior,
    tally,
    verdicts,
    verdicts_of_posterior,
)
from ibinn_core.checkpoint import Checkpoint

CLASS_COUNT = len(CLASSES)


def first_models() -> list[str]:
    """What the page opens with: a generative γ, the middle and the discriminative limit, or what comes near them."""
    every = state.scan()[0]
    usual = [c.id for c in every if c.id in ("gamma-0.02", "gamma-1", "only-ly")]
    between = [c.id for c in every if c.gamma is not None and 0 < c.gamma < math.inf] or [c.id for c in every]
    return usual or list(dict.fromkeys(between[i] for i in (0, len(between) // 2, -1)))


def caveat_beside(checkpoints: list[Checkpoint]) -> str:
    """What a person must know of classifiers without a likelihood, or nothing."""
    if not checkpoints:
        return ""
    names = ", ".join(f"**{state.name_of(c)}**" for c in checkpoints)
    verb = "gives" if len(checkpoints) == 1 else "give"
    return (
        f"{names} {verb} q(y | x) without a likelihood and without Bayes' rule: "
        "*confident* or *uncertain* is all that can come out, and no image is ever called *out of distribution*."
    )


def judged(checkpoint: Checkpoint, images: np.ndarray) -> list[Judgement]:
    """What a model makes of images, uint8 ``(N, 32, 32, 3)``."""
    if not checkpoint.has_likelihood:
        return [judge_posterior(row) for row in state.opinion(checkpoint.id, images).posterior]
    log_likelihood, prior = state.class_log_likelihoods(checkpoint.id, images)
    return [judge(row, prior, checkpoint.latent["reference"]) for row in log_likelihood]


def verdict_on(checkpoint: Checkpoint, judgement: Judgement, confident_from: float) -> Verdict:
    """Its verdict: typical or not, and if so, confident or not."""
    top = np.array([judgement.posterior.max()])
    if not checkpoint.has_likelihood:
        return verdicts_of_posterior(top, confident_from)[0]
    typicality = np.array([judgement.typicality])
    return verdicts(typicality, top, checkpoint.latent["reference"], confident_from, state.labels_known(checkpoint))[0]


def bits_of(checkpoint: Checkpoint, log_prob):
    """Nats to bits/dim, by the noise that the model was trained with."""
    return ib.bits_per_dim(np.asarray(log_prob, dtype=np.float64), state.DIMS, checkpoint.noise)


def top_of(judgement: Judgement, label: int | None) -> str:
    """The most probable class, its probability, and whether it is the true one."""
    top = int(judgement.posterior.argmax())
    mark = "" if label is None else " ✓" if top == label else " ✗"
    return f"{CLASSES[top]} {judgement.posterior[top]:.0%}{mark}"


def in_one_line(text: str) -> str:
    """For a cell of a table that must not break."""
    return text.replace(" ", "\u00a0")


def verdict_table(chosen: list[Checkpoint], judgements: list[Judgement], given: list[Verdict], label) -> str:
    """A line a model, as a Markdown table."""
    lines = [
        "| Model | Verdict | Top class | Entropy | Bits/dim | More typical |",
        "| :-- | :-- | :-- | --: | --: | --: |",
    ]
    for checkpoint, j, v in zip(chosen, judgements, given, strict=True):
        badge = f":{v.color}-badge[{v.icon} {v.word}]"
        name = in_one_line(state.name_of(checkpoint))
        top = in_one_line(top_of(j, label if state.labels_known(checkpoint) else None))
        entropy, bits, share = in_one_line(f"{j.entropy:.2f} bits"), "–", "–"
        if checkpoint.has_likelihood:
            bits, share = f"{float(bits_of(checkpoint, j.log_prob)):.2f}", f"{j.share:.1%}"
        lines.append(f"| **{name}** | {badge} | {top} | {entropy} | {bits} | {share} |")
    return "\n".join(lines)


def bars_csv(chosen: list[Checkpoint], judgements: list[Judgement]) -> bytes:
    """The bars of the figure, a row a model and class; empty where there is no likelihood."""
    empty = [""] * CLASS_COUNT

    def column(values) -> list:
        return [value for part in values for value in (empty if part is None else part.tolist())]

    return csv_bytes(
        {
            "model": [c.id for c in chosen for _ in CLASSES],
            "class": [name for _ in chosen for name in CLASSES],
            "log_likelihood": column(j.log_likelihood for j in judgements),
            "prior": column(j.prior for j in judgements),
            "posterior": column(j.posterior for j in judgements),
        }
    )


@st.cache_data(show_spinner=False, max_entries=256)
def tally_of(checkpoint_id: str, confident_from: float) -> dict[str, tuple[float, float]]:
    """The verdicts on the whole test set: how many get each, and how many of those are named rightly."""
    checkpoint = state.by_id(checkpoint_id)
    latent = checkpoint.latent
    if checkpoint.has_likelihood:
        typicality = ib.exploration.typicality(latent["log_prob"], latent["reference"])
        given = verdicts(typicality, latent["posterior"].max(1), latent["reference"], confident_from)
    else:
        given = verdicts_of_posterior(latent["posterior"].max(1), confident_from)
    return tally(given, latent["posterior"].argmax(1) == latent["labels"])


def tally_table(checkpoints: list[Checkpoint], confident_from: float) -> str:
    """For each model and verdict: how many of the test images, and how often the top class is right there."""
    lines = ["| Model | confident | uncertain | out of distribution |", "| :-- | --: | --: | --: |"]
    for checkpoint in checkpoints:
        counts = tally_of(checkpoint.id, confident_from)
        cells = [f"{share:.0%}" + (f", {right:.0%} right" if share else "") for share, right in counts.values()]
        if not checkpoint.has_likelihood:
            cells[-1] = "cannot tell"
        lines.append(f"| **{state.name_of(checkpoint)}** | " + " | ".join(cells) + " |")
    return "\n".join(lines)


st.markdown("#### Inspect: ten likelihoods, Bayes' rule, and a verdict")
chosen = state.pick_models(default=first_models())
generative = list(chosen)
chosen += state.pick_beside()

picker, panel = st.columns([1.25, 6.5], gap="medium")
with picker:
    picture = gallery.pick_image("image", "Image", default=0)
with panel:
    left, right = st.columns([2.6, 1], vertical_alignment="bottom")
    with left:
        alteration = st.segmented_control(
            "Show it to the models",
            list(ALTERATIONS),
            default="as it is",
            required=True,
            key="alter",
            bind="query-params",
            wrap=True,
            help="The same image, spoiled a little: the true class stays what it is.",
        )
    with right:
        percent = st.slider(
            "Confident from",
            30,
            95,
            70,
            5,
            format="%d %%",
            key="confident-from",
            bind="query-params",
            help="A typical image counts as confident if its most probable class has at least this probability.",
        )
altered = np.stack([alter(picture.pixels) for alter in ALTERATIONS.values()])  # "as it is" first
index = list(ALTERATIONS).index(alteration)
if alteration != "as it is":
    with picker:
        gallery.show_image(altered[index], f"{picture.name}, {alteration}")
        st.caption(f"What the models see: {alteration}")

with panel, st.spinner("Asking the models …", show_time=True):
    of_all = [judged(c, altered) for c in chosen]
verdicts_of_all = [
    [verdict_on(c, j, percent / 100) for j in judgements] for c, judgements in zip(chosen, of_all, strict=True)
]
judgements = [row[index] for row in of_all]
given = [row[index] for row in verdicts_of_all]
with panel:
    st.markdown(verdict_table(chosen, judgements, given, picture.label))
    truth = "nobody knows the true class" if picture.label is None else f"the true class is {CLASSES[picture.label]}"
    st.caption(
        f"Two numbers decide. If {LEVEL:.0%} of held-out training images are *more typical*, that is have a likelihood "
        "nearer to the average one, the image is **out of distribution**. Else it is **confident** from a top "
        f"probability of {percent} % on, and **uncertain** below. Here {truth}; an entropy of "
        f"{math.log2(CLASS_COUNT):.2f} bits would be a blind guess."
    )
    for text in (*map(state.caveat, generative), caveat_beside(chosen[len(generative) :])):
        if text:
            st.caption(text)

bits = [float(bits_of(c, j.log_prob)) if c.has_likelihood else None for c, j in zip(chosen, judgements, strict=True)]
headings = [
    f"<b>{state.name_of(c)}</b>  <span style='color:{v.ink}'><b>{v.sign} {v.word}</b></span>"
    for c, v in zip(chosen, given, strict=True)
]
st.plotly_chart(
    bayes_figure(
        headings,
        [j.log_likelihood for j in judgements],
        [j.prior for j in judgements],
        [j.joint for j in judgements],
        [j.posterior for j in judgements],
        bits,
        [bits_of(c, c.latent["reference"]) if c.has_likelihood else None for c in chosen],
        [state.typical_bits(c, LEVEL) if c.has_likelihood else None for c in chosen],
        picture.label,
    ),
    config=config("inspect"),
    key="bayes",
    alt=f"{picture.name}, {alteration}: likelihood of each class, times prior, posterior, and bits per dimension. "
    + "; ".join(
        f"{state.name_of(c)}: {v.word}, {top_of(j, None)}, " + ("no likelihood" if b is None else f"{b:.2f} bits/dim")
        for c, v, j, b in zip(chosen, given, judgements, bits, strict=True)
    ),
)
offer("inspect", csv=lambda: bars_csv(chosen, judgements))

ends = [(chosen[i], judgements[i]) for i in sorted({0, len(generative) - 1})]
spreads = " and ".join(f"{np.ptp(j.log_likelihood):.1f} nats under {state.name_of(c)}" for c, j in ends)
varies = " and ".join(f"{c.latent['reference'].std():,.0f}" for c, _ in ends)
show_lesson(
    "Read a row from left to right: columns 1 to 3 tell *confident* from *uncertain*. Dividing by the sum throws away "
    "how large the sum was, and just that, in column 4, tells what is *out of distribution* (the paper's Fig. 2).",
    "Fig. 2 of the paper draws three images in latent space: one near to a class mean (*confident*), one on the border "
    "between two (*uncertain*), one far from all (*out of distribution*). Likelihoods are densities over pixel values "
    "from 0 to 1, so that their logarithms may well be positive. On this image the most and the least likely class are "
    f"{spreads} apart, and that is all that decides on the class; from one held-out image to another the likelihood "
    f"varies by {varies} nats (its standard deviation). An image can be too likely, too. A purely discriminative "
    f"classifier has column 3 only{', as the last row shows' if len(chosen) > len(generative) else ''}.",
)
ways = len(ALTERATIONS) - 1
changing = sum(any(row[i] is not row[0] for row in verdicts_of_all) for i in range(1, ways + 1))
challenge = (
    f"Of the {ways} ways to alter this image above, **{changing}** change the verdict of at least one of these models. "
    "Guess which, then try: does the likelihood notice, or only the posterior, and under which γ?"
    if changing
    else f"None of the {ways} ways to alter this image above changes the verdict of any of these models. Find an image "
    "where one does."
)
st.markdown(
    f"**A challenge.** {challenge} Then find an image that is *confident* and wrong (✗), and see what your own photo "
    "gets."
)
taught = [c for c in chosen if state.labels_known(c)]
if taught:
    st.markdown(
        f"How good is the verdict? The same rule on all {len(taught[0].latent['labels']):,} test images, and how often "
        f"the top class is right. About {1 - LEVEL:.0%} fall outside the band because it is made so:"
    )
    st.markdown(tally_table(taught, percent / 100))
