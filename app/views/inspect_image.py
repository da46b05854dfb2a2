"""Inspect: one image, the likelihood of each class, and the verdict of each model (Fig. 2)."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import streamlit as st

import ibinn_core as ib
from app import state
from app.drawn import bayes_figure
from app.figures.bayes import LikelihoodRow, PosteriorRow, on_a_phone
from app.figures.classes import MOST, with_number
from app.figures.layout import config, height_style
from app.glossary import explained
from app.images.alterations import ALTERATIONS
from app.images.image_input import THUMBNAIL, pick_image, show_image
from app.images.opening import opening
from app.images.pictures import Picture
from app.images.program_lines import bayes_lines, checkpoint_line, image_lines, model_line, program
from app.judgement.verdict import (
    Judgement,
    LikelihoodJudgement,
    Verdict,
    judge,
    judge_posterior,
    tally,
    verdicts,
    verdicts_of_posterior,
)
from app.models import asking, registry
from app.models.names import name_of
from app.models.origin import image_origin, origin
from app.models.pickers import pick_models
from app.models.predictions import at_once, bits_per_dim, class_log_likelihoods, predict, typical_bits
from app.models.summary import caveat_of, labels_known
from app.widgets.choice import choose_one
from app.widgets.export_menu import csv_bytes, offer
from app.widgets.figure import show_figure
from app.widgets.lesson import show_lesson
from app.widgets.markdown import markdown_text
from app.widgets.number_words import in_words
from app.widgets.stage import FIGURE, is_on_stage, staged
from ibinn_core.checkpoint import Checkpoint
from ibinn_core.data import Dataset
from ibinn_core.exploration import TYPICAL

FEW = 100  # held-out images, below which the share that is more typical is coarse


@dataclass(frozen=True)
class JudgedImage:
    """An image under any model."""

    checkpoint: Checkpoint
    judgement: Judgement
    verdict: Verdict

    @property
    def heading(self) -> str:
        """The model and its verdict, above a row of the figure."""
        v = self.verdict
        return f"<b>{name_of(self.checkpoint)}</b>  <span style='color:{v.ink}'><b>{v.sign} {v.word}</b></span>"


@dataclass(frozen=True)
class LikelihoodJudgedImage(JudgedImage):
    """An image under a model with a likelihood."""

    judgement: LikelihoodJudgement

    @property
    def bits(self) -> float:
        """Bits/dim."""
        return float(bits_per_dim(self.checkpoint, self.judgement.log_prob))


def caveat_of_posterior_only(checkpoints: list[Checkpoint]) -> str:
    """What a person must know of classifiers without a likelihood, or nothing."""
    if not checkpoints:
        return ""
    names = ", ".join(f"**{name_of(c)}**" for c in checkpoints)
    verb = "gives" if len(checkpoints) == 1 else "give"
    return (
        f"{names} {verb} q(y | x) without a likelihood and without Bayes' rule: "
        "the verdict is always *confident* or *uncertain*, never *out of distribution*."
    )


def judged_by_likelihood(
    checkpoint: Checkpoint, images: np.ndarray, confident_from: float
) -> list[LikelihoodJudgedImage]:
    """What a model with a likelihood makes of images, uint8 ``(N, H, W, C)``: typical, and if so, confident?"""
    log_likelihood, prior = class_log_likelihoods(checkpoint.id, images)
    reference = checkpoint.latent["reference"]
    judgements = [judge(row, prior, reference) for row in log_likelihood]
    typicality = np.array([judgement.typicality for judgement in judgements])
    top = np.array([judgement.posterior.max() for judgement in judgements])
    given = verdicts(typicality, top, reference, confident_from, labels_known(checkpoint))
    return [LikelihoodJudgedImage(checkpoint, *pair) for pair in zip(judgements, given, strict=True)]


def judged_by_posterior(checkpoint: Checkpoint, images: np.ndarray, confident_from: float) -> list[JudgedImage]:
    """What a model without a likelihood makes of images, uint8 ``(N, H, W, C)``: is it confident?"""
    judgements = [judge_posterior(row) for row in predict(checkpoint.id, images).posterior]
    given = verdicts_of_posterior(np.array([judgement.posterior.max() for judgement in judgements]), confident_from)
    return [JudgedImage(checkpoint, *pair) for pair in zip(judgements, given, strict=True)]


def top_of(one: JudgedImage, label: int | None) -> str:
    """The most probable class, its probability, and whether it is the true one."""
    posterior = one.judgement.posterior
    top = int(posterior.argmax())
    mark = "" if label is None else " ✓" if top == label else " ✗"
    return with_number(one.checkpoint.classes[top], f"{posterior[top]:.0%}{mark}")


def in_one_line(text: str) -> str:
    """For a cell of a table that must not break."""
    return text.replace(" ", "\u00a0")


def verdict_table(generative: Sequence[LikelihoodJudgedImage], others: Sequence[JudgedImage], label: int | None) -> str:
    """A line for each model, as a Markdown table."""
    lines = [
        "| Model | Verdict | Bits/dim | Less typical than | Top class | Entropy |",  # a phone shows the first ones
        "| :-- | :-- | --: | --: | :-- | --: |",
    ]
    lines += [_line(one, label, f"{one.bits:.2f} | {one.judgement.share:.1%} of images") for one in generative]
    lines += [_line(one, label, "– | –") for one in others]
    return "\n".join(lines)


def _line(one: JudgedImage, label: int | None, of_likelihood: str) -> str:
    """A line of the table, with the cells that only a likelihood gives."""
    badge = f":{one.verdict.color}-badge[{one.verdict.icon} {one.verdict.word}]"
    name = in_one_line(name_of(one.checkpoint))
    top = in_one_line(markdown_text(top_of(one, label if labels_known(one.checkpoint) else None)))
    entropy = in_one_line(f"{one.judgement.entropy:.2f} nats")
    return f"| **{name}** | {badge} | {of_likelihood} | {top} | {entropy} |"


def bars_csv(
    generative: Sequence[LikelihoodJudgedImage], others: Sequence[JudgedImage], picture: Picture, alteration: str
) -> bytes:
    """The bars of the figure, a row for each model and class; empty where there is no likelihood."""
    of_image = {**image_origin(picture.pixels), "alteration": alteration}
    by_likelihood = (
        {
            "model": one.checkpoint.id,
            "class": one.checkpoint.classes,
            "log_likelihood": one.judgement.log_likelihood,
            "prior": one.judgement.prior,
            "posterior": one.judgement.posterior,
            "bits_per_dim": one.bits,
            "verdict": one.verdict.word,
            **origin(one.checkpoint),
            **of_image,
        }
        for one in generative
    )
    by_posterior = (
        {
            "model": one.checkpoint.id,
            "class": one.checkpoint.classes,
            "log_likelihood": "",
            "prior": "",
            "posterior": one.judgement.posterior.astype(np.float64),
            "bits_per_dim": "",
            "verdict": one.verdict.word,
            **origin(one.checkpoint),
            **of_image,
        }
        for one in others
    )
    return csv_bytes(*by_likelihood, *by_posterior)


@asking.kept
def tally_of(checkpoint_id: str, confident_from: float) -> dict[str, tuple[float, float]]:
    """The verdicts on the whole test set: how many get each, and how many of those are named rightly."""
    checkpoint = registry.by_id(checkpoint_id)
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
        lines.append(f"| **{name_of(checkpoint)}** | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def pick_alteration(dataset: Dataset) -> str:
    """Which of the `ALTERATIONS` of the image the page shows; kept in the URL."""
    same = "the true class stays what it is" if dataset.flip else "what is turned may become another class"
    explanation = f"The same image, spoiled a little: {same}."
    return choose_one("Show it to the models", list(ALTERATIONS), state.ALTER, explanation, wrap=True)


def pick_threshold() -> int:
    """From which probability on an image counts as confident, in percent; kept in the URL."""
    return st.slider(
        "Confident from",
        format="%d %%",
        **state.bound(state.CONFIDENT_FROM),
        help="A typical image counts as confident if its most probable class has at least this probability.",
    )


def explain_verdicts(percent: int, picture: Picture, class_count: int, held_out: int) -> None:
    """The rule behind the verdicts, below their table, with the number of held-out images that it rests on."""
    is_known = picture.label is not None
    truth = f"the true class is {markdown_text(picture.class_name)}" if is_known else "nobody knows the true class"
    st.caption(
        f"Two numbers decide. If at least {TYPICAL:.0%} of held-out training images are *more typical* (their "
        "log-likelihood is nearer to the average), the image is **out of distribution**. Otherwise it is **confident** "
        f"at a top probability of {percent} % or more, else **uncertain**. Here {truth}; a blind guess has an "
        f"entropy of {math.log(class_count):.2f} nats."
        + (f" Only {held_out} images were held out here: the first number is coarse." if held_out < FEW else "")
    )


def row_of(one: LikelihoodJudgedImage) -> LikelihoodRow:
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
    alteration: str,
    python: str,
) -> None:
    """Bayes' rule under each model, a row each."""
    figure = bayes_figure(
        [row_of(one) for one in generative],
        [PosteriorRow(one.heading, one.judgement.posterior) for one in others],
        picture.label,
        classes=generative[0].checkpoint.classes,
    )
    texts = [f"{_in_words(one)}, {one.bits:.2f} bits/dim" for one in generative]
    texts += [f"{_in_words(one)}, no likelihood" for one in others]
    on_phone = on_a_phone(figure, len(generative))
    figure = staged(figure)
    show_figure(
        figure,
        "bayes",
        config=config("inspect"),
        phone=on_phone,
        alt=f"{picture.name}, {alteration}: likelihood of each class, times prior, posterior, and bits per dimension. "
        + "; ".join(texts),
    )
    title = f"{picture.name}, {alteration}"
    offer(
        "inspect",
        python=python,
        chart="bayes",
        title=title,
        csv=lambda: bars_csv(generative, others, picture, alteration),
    )


def same_in_python(focus: Checkpoint, beside: Sequence[Checkpoint], picture: Picture, alteration: str) -> str:
    """The program that makes the figure's row of one model, and the posteriors of those beside it."""
    altered = [
        "from app.images.alterations import ALTERATIONS  # run it in the repository",
        f'image = ALTERATIONS["{alteration}"](image)',
    ]
    return program(
        model_line(focus),
        *image_lines("image", picture, focus.dataset),
        *(altered if alteration != "as it is" else ()),
        *bayes_lines(),
        checkpoint_line(focus),
        'reference = checkpoint.latent["reference"].astype(float)  # log q(x) of held-out training images',
        "reference_bits = ib.bits_per_dim(reference, model.config.dims, model.noise)",
        "log_q = log_joint.logsumexp(1).detach().numpy()",
        "more_typical = 1 - ib.exploration.typicality_p_value(log_q, reference)  # share of the reference",
        *(
            (
                f"models = {{id: ib.load(id) for id in {[one.id for one in beside]}}}",
                "x = {id: ib.dequantize(ib.to_unit(image[None]), one.noise) for id, one in models.items()}",
                "posteriors = {id: one.posterior(x[id]) for id, one in models.items()}",
            )
            if beside
            else ()
        ),
    )


def _in_words(one: JudgedImage) -> str:
    return f"{name_of(one.checkpoint)}: {one.verdict.word}, {top_of(one, None)}"


def explain(generative: Sequence[LikelihoodJudgedImage], has_others: bool) -> None:
    """What to look for.

    Arguments:
        generative: the image under the models with a likelihood.
        has_others: whether there are models without one.
    """
    ends = [generative[i] for i in sorted({0, len(generative) - 1})]
    spreads = " and ".join(
        f"{np.ptp(one.judgement.log_likelihood):.1f} nats under {name_of(one.checkpoint)}" for one in ends
    )
    varies = " and ".join(f"{one.checkpoint.latent['reference'].std():,.0f}" for one in ends)
    show_lesson(
        "Read a row from left to right: columns 1 to 3 tell *confident* from *uncertain*. Dividing by the sum throws "
        "away how large the sum was, but its size, in column 4, tells what is *out of distribution* (the paper's "
        "Fig. 2).",
        "Fig. 2 of the paper draws three images in latent space: one near to a class mean (*confident*), one on the "
        "border between two (*uncertain*), one far from all (*out of distribution*). Likelihoods are densities over "
        "pixel values from 0 to 1, so that their logarithms may well be positive. On this image the most and the "
        f"least likely class are {spreads} apart, and that is all that decides on the class; from one held-out image "
        f"to another the likelihood varies by {varies} nats (its standard deviation). An image can be too likely, "
        f"too. A purely discriminative classifier has column 3 only{', as the last row shows' if has_others else ''}.",
    )


def show_challenge(verdicts_of_all: Sequence[Sequence[Verdict]]) -> None:
    """What to try; for each model, its verdicts on the image and on each of its alterations."""
    ways = len(ALTERATIONS) - 1
    changing = sum(any(row[i] is not row[0] for row in verdicts_of_all) for i in range(1, ways + 1))
    challenge = (
        f"Of the {ways} ways to alter this image above, **{changing}** change the verdict of at least one of these "
        "models. Guess which, then try: does the likelihood notice, or only the posterior, and under which γ?"
        if changing
        else f"None of the {ways} ways to alter this image above changes the verdict of any of these models. Find an "
        "image where one does."
    )
    st.markdown(
        f"**A challenge.** {challenge} Then find an image that is *confident* and wrong (✗), and see what your own "
        "photo gets."
    )


def show_tally(checkpoints: list[Checkpoint], confident_from: float) -> None:
    """How good the verdict is, on the whole test set."""
    taught = [c for c in checkpoints if labels_known(c)]
    if taught:
        st.markdown(
            f"How good is the verdict? The same rule on all {len(taught[0].latent['labels']):,} test images, and how "
            f"often the top class is right. About {1 - TYPICAL:.0%} fall outside the band by construction:"
        )
        st.markdown(tally_table(taught, confident_from))


def main() -> None:
    """The page."""
    count = in_words(registry.dataset().num_classes)
    st.markdown(
        f"#### Inspect: {count} likelihoods, Bayes' rule, and a verdict",
        help=explained("likelihood", "Bayes' rule", "posterior", "typical", "entropy"),
    )
    focus, chosen, discriminative = pick_models(beside=True)

    picker, left, right = st.columns([1.3, 3.6, 1.2], gap="medium", vertical_alignment="center")
    with picker:
        picture = pick_image(state.IMAGE, "Image", opening("inspected"))
    with left:
        alteration = pick_alteration(chosen[0].dataset)
    with right:
        percent = pick_threshold()
    altered = np.stack([alter(picture.pixels) for alter in ALTERATIONS.values()])  # "as it is" first
    index = list(ALTERATIONS).index(alteration)
    if alteration != "as it is":
        with picker, st.container(horizontal=True, vertical_alignment="center", gap="small"):
            with st.container(width="content"):
                show_image(altered[index], f"{picture.name}, {alteration}", THUMBNAIL)
            st.caption(f"What the models see: {alteration}")

    with st.spinner("Asking the models …", show_time=True):
        at_once([(c.id, altered) for c in discriminative], likelihoods=[(c.id, altered) for c in chosen])
        by_likelihood = [judged_by_likelihood(c, altered, percent / 100) for c in chosen]
        by_posterior = [judged_by_posterior(c, altered, percent / 100) for c in discriminative]
    generative, others = [row[index] for row in by_likelihood], [row[index] for row in by_posterior]
    # A room reads one row, not two.
    figured = ([generative[chosen.index(focus)]], []) if is_on_stage() and focus in chosen else (generative, others)
    with st.container(key=FIGURE):
        if is_on_stage():
            st.html(height_style("bayes", 0, 300, 0))  # the stage says what is above, and that there is no limit
        beside = [one.checkpoint for one in (*figured[0], *figured[1]) if one.checkpoint.id != focus.id]
        show_bayes(*figured, picture, alteration, same_in_python(focus, beside, picture, alteration))
    if len(chosen[0].classes) > MOST:
        st.caption(f"Of the {len(chosen[0].classes)} classes the ten most probable are shown.")
    st.markdown(verdict_table(generative, others, picture.label))
    held_out = min(len(one.checkpoint.latent["reference"]) for one in generative)
    explain_verdicts(percent, picture, len(chosen[0].classes), held_out)
    for text in filter(None, (*map(caveat_of, chosen), caveat_of_posterior_only(discriminative))):
        st.caption(text)
    explain(generative, bool(others))
    show_challenge([[one.verdict for one in row] for row in (*by_likelihood, *by_posterior)])
    show_tally(chosen + discriminative, percent / 100)


main()
