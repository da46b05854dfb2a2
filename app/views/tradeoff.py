"""Trade-off: every measure of Table 1 over γ, calibration and detection of two models side by side (Figs. 6, 11)."""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import streamlit as st

from app.figures.layout import config
from app.figures.metrics import metrics_figure
from app.figures.reliability import reliability_figure
from app.figures.roc import roc_figure
from app.figures.text import plotly_text
from app.images import pictures
from app.models import registry
from app.models.names import colors_of, unique_names
from app.models.pickers import add_to_compared, explain_no_checkpoint
from app.table1 import results as found
from app.table1.html import GROUPS as TABLE_PARTS
from app.table1.html import table_html
from app.table1.measures import (
    BY_KEY,
    DETECTION,
    ENTROPY,
    FAMILY_TEXTS,
    GROUPS,
    SET_NAMES,
    SETS,
    Line,
    Measure,
    measured,
    our_lines,
    outdated,
    paper_lines,
)
from app.table1.trends import against_discriminative, sentences
from app.widgets.choice import choose_one
from app.widgets.clicks import clicked_id
from app.widgets.export_menu import csv_bytes, offer
from app.widgets.lesson import show_lesson
from app.widgets.markdown import markdown_text
from app.widgets.number_words import listed
from app.widgets.open_on_page import offer_model
from app.widgets.url import put_into_url, take_from_url
from ibinn_core.checkpoint import Checkpoint
from ibinn_core.evaluation import Reliability, reliability, top_label_reliability
from ibinn_core.evaluation.scores import SURE
from ibinn_core.evaluation.table1.table import DATASET

BINNINGS = {"All classes": reliability, "Top class": top_label_reliability}
NOT_LIVE = ("drawings", "imagenet", "cifar100", "cifar10-grey")  # sets that need files of their own
Curves = dict[str, np.ndarray]  # ROC curves of a model, by set


class Shown(NamedTuple):
    """What the page shows.

    Attributes:
        models: those here.
        names: of them, by id.
        results: what was measured of them for Table 1.
        lines: the models here and, for the data set of Table 1, the paper's, family by family.
        is_of_table: whether that is the data set.
    """

    models: list[Checkpoint]
    names: dict[str, str]
    results: found.Results
    lines: list[Line]
    is_of_table: bool


@st.cache_data(show_spinner=False, max_entries=4)
def read_results(folder: str, stamp: tuple) -> found.Results:
    """The table and curves in a folder; read again when a file changes and with it the stamp."""
    return found.read_results(Path(folder))


def results_here() -> found.Results:
    """What ``python -m ibinn_core table`` has written, as far as it is there."""
    folder = found.default_folder()
    files = [folder / name for name in ("table1.json", "curves.json")]
    return read_results(
        str(folder), tuple((f.stat().st_mtime_ns, f.stat().st_size) if f.exists() else 0 for f in files)
    )


@st.cache_data(show_spinner=False, max_entries=128)
def bins_of(checkpoint_id: str, binning: str) -> Reliability:
    """The test set's predictions in bins."""
    latent = registry.by_id(checkpoint_id).latent
    return BINNINGS[binning](latent["posterior"], latent["labels"])


@st.cache_data(show_spinner=False, max_entries=64)
def live_curves(checkpoint_id: str, points: int) -> tuple[Curves, dict[str, float]]:
    """ROC curves and their areas with the sample images, spoiled, and other embedded ones as outliers, by set."""
    from ibinn_core.data import ood
    from ibinn_core.evaluation import detection_curve, detection_score, score_images

    checkpoint = registry.by_id(checkpoint_id)
    latent, images = checkpoint.latent, pictures.images_of(pictures.SAMPLE, checkpoint.dataset)[0]
    curves, areas = {}, {}
    for name in (name for name in ood.sets_of(checkpoint.dataset) if name not in NOT_LIVE):
        log_prob = score_images(registry.load_model(checkpoint_id), ood.load(name, images)).log_prob
        if log_prob is not None and np.isfinite(log_prob).all():
            curves[name] = detection_curve(latent["log_prob"], log_prob, latent["reference"], points)
            areas[name] = detection_score(latent["log_prob"], log_prob, latent["reference"])
    return curves, areas


def pick_pair(models: list[Checkpoint]) -> dict[str, str]:
    """Sets the two models that are compared from the URL; returns the defaults, by key."""
    options = [c.id for c in models]
    finite = [c.id for c in models if c.objective == "ib" and 0 < (c.gamma or 0) < math.inf] or options
    first = registry.first_of(finite)
    second = next((i for i in (finite[-1], finite[0], *options) if i != first), first)
    defaults, chosen = {"left": first, "right": second}, st.session_state.get("model")
    if chosen in options and chosen != st.session_state.get("left-follows", chosen):
        st.session_state["left"] = chosen  # chosen on another page since
    st.session_state["left-follows"] = chosen or first
    for key, default in defaults.items():
        take_from_url(key, str, chosen if key == "left" and chosen in options else default)
        if st.session_state[key] not in options:
            st.session_state[key] = default
    return defaults


def choose(checkpoint: Checkpoint) -> None:
    """What a click on a dot does: the model is chosen here, and on all pages if they can show it."""
    st.session_state["left"] = checkpoint.id
    if checkpoint.has_likelihood:
        st.session_state["model"] = checkpoint.id
    add_to_compared(checkpoint)


def pick_group(lines: Sequence[Line]) -> str:
    """Which measures the page shows: those that any model here has numbers for."""
    offered = [name for name, group in GROUPS.items() if measured(lines, group)]
    explanation = "The overview has a measure of each kind; the other groups show all there are (Figs. 6 and 11)."
    return choose_one("Measures", offered, "measures", explanation, wrap=True)


def what_is_missing(shown: Shown) -> str:
    """Which measures no model here has numbers for, and where they would come from; empty if there are all."""
    kinds = {
        "overconfidence": [BY_KEY["overconfidence"]],
        "the entropy increase": ENTROPY,
        "the detection score": DETECTION,
    }
    missing = [name for name, measures in kinds.items() if not measured(shown.lines, measures)]
    if not missing:
        return ""
    text = listed(missing)
    if not shown.is_of_table:
        return (
            f"The paper's Table 1 is of CIFAR-10; for {markdown_text(registry.dataset().title)} the page shows what "
            "was measured, without the paper's numbers."
        )
    if shown.results.table:
        return f"Not shown, since the table has no number of any model here: {text}."
    return f"Not measured yet: {text}. `{found.COMMAND}` measures it; then it is shown here."


def sets_that_are_missing(results: found.Results) -> str:
    """Which sets the table could not measure on; empty if there is none, or no table."""
    entries = (results.table or {"sets": {}})["sets"]
    absent = [str(SETS.get(name, name)) for name, entry in entries.items() if entry["images"] is None]
    return f"Not measured, since they were not on the machine: {', '.join(absent)}." if absent else ""


def metrics_csv(measures: Sequence[Measure], lines: Sequence[Line]) -> bytes:
    """A row for each model and measure, the paper's too."""
    return csv_bytes(*(_metrics_of(line, m) for m in measures for line in lines))


def _metrics_of(line: Line, measure: Measure) -> dict[str, object]:
    values = line.values[measure.key]
    known = [i for i, value in enumerate(values) if not math.isnan(value)]
    return {
        "id": [line.ids[i] or "" for i in known],
        "model": [line.names[i] for i in known],
        "source": "paper" if line.is_paper else "here",
        "gamma": ["" if math.isnan(line.gammas[i]) else line.gammas[i] for i in known],
        "measure": measure.key,
        "unit": measure.unit.strip(),
        "value": [values[i] for i in known],
    }


def show_metrics(shown: Shown, group: str) -> None:
    """The measures over γ, from which a model is picked."""
    lines, measures = shown.lines, measured(shown.lines, GROUPS[group])
    ib_models = [c for c in shown.models if c.objective == "ib"]
    colors = dict(zip([c.id for c in ib_models], colors_of(ib_models), strict=True))
    st.plotly_chart(
        metrics_figure(measures, lines, st.session_state["left"], colors, 2 if len(measures) in (2, 4) else 3),
        key=f"metrics-{group}",
        on_select="rerun",
        selection_mode="points",
        config=config("trade-off"),
        alt=f"{group} over γ, a panel each: "
        + "; ".join(text.replace("**", "") for text in sentences(measures, lines)),
    )
    offer("trade-off", csv=lambda: metrics_csv(measures, lines))


def heading(name: str, text: str) -> str:
    """The heading above a diagram of one of the two models."""
    return f"<b>{plotly_text(name)}</b>   {text}"


def show_reliability(pair: list[Checkpoint], names: Mapping[str, str], binning: str) -> None:
    """The two reliability diagrams."""
    bins = [bins_of(c.id, binning) for c in pair]
    texts = []
    for c in pair:
        paper, top = c.card["calibration_paper"], c.card["calibration_top_label"]
        errors = f"ECE {paper['ece']:.1%}, MCE {paper['mce']:.1%}, ICE {paper['ice']:.1%}"
        texts.append(errors if binning == "All classes" else f"top-label ECE {top:.1%}")
    st.plotly_chart(
        reliability_figure([heading(names[c.id], text) for c, text in zip(pair, texts, strict=True)], bins),
        key="reliability",
        config=config("reliability"),
        alt="Reliability diagrams: " + "; ".join(f"{names[c.id]}, {text}" for c, text in zip(pair, texts, strict=True)),
    )
    offer(
        "reliability",
        csv=lambda: csv_bytes(
            *(
                {
                    "model": c.id,
                    "bin_from": b.edges[:-1],
                    "bin_to": b.edges[1:],
                    "expected": b.expected,
                    "came_true": b.observed,
                    "predictions": b.count,
                }
                for c, b in zip(pair, bins, strict=True)
            )
        ),
    )


def sure_predictions(pair: list[Checkpoint], names: Mapping[str, str]) -> str:
    """How many predictions each of the two models is sure of, in words."""
    counts = {names[c.id]: c.latent["posterior"].max(1) > SURE for c in pair}
    return ", ".join(f"{name}: {is_sure.sum():,} of {len(is_sure):,}" for name, is_sure in counts.items())


def curves_of(pair: list[Checkpoint], results: found.Results) -> tuple[list[Curves], list[dict[str, float]], bool]:
    """ROC curves and areas of two models, and whether they are those of the table and not live ones."""
    able = [c for c in pair if c.has_likelihood]
    stale = outdated(able, results.rows)
    if all(c.id in results.curves and c.id in results.rows and c.id not in stale for c in able):
        curves = [results.curves[c.id] if c in able else {} for c in pair]
        cells = [results.rows[c.id]["cells"] if c in able else {} for c in pair]
        return curves, [areas_of(row, of) for row, of in zip(cells, curves, strict=True)], True
    with st.spinner("Asking the models about some images …", show_time=True):
        both = [live_curves(c.id, len(results.grid)) if c in able else ({}, {}) for c in pair]
    return [curves for curves, _ in both], [areas for _, areas in both], False


def areas_of(cells: dict, curves: Curves) -> dict[str, float]:
    """The areas under curves, from 0 to 1, by the table."""
    percent = {name: (cells.get(f"detection.{name}") or {}).get("ours") for name in curves}
    return {name: area / 100 for name, area in percent.items() if area is not None}


def show_detection(pair: list[Checkpoint], shown: Shown) -> None:
    """The two ROC diagrams, and what they say."""
    names, grid = shown.names, shown.results.grid
    curves, areas, is_table = curves_of(pair, shown.results)
    reasons = [
        "" if c.has_likelihood else f"{plotly_text(names[c.id])} has no likelihood:<br>nothing to test" for c in pair
    ]
    st.plotly_chart(
        roc_figure([heading(names[c.id], "") for c in pair], grid, curves, areas, SET_NAMES, reasons),
        key="roc",
        config=config("detection"),
        alt="ROC curves of detection: "
        + "; ".join(
            f"{names[c.id]}: " + (", ".join(f"{SET_NAMES[n]} {a:.0%}" for n, a in area.items()) or "no likelihood")
            for c, area in zip(pair, areas, strict=True)
        ),
    )
    offer("detection", csv=lambda: detection_csv(pair, curves, grid))
    if not is_table:
        if shown.is_of_table:
            outliers = "corrupted copies of the twenty sample images"
            more = f"; `{found.COMMAND}` measures whole sets, and more of them"
        else:
            outliers, more = "twenty images of each set, most of them corrupted copies of the samples,", ""
        st.caption(
            f"Computed live: {outliers} must be told apart from the whole test set. So few give coarse curves{more}."
        )
    st.markdown(
        " ".join(
            filter(None, (detection_lesson(markdown_text(names[c.id]), a) for c, a in zip(pair, areas, strict=True)))
        )
    )


def detection_csv(pair: list[Checkpoint], curves: list[Curves], grid: np.ndarray) -> bytes:
    """A row for each point of a curve."""
    return csv_bytes(
        *(
            {
                "model": c.id,
                "set": np.repeat(list(of), len(grid)),
                "false_positive_rate": np.tile(grid, len(of)),
                "true_positive_rate": np.ravel(list(of.values())),
            }
            for c, of in zip(pair, curves, strict=True)
        )
    )


def detection_lesson(name: str, areas: dict[str, float]) -> str:
    """What one model detects best and worst."""
    if not areas:
        return ""
    best, worst = max(areas, key=areas.__getitem__), min(areas, key=areas.__getitem__)
    text = f"**{name}** tells {SET_NAMES[best]} best from the test set (area {areas[best]:.0%})"
    text += f", {SET_NAMES[worst]} worst (area {areas[worst]:.0%}, where 50% is a guess)" if worst != best else ""
    fooled = [SET_NAMES[key] for key, area in areas.items() if area < 0.5]
    return text + (f"; it finds {' and '.join(fooled)} *more* typical than test images." if fooled else ".")


def confidence_lesson(checkpoint: Checkpoint, name: str) -> str:
    """Mean confidence against accuracy, in a sentence."""
    if checkpoint.gamma == 0:
        return f"**{name}** was trained without labels: its posterior says nothing about the classes."
    confidence, right = checkpoint.card["confidence"], 1 - checkpoint.card["error"]
    gap = 100 * (confidence - right)
    verdict = "well calibrated on average" if abs(gap) < 1 else f"{'over' if gap > 0 else 'under'}confident"
    by = "" if abs(gap) < 1 else f" by {abs(gap):.1f} percentage points"
    return f"**{name}** has a mean confidence of {confidence:.1%} and an accuracy of {right:.1%}: {verdict}{by}."


def what_is_shown() -> Shown:
    """The models here with what is known of them; without any, the page ends."""
    models = registry.all_checkpoints()
    if not models:
        explain_no_checkpoint()
    is_of_table = models[0].dataset.name == DATASET
    results, names = results_here() if is_of_table else found.no_results(), unique_names(models)
    ours = our_lines(models, list(names.values()), results.rows)
    return Shown(models, names, results, ours + (paper_lines() if is_of_table else []), is_of_table)


def show_gaps(shown: Shown) -> None:
    """What was not measured, or of other weights."""
    names, results = shown.names, shown.results
    for sentence in (results.problem, what_is_missing(shown), sets_that_are_missing(results)):
        if sentence:
            st.caption(sentence)
    if stale := outdated(shown.models, results.rows):
        st.caption(
            f"The table was measured with other weights of {', '.join(markdown_text(names[i]) for i in stale)}: its "
            f"numbers of them are left out until `{found.COMMAND}` runs again."
        )
    if results.table and (unmeasured := [names[c.id] for c in shown.models if c.id not in results.rows]):
        st.caption(
            f"Not in the table yet: {', '.join(map(markdown_text, unmeasured))}. Values that are not on "
            f"their cards are left out until `{found.COMMAND}` runs again."
        )


def show_meaning(lines: Sequence[Line], group: str) -> None:
    """What the measures are, and what γ does to them."""
    measures = measured(lines, GROUPS[group])
    with st.expander("What the measures and the models are"):
        st.markdown("\n".join(f"- **{m.title}**: {m.explanation}." for m in measures))
        st.markdown(
            "\n".join(f"- **{line.name}**: {FAMILY_TEXTS[line.family]}." for line in lines if not line.is_paper)
        )
    st.markdown("\n".join(f"- {text}" for text in sentences(measures, lines)))
    rest = against_discriminative(lines, BY_KEY)
    if rest and group in ("Overview", "Calibration"):
        st.markdown(rest)


def pick_models_and_binning(names: Mapping[str, str]) -> tuple[list[Checkpoint], str]:
    """The two models that are compared, and how their predictions are counted."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        for key, label in (("left", "This model"), ("right", "Beside it")):
            st.selectbox(
                label,
                list(names),
                format_func=names.__getitem__,
                key=key,
                persist_state="session",
                help="A click on a dot above chooses it too." if key == "left" else "Any other model, to compare.",
                width=220,
            )
        explanation = "As in the paper, the probabilities of all classes, in its bins; or only the most probable class."
        binning = choose_one("Predictions counted", list(BINNINGS), "binning", explanation)
        pair = [registry.by_id(st.session_state[key]) for key in ("left", "right")]
        offer_model(pair[0], names[pair[0].id], "open-left")
    return pair, binning


def show_table(table: dict) -> None:
    """The paper's Table 1 and ours, a tab for each part."""
    st.markdown("##### The paper's Table 1, with the models here")
    for tab, part in zip(st.tabs(list(TABLE_PARTS)), TABLE_PARTS, strict=True):
        tab.html(table_html(table, part))


def main() -> None:
    """The page."""
    st.markdown("#### Trade-off: what γ gives, and what it takes")
    shown = what_is_shown()
    defaults = pick_pair(shown.models)
    group = pick_group(shown.lines)
    clicked = clicked_id(f"metrics-{group}", "metrics-seen")
    if clicked in shown.names:
        choose(registry.by_id(clicked))
    show_metrics(shown, group)
    faint = "Open and faint: the paper's Table 1, with bits/dim as defined here. " if shown.is_of_table else ""
    st.caption(
        f"Filled: the models here; the ring marks the chosen one, a click chooses another. {faint}Horizontal lines: "
        "models without γ. // marks a break in the axis: γ = 0 is only L_X, trained without labels, so only its "
        "likelihood is shown; γ = ∞ is only L_Y."
    )
    show_gaps(shown)
    show_meaning(shown.lines, group)

    st.markdown("##### Two models side by side")
    pair, binning = pick_models_and_binning(shown.names)
    for key, default in defaults.items():
        put_into_url(key, st.session_state[key], default)
    st.markdown("**Calibration:** do the predicted probabilities match how often the predictions are right?")
    show_reliability(pair, shown.names, binning)
    st.markdown(" ".join(confidence_lesson(c, markdown_text(shown.names[c.id])) for c in pair))
    st.markdown("**Detection:** can the typicality test tell out-of-distribution images from test images?")
    show_detection(pair, shown)
    if shown.results.table:
        show_table(shown.results.table)

    compare = ""
    if shown.is_of_table:
        compare = (
            "Compare the direction with the open marks rather than the height: the paper's networks are larger and "
            "trained for 450 epochs. "
        )
    show_lesson(
        "Read a panel from left to right (the paper's Figs. 6 and 11): the same network, with ever more weight on the "
        "classes. Which measures get better with γ, which get worse, and where would *you* stop?",
        f"{compare}Overconfidence counts the mistakes among the predictions above {SURE:.1%}, which "
        f"are few ({markdown_text(sure_predictions(pair, shown.names))}): one or two mistakes decide. In the "
        "calibration diagrams an orange mark below the dashed line is too high a probability, a blue mark above it too "
        "low a probability; the farther off the line, the worse. In the detection diagrams a curve on the dashed line "
        "is a guess, and one *below* it belongs to images that the model finds more typical than the test set itself.",
    )


main()
