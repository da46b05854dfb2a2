"""The ROC curves of two models that detect out-of-distribution images, and what they say."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import streamlit as st

from app.desk import question
from app.figures.diagrams import roc_figure
from app.figures.layout import config, height_style
from app.images import pictures
from app.inference import computations
from app.inference.computations import Curves
from app.models import asking, registry
from app.models.origin import origin
from app.table1.measures import outdated
from app.table1.results import Results
from app.table1.same_in_python import detection_program
from app.table1.shown import Shown
from app.tradeoff.choice import chosen_pair, offer_stage, pick_pair, row_on_stage
from app.widgets.export_menu import csv_bytes, offer
from app.widgets.figure import show_figure
from app.widgets.stage import FIGURE, staged
from ibinn_core.checkpoint import Checkpoint
from ibinn_core.data import ood
from ibinn_core.evaluation.results.columns import SET_NAMES

ABOVE_ON_STAGE = 92  # CSS pixels above the diagrams
TEXT_ON_STAGE = 20  # CSS pixels: a plot has half of the width, and its legend two columns


class Detected(NamedTuple):
    """The ROC curves of two models and the areas under them, by set; empty for one without a likelihood."""

    curves: list[Curves]  # true positive rates, (P,) each
    areas: list[dict[str, float]]  # from 0 to 1
    is_table: bool  # whether these are the table's and not computed live from some images


def show_detection(shown: Shown) -> None:
    """The part of the page."""
    grid = shown.results.grid
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        pair = pick_pair(shown.names)
        found = detected(pair, shown.results)
        able, drawn = [c for c in pair if c.has_likelihood], list(dict.fromkeys(n for of in found.curves for n in of))
        offer(
            "detection",
            python=detection_program(able, drawn, len(grid), shown.printed if found.is_table else None),
            chart="roc-",
            title="Out-of-distribution detection",
            csv=lambda: _csv(pair, found.curves, grid),
        )
        offer_stage()
    _show_diagrams(shown, pair, found)
    if not found.is_table:
        if shown.printed:
            outliers = "corrupted copies of the twenty example images"
            more = f"; `{shown.printed.command}` measures whole sets, and more of them"
        else:
            outliers, more = "twenty images of each set, most of them corrupted copies of the example images", ""
        st.caption(
            f"Computed live: {outliers}, against the whole test set. With so few images the curves are coarse{more}."
        )
    st.caption(
        "Can the typicality test tell out-of-distribution images from test images? A curve on the dashed line is as "
        "good as a guess. A curve *below* it: the model finds these images more typical than the test set itself."
    )


def show_detection_on_stage(shown: Shown) -> None:
    """The curves alone, of the two models that are chosen on the page."""
    pair = chosen_pair()
    with st.container(key=FIGURE):
        with row_on_stage("Can the typicality test tell other images from test images?", ABOVE_ON_STAGE):
            pass
        st.html(height_style("roc-", 0, 320, 900))
        _show_diagrams(shown, pair, detected(pair, shown.results))


def _show_diagrams(shown: Shown, pair: Sequence[Checkpoint], found: "Detected") -> None:
    names, grid = shown.names, shown.results.grid
    diagrams = zip(st.columns(2), ("left", "right"), pair, found.curves, found.areas, strict=True)
    for column, key, checkpoint, curves, areas in diagrams:
        name = names[checkpoint.id]
        reason = "" if checkpoint.has_likelihood else f"{name} has no likelihood:<br>nothing to test"
        said = ", ".join(f"{SET_NAMES[n]} {a:.0%}" for n, a in areas.items()) or "no likelihood"
        with column:
            show_figure(
                staged(roc_figure(f"<b>{name}</b>", grid, curves, areas, SET_NAMES, reason), TEXT_ON_STAGE),
                f"roc-{key}",
                config=config(),
                alt=f"ROC curves of detection: {name}: {said}",
            )


def detected(pair: Sequence[Checkpoint], results: Results) -> Detected:
    """The table's curves and areas where it has those of both models, else live ones."""
    able = [c for c in pair if c.has_likelihood]
    stale = outdated(able, results.rows)
    if all(c.id in results.curves and c.id in results.rows and c.id not in stale for c in able):
        curves = [results.curves[c.id] if c in able else {} for c in pair]
        cells = [results.rows[c.id]["cells"] if c in able else {} for c in pair]
        return Detected(curves, [_areas_of(row, of) for row, of in zip(cells, curves, strict=True)], True)
    with st.spinner("Asking the models about some images …", show_time=True):
        both = [_live(c, len(results.grid)) if c in able else ({}, {}) for c in pair]
    return Detected([curves for curves, _ in both], [areas for _, areas in both], False)


def _live(checkpoint: Checkpoint, points: int) -> tuple[Curves, dict[str, float]]:
    """With the sample images, corrupted, and other embedded ones as outliers."""
    dataset = registry.by_id(checkpoint.id).dataset
    images = pictures.images_of(pictures.SAMPLE, dataset)[0]
    sets = [name for name in ood.sets_of(dataset) if not ood.EVERY[name].needs_files]
    return asking.ask(question(computations.detection, checkpoint.id, images, sets, points))


def _areas_of(cells: dict, curves: Curves) -> dict[str, float]:
    in_percent = {name: (cells.get(f"detection.{name}") or {}).get("ours") for name in curves}
    return {name: area / 100 for name, area in in_percent.items() if area is not None}


def _csv(pair: Sequence[Checkpoint], curves: Sequence[Curves], grid: np.ndarray) -> bytes:
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
