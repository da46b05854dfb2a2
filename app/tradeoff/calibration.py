"""The reliability diagrams of two models, and what they say."""

from collections.abc import Mapping, Sequence

import streamlit as st

from app import state
from app.figures.diagrams import reliability_figure
from app.figures.layout import config, height_style
from app.models import asking, registry
from app.models.origin import origin
from app.models.summary import measured
from app.table1.measures import counted_of, sure_of
from app.table1.same_in_python import calibration_program
from app.table1.shown import Shown
from app.tradeoff.choice import chosen_pair, offer_stage, pick_pair, row_on_stage
from app.widgets.choice import choose_one
from app.widgets.export_menu import csv_bytes, offer
from app.widgets.figure import show_figure
from app.widgets.stage import FIGURE, is_on_stage, staged
from ibinn_core.checkpoint import Checkpoint
from ibinn_core.evaluation import Reliability, reliability, top_label_reliability
from ibinn_core.measures.scores import SURE

ABOVE_ON_STAGE = 142  # CSS pixels above the diagrams, and for a line below them
EXPLANATION = "Either the probabilities of all classes, in the paper's bins, or only that of the most probable class."
BINNINGS = {"All classes": reliability, (TOP_LABEL := "Top label"): top_label_reliability}


@asking.kept
def bins_of(checkpoint_id: str, binning: str) -> Reliability:
    """The test set's predictions in bins."""
    latent = registry.by_id(checkpoint_id).latent
    return BINNINGS[binning](latent["posterior"], latent["labels"])


def show_calibration(shown: Shown) -> None:
    """The part of the page."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        pair = pick_pair(shown.names)
        binning = choose_one("Predictions counted", list(BINNINGS), state.BINNING, EXPLANATION)
        bins = [bins_of(c.id, binning) for c in pair]
        offer(
            "reliability",
            python=calibration_program(pair, binning == TOP_LABEL),
            chart="reliability-",
            title=binning,
            csv=lambda: _csv(pair, bins),
        )
        offer_stage()
    _show_diagrams(shown, pair, binning)
    st.caption(
        "Are predictions right as often as their probability says? On the dashed line they are. Orange marks below it: "
        "the probability is too high. Blue marks above it: too low. The farther from the line, the worse. Predictions "
        f"above {100 * SURE:.1f} %: {_sure_predictions(pair, shown.names)}."
        f"{_drawn_of(pair)}{_scaled(pair, shown.names)}"
    )


def show_calibration_on_stage(shown: Shown) -> None:
    """The diagrams alone, of the two models that are chosen on the page."""
    with st.container(key=FIGURE):
        with row_on_stage("Are predictions right as often as their probability says?", ABOVE_ON_STAGE):
            binning = choose_one("Predictions counted", list(BINNINGS), state.BINNING, is_labelled=False)
        st.html(height_style("reliability-", 0, 320, 900))
        _show_diagrams(shown, chosen_pair(), binning)


def _show_diagrams(shown: Shown, pair: Sequence[Checkpoint], binning: str) -> None:
    bins = [bins_of(c.id, binning) for c in pair]
    for column, key, checkpoint, found in zip(st.columns(2), ("left", "right"), pair, bins, strict=True):
        name = shown.names[checkpoint.id]
        text = _errors(checkpoint, binning)
        with column:
            show_figure(
                staged(reliability_figure(f"<b>{name}</b>" if is_on_stage() else f"<b>{name}</b>: {text}", found)),
                f"reliability-{key}",
                config=config(),
                alt=f"Reliability diagram of {name}: {text}",
            )
            if is_on_stage():
                st.markdown(text)


def _errors(checkpoint: Checkpoint, binning: str) -> str:
    """The numbers that sum up a reliability diagram."""
    if binning == TOP_LABEL:
        return f"top-label ECE {measured(checkpoint, 'calibration.top_label')}"
    ece, mce, ice = (measured(checkpoint, f"calibration.{name}") for name in ("ece", "mce", "ice"))
    return f"all-classes ECE {ece}, MCE {mce}, ICE {ice}"


def _csv(pair: Sequence[Checkpoint], bins: Sequence[Reliability]) -> bytes:
    """A row for each bin."""
    return csv_bytes(
        *(
            {
                "model": c.id,
                "bin_from": b.edges[:-1],
                "bin_to": b.edges[1:],
                "expected": b.expected,
                "came_true": b.observed,
                "predictions": b.count,
                **origin(c),
            }
            for c, b in zip(pair, bins, strict=True)
        )
    )


def _sure_predictions(pair: Sequence[Checkpoint], names: Mapping[str, str]) -> str:
    """How many predictions each model is sure of, and how many of these are wrong."""
    counts = [(names[c.id], sure_of(c), counted_of(c)) for c in pair]
    return ", ".join(f"{name}: {sure.all:,} of {count:,}, {sure.wrong:,} wrong" for name, sure, count in counts)


def _drawn_of(pair: Sequence[Checkpoint]) -> str:
    """That the marks rest on fewer images than the numbers, where a model of many classes describes a part of them."""
    counts = {(len(c.latent["labels"]), c.card["measured"]["images"]) for c in pair}
    described, measured = max(counts, key=lambda count: count[1] - count[0])
    if described >= measured:
        return ""
    return f" The marks are of {described:,} of the {measured:,} test images, the errors are of all."


def _scaled(pair: Sequence[Checkpoint], names: Mapping[str, str]) -> str:
    """Which posteriors were raised to a power after the training, if any."""
    scaled = " and ".join(names[c.id] for c in pair if c.power is not None)
    return f" After the training, {scaled} was scaled to be as sure as it is right." if scaled else ""
