"""The questions of the result panels, answered with measured numbers from model files and tables."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from app.desk import at_once
from app.figures.family_curve import CurvePoint, Level, Mark
from app.inference import models
from app.inference.slider import gamma_text
from app.inference.tables import results_here
from ibinn_core.data import ood
from ibinn_core.data.images import rows_of
from ibinn_core.evaluation.results.columns import is_of_same_weights
from ibinn_core.evaluation.results.paper import TABLES
from ibinn_core.measures.calibration import Reliability, reliability, top_label_reliability
from ibinn_core.measures.scores import disagreement

ALL_CLASSES, TOP_LABEL = "All classes", "Top label"
_BINNINGS = {ALL_CLASSES: reliability, TOP_LABEL: top_label_reliability}


@dataclass(frozen=True)
class TradeOff:
    """Test error and bits/dim of the models of a data set."""

    places: list[CurvePoint]  # points of the family's curve
    marks: list[Mark]  # models with a likelihood, and the paper's models
    levels: list[Level]  # models without a likelihood
    problem: str  # reason why the measured curve cannot be used, if any

    def table(self) -> pd.DataFrame:
        """Returns a table with one row per model."""
        rows = [_row("trained" if m.id else "paper", m.title, m.error, m.bits, m.gamma, m.id or "") for m in self.marks]
        mixed = [place for place in self.places if place.is_mixed]
        rows += [_row("mixed", f"γ = {gamma_text(p.gamma or 0)}", p.error, p.bits, p.gamma) for p in mixed]
        rows += [_row("without likelihood", one.title, one.error, id=one.id) for one in self.levels]
        return pd.DataFrame(rows)


def _row(
    kind: str, model: str, error: float, bits: float = math.nan, gamma: float | None = None, id: str = ""
) -> dict[str, object]:
    return {"kind": kind, "id": id, "model": model, "gamma": gamma, "error": error, "bits_per_dim": bits}


@at_once
def trade_off(data: str, paper: bool) -> TradeOff:
    """Returns the trade-off of a data set (Fig. 6), with or without the paper's models."""
    from app.models.names import colors_of, unique_names
    from app.results.marks import levels_of, marks_of, paper_marks, places_of

    found = models.current()
    checkpoints = found.families[data]
    names = unique_names(checkpoints)
    colors = dict(zip([c.id for c in checkpoints], colors_of(checkpoints), strict=True))
    family = found.weight_space(data)
    marks = marks_of(checkpoints, names, colors)
    if paper and data in TABLES:
        marks += paper_marks(TABLES[data])
    places = places_of(family.curve if family else [], checkpoints, names)
    return TradeOff(places, marks, levels_of(checkpoints, names), found.damaged_curves.get(data, ""))


@dataclass(frozen=True)
class Calibration:
    """The reliability diagram of a model."""

    model: str
    bins: Reliability

    def table(self) -> pd.DataFrame:
        """Returns a table with one row per bin."""
        bins = self.bins
        return pd.DataFrame(
            {
                "model": self.model,
                "bin_from": bins.edges[:-1],
                "bin_to": bins.edges[1:],
                "expected": bins.expected,
                "came_true": bins.observed,
                "predictions": bins.count,
            }
        )


@at_once
def calibration(model: str, binning: str) -> Calibration:
    """Computes predicted and observed frequencies (Appendix C), in the paper's bins or for the most probable class."""
    latent = models.current().by_id(model).latent
    return Calibration(model, _BINNINGS[binning](latent["posterior"], latent["labels"]))


@dataclass(frozen=True)
class Detection:
    """ROC curves of the out-of-distribution detection of a model with a likelihood (Section 4.2)."""

    model: str
    grid: np.ndarray  # false positive rates, (P,)
    curves: dict[str, np.ndarray]  # true positive rates by data set, (P,) each
    areas: dict[str, float]  # areas under the curves, 0 to 1
    is_measured: bool  # whether the curves were measured on whole data sets, not on a few images

    def table(self) -> pd.DataFrame:
        """Returns a table with one row per point of a curve."""
        return pd.DataFrame(
            {
                "model": self.model,
                "set": np.repeat(list(self.curves), len(self.grid)),
                "false_positive_rate": np.tile(self.grid, len(self.curves)),
                "true_positive_rate": np.ravel(list(self.curves.values())),
            }
        )


@at_once
def measured_detection(model: str) -> Detection | None:
    """Reads the curves measured by ``python -m ibinn_core table``; ``None`` if there are none for these weights."""
    checkpoint = models.current().by_id(model)
    printed = TABLES.get(checkpoint.dataset.name)
    results = results_here(printed) if printed else None
    row = results.rows.get(model) if results else None
    if results is None or row is None or model not in results.curves or not is_of_same_weights(checkpoint, row):
        return None
    curves, cells = results.curves[model], row["cells"]
    in_percent = {name: (cells.get(f"detection.{name}") or {}).get("ours") for name in curves}
    areas = {name: area / 100 for name, area in in_percent.items() if area is not None}
    return Detection(model, results.grid, curves, areas, True)


def detection(model: str, images: np.ndarray, points: int) -> Detection:
    """Computes the curves for outliers that need no files, mostly corrupted copies of ``images``, ``(N, H, W, C)``."""
    from ibinn_core.evaluation import score_images
    from ibinn_core.measures.scores import detection_curve, detection_score

    checkpoint, net = models.current().by_id(model), models.current().load(model)
    usual, reference = checkpoint.latent["log_prob"], checkpoint.latent["reference"]
    curves, areas = {}, {}
    for name in ood.sets_of(checkpoint.dataset):
        if ood.EVERY[name].needs_files:
            continue
        log_prob = score_images(net, ood.load(name, images)).log_prob
        if log_prob is not None and np.isfinite(log_prob).all():
            curves[name] = detection_curve(usual, log_prob, reference, points)
            areas[name] = detection_score(usual, log_prob, reference)
    return Detection(model, np.linspace(0, 1, points), curves, areas, False)


@dataclass(frozen=True)
class Answers:
    """Two models' answers on the N test images on which both models were measured."""

    models: tuple[str, str]
    classes: Sequence[str]
    hashes: np.ndarray  # hashes of the images' pixels, (N,)
    rows: np.ndarray  # row of each image in the first model's file, (N,)
    labels: np.ndarray  # true classes, (N,)
    given: np.ndarray  # classes that the models answer, (N, 2)
    sure: np.ndarray  # probabilities of these classes, (N, 2)
    divergence: np.ndarray  # Jensen-Shannon divergence of the posteriors in nats, (N,)

    @property
    def counts(self) -> np.ndarray:
        """Counts the images for each pair of answers, ``(K, K)``; rows are the first model's answers."""
        counts = np.zeros((len(self.classes), len(self.classes)), int)
        np.add.at(counts, tuple(self.given.T), 1)
        return counts

    def most_different(self, pair: tuple[int, int] | None) -> np.ndarray:
        """Selects images with this pair of answers, or with any two different answers; largest divergence first."""
        fits = (self.given == pair).all(1) if pair else self.given[:, 0] != self.given[:, 1]
        numbers = np.flatnonzero(fits)
        return numbers[np.argsort(-self.divergence[numbers], kind="stable")]

    def table(self) -> pd.DataFrame:
        """Returns a table with one row per image."""
        names = np.array(self.classes)
        columns = {
            "image": [f"{h:016x}" for h in self.hashes],
            "class": names[self.labels],
            "divergence": self.divergence,
        }
        for column, (side, model) in enumerate(zip(("first", "second"), self.models, strict=True)):
            columns |= {side: model, f"{side}_answer": names[self.given[:, column]]}
            columns |= {f"{side}_confidence": self.sure[:, column].astype(float)}
        return pd.DataFrame(columns)


@at_once
def answers(first: str, second: str) -> Answers:
    """Compares two models' answers on the test set."""
    pair = [models.current().by_id(model) for model in (first, second)]
    latents = [checkpoint.latent for checkpoint in pair]
    places = rows_of(latents[1]["hashes"], latents[0]["hashes"])
    rows = np.flatnonzero(places >= 0), places[places >= 0]
    posteriors = [latent["posterior"][own] for latent, own in zip(latents, rows, strict=True)]
    labels = latents[0]["labels"][rows[0]].astype(int)
    divergence = disagreement(posteriors[0], posteriors[1]) if len(labels) else np.zeros(0)
    return Answers(
        (first, second),
        pair[0].classes,
        latents[0]["hashes"][rows[0]],
        rows[0],
        labels,
        np.stack([posterior.argmax(1) for posterior in posteriors], axis=1),
        np.stack([posterior.max(1) for posterior in posteriors], axis=1),
        divergence,
    )


@dataclass(frozen=True)
class PaperTable:
    """Table 1 or 2 of the paper with our models."""

    data: str  # the data set
    contents: dict  # the content of the table's JSON file

    def table(self) -> pd.DataFrame:
        """Returns a table with one row per model and column."""
        table = self.contents
        cells = [(row, column, row["cells"][column["key"]]) for row in table["rows"] for column in table["columns"]]
        return pd.DataFrame(
            {
                "id": [row["id"] or "" for row, _, _ in cells],
                "model": [row["title"] for row, _, _ in cells],
                "weights": [
                    ("elsewhere" if row.get("elsewhere") else "repository") if row["id"] else "" for row, _, _ in cells
                ],
                "column": [column["key"] for _, column, _ in cells],
                "unit": [column["unit"] for _, column, _ in cells],
                "here": [cell["ours"] for _, _, cell in cells],
                "paper": [cell.get("paper") for _, _, cell in cells],
                "paper_corrected": [cell.get("paper_corrected") for _, _, cell in cells],
                "data_set": self.data,
            }
        )


@at_once
def paper_table(data: str) -> PaperTable:
    """Returns the paper's table of a data set; without rows if it was not measured here."""
    return PaperTable(data, results_here(TABLES[data]).table or {"rows": [], "columns": []})
