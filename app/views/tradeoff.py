"""Trade-off: accuracy against likelihood in one picture, each measure over γ, two models compared (Figs. 6, 11)."""

import math
from collections.abc import Callable, Mapping, Sequence

import numpy as np
import plotly.graph_objects as go
import streamlit as st
from streamlit.elements.lib.mutable_tab_container import TabContainer

from app import state
from app.figures.family_curve import HEIGHT, Level, Mark, curve_figure, percent
from app.figures.layout import STILL, config, height_style
from app.figures.metrics import legend_of, panel_figure
from app.figures.reliability import reliability_figure
from app.figures.roc import roc_figure
from app.figures.symbols import character
from app.glossary import explained
from app.images import pictures
from app.inference import computations
from app.inference.computations import Curves
from app.models import asking, registry
from app.models.family_curve import measured_curve
from app.models.names import colors_of, name_of
from app.models.origin import origin
from app.models.pickers import add_to_compared, pick_model
from app.table1.curve import levels_of, marks_of, paper_marks, places_of
from app.table1.legend import symbols_html
from app.table1.measures import (
    BY_KEY,
    EVERY,
    FAMILY_TEXTS,
    GROUPS,
    SET_NAMES,
    Line,
    Measure,
    measured,
    outdated,
    sure_of,
)
from app.table1.results import COMMAND, Results, default_folder
from app.table1.same_in_python import calibration_program, curve_program, detection_program, measures_program
from app.table1.shown import Shown, show_gaps, what_is_shown
from app.table1.trends import NEGLIGIBLE, TOLERANCE, against_discriminative, sentences
from app.widgets.choice import choose_one
from app.widgets.export_menu import csv_bytes, offer
from app.widgets.figure import show_figure, take_picked
from app.widgets.lesson import show_lesson
from app.widgets.open_on_page import offer_model
from app.widgets.stage import FIGURE, is_on_stage, show_stage_button, staged
from ibinn_core.checkpoint import Checkpoint
from ibinn_core.data import ood
from ibinn_core.evaluation import Reliability, reliability, top_label_reliability
from ibinn_core.evaluation.scores import SURE
from ibinn_core.models.kinds import gamma_text
from ibinn_core.weight_space import MixedCheckpoint, Place

PARTS = CURVE, MEASURES, CALIBRATION, DETECTION = "Curve", "Measures over γ", "Calibration", "Detection"
BINNINGS = {"All classes": reliability, (TOP_LABEL := "Top label"): top_label_reliability}
NOT_LIVE = ("drawings", "imagenet", "cifar100", "cifar10-grey")  # sets that need files of their own
#: Height of the picture and width of its plot on the stage of a projector of 1280 by 720 pixels: pixels there, divided
#: by how many times larger than on the page text is.
STAGE_SIZE = (310, 700)

# On a phone, the picture leaves out the names that have no room there, which are its last trace.
NARROW = """<style>
@media (max-width: 640px) { .st-key-curve .scatterlayer > .trace:last-child { display: none; } }
</style>"""
PROJECTOR, TALLEST = 720, 780  # CSS pixels: a window's height in which the curve has its own, and where it has its most
# Below the heading every part fits on a projector's 720 pixels; panels stand side by side as far as there is room.
GRID = """<style>
.st-key-panels {{ display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, {width}px), 1fr)); gap: 0; }}
.st-key-panels > * {{ width: 100% !important; min-width: 0; }}
</style>"""
WIDTHS = (
    (4, 480),
    (6, 340),
    (8, 262),
)  # up to so many panels, each is at least so many pixels wide: two rows on a projector


@asking.kept
def bins_of(checkpoint_id: str, binning: str) -> Reliability:
    """The test set's predictions in bins."""
    latent = registry.by_id(checkpoint_id).latent
    return BINNINGS[binning](latent["posterior"], latent["labels"])


def live_curves(checkpoint_id: str, points: int) -> tuple[Curves, dict[str, float]]:
    """ROC curves and their areas with the sample images, spoiled, and other embedded ones as outliers, by set."""
    dataset = registry.by_id(checkpoint_id).dataset
    images = pictures.images_of(pictures.SAMPLE, dataset)[0]
    sets = [name for name in ood.sets_of(dataset) if name not in NOT_LIVE]
    return asking.ask(asking.request_for(computations.detection, checkpoint_id, images, sets, points))


# Which models -------------------------------------------------------------------------------------------


def take_choice(models: list[Checkpoint]) -> tuple[str, str]:
    """Sets the chosen model and the two that are compared from the URL; returns these two's defaults."""
    options = [c.id for c in models]
    able = [c.id for c in registry.with_likelihood()]
    finite = [c.id for c in models if c.objective == "ib" and 0 < (c.gamma or 0) < math.inf] or options
    ends = [c.id for c in models if c.objective == "ib" and c.gamma == math.inf]
    first = registry.first_of(finite)
    second = next((i for i in (*ends, finite[-1], finite[0], *options) if i != first), first)
    asked = [state.get(state.MODEL), state.in_url(state.MODEL), state.in_url(state.LEFT)]
    if state.came_by_history():
        asked = asked[1:]
    chosen = next((i for i in map(trained, asked) if i in able), None)
    if chosen is not None:
        state.put(state.MODEL, chosen)
    else:
        state.take(state.MODEL)  # it was removed
    if chosen is not None and chosen != (state.get(state.LEFT_FOLLOWS) or chosen):
        state.put(state.LEFT, chosen)  # chosen on another page since
    state.put(state.LEFT_FOLLOWS, chosen or first)
    state.begin(state.LEFT, chosen or first, state.among(options))
    state.begin(state.RIGHT, second, state.among(options))
    return first, second


def trained(model: str | None) -> str | None:
    """The id of a model, or that of the trained one that has the larger share in a mixed one."""
    mixed = registry.mixed(model) if model else None
    if not isinstance(mixed, MixedCheckpoint):
        return model
    return mixed.blend.right if mixed.blend.share >= 0.5 else mixed.blend.left


def ringed() -> str:
    """The model that figures ring: the one that is chosen on all pages, or here one that others cannot show."""
    left, model = state.get(state.LEFT), state.get(state.MODEL)
    return model if model and registry.by_id(left).has_likelihood else left


def choose(checkpoint: Checkpoint) -> None:
    """What a click on a mark does: the model is chosen here, and on all pages if they can show it."""
    state.put(state.LEFT, checkpoint.id)
    choose_on_all_pages(checkpoint)
    add_to_compared(checkpoint)


def choose_on_all_pages(checkpoint: Checkpoint) -> None:
    """Chooses a model on all pages, which need a likelihood."""
    if checkpoint.has_likelihood:
        state.put(state.MODEL, checkpoint.id)
        state.put(state.LEFT_FOLLOWS, checkpoint.id)


def take_click(names: Mapping[str, str]) -> None:
    """Chooses the model whose mark was clicked on one of the figures."""
    for key in ("curve", *(f"panel-{measure.key}" for measure in EVERY)):
        for clicked in take_picked(key)[:1]:
            if clicked in names:
                choose(registry.by_id(clicked))


def keep_choice(left_default: str, right_default: str) -> None:
    """Puts the choice into the URL; the chosen model is the left one, unless other pages cannot show that."""
    left = state.get(state.LEFT)
    state.link(state.MODEL, state.get(state.MODEL) or left, left)
    state.link(state.LEFT, left, left_default)
    state.link(state.RIGHT, state.get(state.RIGHT), right_default)


def colors_by_id(models: Sequence[Checkpoint]) -> dict[str, str]:
    """The colours of models, by id."""
    return dict(zip([c.id for c in models], colors_of(list(models)), strict=True))


# The curve ----------------------------------------------------------------------------------------------


def show_curve(shown: Shown) -> None:
    """The picture of the page, and below it what it says."""
    chosen, names = ringed(), shown.names
    colors = colors_by_id(shown.models)
    curve, problem = measured_curve()
    marks = [*marks_of(shown.models, names, colors, chosen), *paper_marks(shown.lines)]
    levels = levels_of(shown.models, names)
    if not marks:
        st.info(
            "No model here has a likelihood, so there is nothing to weigh against the error: see the other tabs.",
            icon=":material/show_chart:",
        )
        return
    st.html(NARROW + height_style("curve", PROJECTOR - HEIGHT, HEIGHT, TALLEST))
    draw_curve(curve_figure(places_of(curve, shown.models, names), marks, levels, chosen), marks, levels)
    python = curve_program(registry.dataset().name, bool(curve))
    show_chosen(registry.by_id(chosen), names[chosen], lambda: curve_csv(curve, marks, levels), python)
    st.caption(how_to_read(shown, curve, bool(levels)))
    if problem:
        st.caption(problem)
    both = [BY_KEY["error"], BY_KEY["bits_per_dim"]]
    st.markdown("\n".join(f"- {text}" for text in sentences(both, shown.lines)))
    st.markdown(against_discriminative(shown.lines, BY_KEY))
    explain_models(shown.lines)
    paper = ""
    if shown.is_of_table:
        paper = (
            "Compare the direction with the open marks rather than the height: the paper's networks are larger and "
            "trained for 450 epochs. "
        )
    show_lesson(
        "Follow the line from the top left to the bottom right (the paper's Fig. 6): the same network, with ever more "
        "weight on the classes. Where would *you* stop, and why is no model that has a likelihood in the corner at "
        "the bottom left?",
        f"{paper}A model in that corner would know both what images look like and what they show. Up to some γ the "
        "error falls fast and bits/dim hardly rise; beyond it each further step costs more likelihood and gives less "
        "accuracy. The small dots were not trained themselves: their weights are mixed from those of the two large "
        "marks beside them. Of the paper, bits/dim are drawn by the common definition, which ours follow.",
    )


def draw_curve(figure: go.Figure, marks: Sequence[Mark], levels: Sequence[Level]) -> None:
    """The picture, in which a click chooses a model."""
    show_figure(
        figure,
        "curve",
        selects=("points",),
        config=config("trade-off"),
        alt="Test error over bits/dim. "
        + "; ".join(f"{m.title} {percent(m.error)}, {m.bits:.2f} bits/dim" for m in marks)
        + "".join(f"; {level.title} {percent(level.error)}" for level in levels),
    )


def show_on_stage(shown: Shown) -> None:
    """The picture alone, with the slider, on which the ring goes along the curve."""
    focus = pick_model()
    # The slider goes to models between the trained ones too, which are marks only while they are chosen.
    models = [*shown.models, *([] if focus.id in shown.names else [focus])]
    names = {**shown.names, **({} if focus.id in shown.names else {focus.id: name_of(focus)})}
    colors = colors_by_id(models)
    curve, _ = measured_curve()
    marks = [*marks_of(models, names, colors, focus.id), *paper_marks(shown.lines)]
    levels = levels_of(shown.models, names)
    st.html(NARROW + height_style("curve", 0, 300, HEIGHT))
    with st.container(key=FIGURE):
        figure = curve_figure(places_of(curve, shown.models, names), marks, levels, focus.id, *STAGE_SIZE)
        draw_curve(staged(figure), marks, levels)


def show_chosen(checkpoint: Checkpoint, name: str, csv: Callable[[], bytes], python: str) -> None:
    """The chosen model's numbers, where else to see it, and the export: the only row below the picture."""
    bits = f", {checkpoint.card['bits_per_dim']['mean']:.2f} bits/dim" if checkpoint.has_likelihood else ""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(f"**{name}**: {percent(checkpoint.card['error'])} test error{bits}", width="content")
        offer_model(checkpoint, name, "open-left")
        offer("curve", python=python, chart="curve", title=checkpoint.dataset.title, csv=csv)
        with st.container(width=110):
            show_stage_button()


def how_to_read(shown: Shown, curve: Sequence[Place], has_levels: bool) -> str:
    """What the marks are, in a line."""
    parts = ["Large marks: trained models, named by γ."]
    if curve:
        parts.append("Small dots: models mixed from two neighbours.")
    if shown.is_of_table:
        parts.append("Open: the paper.")
    if has_levels:
        parts.append("Lines across: models without a likelihood.")
    return " ".join([*parts, "A click chooses a model, the ring marks it."])


def curve_csv(curve: Sequence[Place], marks: Sequence[Mark], levels: Sequence[Level]) -> bytes:
    """A row for each mark and for each mixed model."""
    mixed = [place for place in curve if place.share > 0]
    here, printed = ([mark for mark in marks if (mark.id is None) == flag] for flag in (False, True))
    of_data_set = {"data_set": registry.dataset().name}
    return csv_bytes(
        *(
            {
                "kind": kind,
                "id": [mark.id or "" for mark in some],
                "model": [mark.title for mark in some],
                "error": [mark.error for mark in some],
                "bits_per_dim": [mark.bits for mark in some],
                "gamma": ["" if mark.gamma is None else mark.gamma for mark in some],
                "note": [mark.note for mark in some],
                **of_data_set,
            }
            for kind, some in (("trained", here), ("paper", printed))
        ),
        {
            "kind": "mixed",
            "id": "",
            "model": [f"γ = {gamma_text(place.gamma)}" for place in mixed],
            "error": [place.error for place in mixed],
            "bits_per_dim": [place.bits_per_dim for place in mixed],
            "gamma": [place.gamma for place in mixed],
            "note": "",
            **of_data_set,
        },
        {
            "kind": "without likelihood",
            "id": [level.id for level in levels],
            "model": [level.title for level in levels],
            "error": [level.error for level in levels],
            "bits_per_dim": "",
            "gamma": [origin(registry.by_id(level.id))["gamma"] for level in levels],
            "note": "",
            **of_data_set,
        },
    )


def explain_models(lines: Sequence[Line]) -> None:
    """What the families are."""
    with st.expander("What the models are"):
        st.markdown(
            "\n".join(f"- **{line.name}**: {FAMILY_TEXTS[line.family]}." for line in lines if not line.is_paper)
        )


# The measures -------------------------------------------------------------------------------------------


def pick_group(lines: Sequence[Line]) -> str:
    """Which measures are shown: those that any model here has numbers for."""
    offered = [name for name, group in GROUPS.items() if measured(lines, group)]
    return choose_one("Measures", offered, state.MEASURES, wrap=True, is_labelled=False)


def show_measures(shown: Shown) -> None:
    """The measures over γ, a panel each, from which a model is picked; and what γ does to them in words."""
    lines = shown.lines
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        group = pick_group(lines)
        measures = measured(lines, GROUPS[group])
        symbols, folder = legend_of(measures, lines), default_folder() if shown.results.table else None
        offer(
            "trade-off",
            python=measures_program(registry.dataset().name, [m.key for m in measures], folder),
            chart="panel-",
            title=registry.dataset().title,
            legend=[(character(symbol), color, name) for name, color, symbol in symbols],
            csv=lambda: metrics_csv(measures, lines),
        )
    st.html(symbols_html(symbols))
    colors = colors_by_id([c for c in shown.models if c.objective == "ib"])
    st.html(GRID.format(width=next((width for most, width in WIDTHS if len(measures) <= most), WIDTHS[-1][1])))
    with st.container(key="panels"):
        for measure in measures:
            show_figure(
                panel_figure(measure, lines, ringed(), colors),
                f"panel-{measure.key}",
                selects=("points",),
                config=config(f"trade-off-{measure.key}", STILL),
                alt=f"{measure.title} over γ. " + " ".join(sentences([measure], lines)).replace("**", ""),
            )
    faint = "Open: the paper's Table 1, with bits/dim as defined here. " if shown.is_of_table else ""
    st.caption(
        f"Filled: the models here; the ring marks the chosen one, a click chooses another. {faint}Horizontal lines: "
        "models without γ. // marks a break in the axis: γ = 0 is only likelihood, trained without labels, so only its "
        "likelihood is shown; γ = ∞ is only classes."
    )
    show_gaps(shown)
    st.markdown("\n".join(f"- {text}" for text in sentences(measures, lines)))
    rest = against_discriminative(lines, BY_KEY)
    if rest and group in ("Overview", "Calibration"):
        st.markdown(rest)
    with st.expander("What the measures are"):
        st.markdown("\n".join(f"- **{m.title}**: {m.explanation}." for m in measures))
        st.markdown(
            f"In words, a measure *rises* or *falls* where it never goes back by more than {TOLERANCE:.0%} of its "
            "range or a unit of the last digit shown. It *hardly changes* where its range is at most "
            f"{NEGLIGIBLE:.0%} of its largest value. Only models with a finite γ count; of the paper's, all with a γ."
        )
    explain_models(lines)
    show_lesson(
        "Read a panel from left to right (the paper's Figs. 6 and 11): the same network, with ever more weight on the "
        "classes. Which measures get better with γ, and which get worse?",
        f"Overconfidence counts the mistakes among the predictions above {SURE:.1%}, which may be few: then one or two "
        "mistakes decide. What it rests on is said at each dot.",
    )


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
        "data_set": registry.dataset().name,
    }


# Two models side by side --------------------------------------------------------------------------------


def pick_pair(names: Mapping[str, str]) -> list[Checkpoint]:
    """The two models that are compared: the chosen one, and another."""

    def follow() -> None:
        choose_on_all_pages(registry.by_id(state.get(state.LEFT)))

    for value, label, changed in ((state.LEFT, "This model", follow), (state.RIGHT, "Beside it", None)):
        st.selectbox(
            label,
            list(names),
            format_func=names.__getitem__,
            **state.bound(value),
            on_change=changed,
            width=190,
        )
    return [registry.by_id(state.get(value)) for value in (state.LEFT, state.RIGHT)]


def show_calibration(shown: Shown) -> None:
    """The reliability diagrams of two models, and what they say."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        pair = pick_pair(shown.names)
        explanation = "As in the paper, the probabilities of all classes, in its bins; or only the most probable class."
        binning = choose_one("Predictions counted", list(BINNINGS), state.BINNING, explanation)
        bins = [bins_of(c.id, binning) for c in pair]
        offer(
            "reliability",
            python=calibration_program(pair, binning == TOP_LABEL),
            chart="reliability-",
            title=binning,
            csv=lambda: reliability_csv(pair, bins),
        )
    for column, key, checkpoint, found in zip(st.columns(2), ("left", "right"), pair, bins, strict=True):
        name = shown.names[checkpoint.id]
        text = calibration_errors(checkpoint, binning)
        with column:
            show_figure(
                reliability_figure(f"<b>{name}</b>: {text}", found),
                f"reliability-{key}",
                config=config("reliability"),
                alt=f"Reliability diagram of {name}: {text}",
            )
            st.markdown(confidence_lesson(checkpoint, name))
    st.caption(
        "Do the predicted probabilities match how often the predictions are right? On the dashed line they do. An "
        "orange mark below it is too high a probability, a blue mark above it too low a probability; the farther off "
        f"the line, the worse. Predictions above {SURE:.1%}: {sure_predictions(pair, shown.names)}."
    )


def calibration_errors(checkpoint: Checkpoint, binning: str) -> str:
    """The numbers that sum up a reliability diagram."""
    paper, top = checkpoint.card["calibration_paper"], checkpoint.card["calibration_top_label"]
    errors = f"all-classes ECE {paper['ece']:.1%}, MCE {paper['mce']:.1%}, ICE {paper['ice']:.1%}"
    return errors if binning == "All classes" else f"top-label ECE {top:.1%}"


def reliability_csv(pair: Sequence[Checkpoint], bins: Sequence[Reliability]) -> bytes:
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


def sure_predictions(pair: list[Checkpoint], names: Mapping[str, str]) -> str:
    """How many predictions each of the two models is sure of, and how many of these are wrong, in words."""
    counts = [(names[c.id], sure_of(c), len(c.latent["labels"])) for c in pair]
    return ", ".join(f"{name}: {sure.all:,} of {count:,}, {sure.wrong:,} wrong" for name, sure, count in counts)


def show_detection(shown: Shown) -> None:
    """The ROC diagrams of two models, and what they say."""
    names, grid = shown.names, shown.results.grid
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        pair = pick_pair(names)
        curves, areas, is_table = curves_of(pair, shown.results)
        able, drawn = [c for c in pair if c.has_likelihood], list(dict.fromkeys(name for of in curves for name in of))
        offer(
            "detection",
            python=detection_program(able, drawn, len(grid), default_folder() if is_table else None),
            chart="roc-",
            title="Out-of-distribution detection",
            csv=lambda: detection_csv(pair, curves, grid),
        )
    diagrams = zip(st.columns(2), ("left", "right"), pair, curves, areas, strict=True)
    for column, key, checkpoint, of_model, area in diagrams:
        name = names[checkpoint.id]
        reason = "" if checkpoint.has_likelihood else f"{name} has no likelihood:<br>nothing to test"
        found = ", ".join(f"{SET_NAMES[n]} {a:.0%}" for n, a in area.items()) or "no likelihood"
        with column:
            show_figure(
                roc_figure(f"<b>{name}</b>", grid, of_model, area, SET_NAMES, reason),
                f"roc-{key}",
                config=config("detection"),
                alt=f"ROC curves of detection: {name}: {found}",
            )
            st.markdown(detection_lesson(name, area))
    if not is_table:
        if shown.is_of_table:
            outliers = "corrupted copies of the twenty example images"
            more = f"; `{COMMAND}` measures whole sets, and more of them"
        else:
            outliers, more = "twenty images of each set, most of them corrupted copies of the example images,", ""
        st.caption(
            f"Computed live: {outliers} must be told apart from the whole test set. So few give coarse curves{more}."
        )
    st.caption(
        "Can the typicality test tell out-of-distribution images from test images? A curve on the dashed line is a "
        "guess, and one *below* it belongs to images that the model finds more typical than the test set itself."
    )


def curves_of(pair: list[Checkpoint], results: Results) -> tuple[list[Curves], list[dict[str, float]], bool]:
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
    in_percent = {name: (cells.get(f"detection.{name}") or {}).get("ours") for name in curves}
    return {name: area / 100 for name, area in in_percent.items() if area is not None}


def detection_csv(pair: list[Checkpoint], curves: list[Curves], grid: np.ndarray) -> bytes:
    """A row for each point of a curve."""
    return csv_bytes(
        *(
            {
                "model": c.id,
                "set": np.repeat(list(of), len(grid)),
                "false_positive_rate": np.tile(grid, len(of)),
                "true_positive_rate": np.ravel(list(of.values())),
                **origin(c),
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
    verdict = (
        "neither over- nor underconfident on average (single bins may still be off)"
        if abs(gap) < 1
        else f"{'over' if gap > 0 else 'under'}confident"
    )
    by = "" if abs(gap) < 1 else f" by {abs(gap):.1f} percentage points"
    return f"**{name}** has a mean confidence of {confidence:.1%} and an accuracy of {right:.1%}: {verdict}{by}."


def show_tabs() -> Sequence[TabContainer]:
    """The tabs; a link to some measures, from before there were tabs, opens theirs."""
    is_old = state.in_url(state.MEASURES) is not None and state.in_url(state.PART) is None
    return st.tabs(PARTS, default=MEASURES if is_old else CURVE, **state.bound(state.PART))


def main() -> None:
    """The page."""
    st.markdown(
        "#### Trade-off: what γ gives, and what it takes",
        help=explained("test error", "bits/dim", "calibration", "MCE, ICE", "class-NLL", "ROC score"),
    )
    shown = what_is_shown()
    if is_on_stage() and registry.with_likelihood():
        take_click(shown.names)
        show_on_stage(shown)
        return
    defaults = take_choice(shown.models)
    take_click(shown.names)
    parts = {CURVE: show_curve, MEASURES: show_measures, CALIBRATION: show_calibration, DETECTION: show_detection}
    for name, tab in zip(PARTS, show_tabs(), strict=True):
        if tab.open:
            with tab:
                parts[name](shown)
    keep_choice(*defaults)


main()
