"""All models of the γ family in one picture that a slider morphs."""

from typing import NamedTuple

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from app.drawn import morph_figure
from app.figures.classes import MOST, OTHER
from app.figures.layout import config, height_style
from app.figures.morph import for_a_room, frames_of
from app.inference.models import is_continuous
from app.latent_space import clouds
from app.latent_space.chosen import choose_point, chosen_point, kept, offer_to_forget, some_rows
from app.latent_space.clouds import AXES
from app.latent_space.controls import WIDE, class_filter, pick_view
from app.latent_space.explanation import explain
from app.latent_space.side_by_side import diamond_of
from app.models import registry
from app.models.names import name_of
from app.models.origin import origin
from app.models.summary import measured
from app.widgets.export_menu import csv_bytes, offer
from app.widgets.figure import Dots, show_figure
from app.widgets.markdown import markdown_text
from app.widgets.stage import FIGURE, is_on_stage, show_stage_button, staged
from ibinn_core.checkpoint import Checkpoint
from ibinn_core.data import Dataset
from ibinn_core.data.images import rows_of
from ibinn_core.weight_space import Family, MixedCheckpoint

POINTS = 2000  # more would make browsers stutter
ABOVE = 334  # CSS pixels that the page needs above the figure, and for a line below


class Morph(NamedTuple):
    """What morphs: the same test images under M models, in planes that are turned onto one."""

    points: np.ndarray  # (M, N, 2)
    means: np.ndarray  # the class means, (M, K, 2)
    rows: np.ndarray  # of the images in the trained models' latent files, (N,)
    names: list[str]  # of the models; of those between trained ones none
    captions: list[str]  # what stands above the picture while a model is shown
    ids: list[str]  # of the models


def through_trained(members: list[Checkpoint], view: str, asked: np.ndarray) -> Morph:
    """From trained model to trained model, if nothing is known of those between; the rows ``asked`` are kept."""
    first = members[0].latent["hashes"]
    rows = some_rows(len(first), POINTS, asked)
    places = np.stack([rows_of(c.latent["hashes"], first[rows]) for c in members])
    known = (places >= 0).all(0)
    turned = [clouds.cloud_with_centres(c, view) for c in members]
    points = np.stack([t.points[p] for t, p in zip(turned, places[:, known], strict=True)])
    means = np.stack([t.means for t in turned if t.means is not None])
    return Morph(points, means, rows[known], [name_of(c) for c in members], _captions(members), [c.id for c in members])


def through_curve(family: Family) -> Morph:
    """From place to place of the measured curve; most places are models between trained ones."""
    track, checkpoints = clouds.track(family), [registry.place(family, place.gamma) for place in family.curve]
    return Morph(
        track.points,
        track.means,
        track.rows,
        ["" if isinstance(c, MixedCheckpoint) else name_of(c) for c in checkpoints],
        _captions(checkpoints),
        [c.id for c in checkpoints],
    )


def _captions(models: list[Checkpoint]) -> list[str]:
    return [
        f"<b>{name_of(c)}</b>: error {measured(c, 'error')}, {c.card['bits_per_dim']['mean']:.2f} bits/dim"
        for c in models
    ]


def say_lassoed(drawn: int, count: int) -> None:
    """What the large dots of the morph are: so many of the lassoed images."""
    share = f"{drawn:,} of " if drawn < count else ""
    st.caption(f"Large: {share}the {count:,} images that you lassoed. Small and grey: some of the others.")


def show_morph(top: DeltaGenerator, row: DeltaGenerator) -> None:
    """All models of the γ family in one picture that a slider morphs."""
    members = registry.over_gamma()
    family = registry.weight_space(members)
    members = family.members if family else members
    reference = clouds.shared_reference(members[0])
    with row:
        view = pick_view([reference])
    latent = members[0].latent
    lasso = kept(latent["hashes"])
    point = chosen_point(latent, [])
    # Of the images that the curve lacks, and of other views, the places under trained models are known.
    if view == "means" and family is not None and is_continuous(family) and not len(lasso):
        found = through_curve(family)
    else:
        asked = lasso if len(lasso) or point is None else np.array([point])
        found = through_trained(members, view, asked)
    with row:
        labels = colored(latent["labels"][found.rows].astype(int), reference.dataset)
        with st.container(width=WIDE):
            show_stage_button()
    is_lassoed = np.isin(found.rows, lasso)
    ringed = np.flatnonzero(found.rows == point).tolist() if point is not None and not len(lasso) else []
    about = f"{view} {' '.join(found.ids)}"
    st.html(height_style("morph", ABOVE, 380, 680))
    with st.container(key=FIGURE):
        figure = staged(
            morph_figure(
                found.points,
                labels,
                found.means,
                found.captions,
                is_lassoed,
                classes=reference.classes,
                axes=AXES[view],
                diamond=diamond_of(view),
                rows=found.rows,
                marked=next(iter(ringed), None),
            )
        )
        show_figure(
            for_a_room(figure) if is_on_stage() else figure,
            "morph",
            config=config(),
            about=about,
            alt="The test set's latents morph from the smallest to the largest γ; all planes are turned onto one.",
            narrowest=560,
            frames=frames_of(found.names, name_of(reference)),
            dots=Dots(point, choose_point(latent)),
        )
    describe_morph(found, members, reference, view)
    if is_lassoed.any():
        say_lassoed(int(is_lassoed.sum()), len(lasso))
    elif point is not None:
        st.caption(ringed_image(latent, point, reference, is_drawn=bool(ringed)))
    with st.container(horizontal=True):
        offer(
            "latent-space-morph",
            chart="morph",
            title=f"Latent space, test images of {reference.dataset.title}",
            csv=lambda: morph_csv(found, members[0]),
            moving="morph",
        )
        if is_lassoed.any():
            offer_to_forget()
    explain(circles=False, diamond=diamond_of(view))


def colored(labels: np.ndarray, dataset: Dataset) -> np.ndarray:
    """The class that colours each image, by the ``labels``, ``(N,)``; of many classes some do."""
    if dataset.num_classes <= MOST:
        return labels
    with st.popover("Classes", icon=":material/category:"):
        return np.where(np.isin(labels, class_filter(dataset)), labels, OTHER)


def describe_morph(found: Morph, members: list[Checkpoint], reference: Checkpoint, view: str) -> None:
    """What moves, and in which plane."""
    mixed = len(found.ids) - len(members)
    between = (
        f"Of the {len(found.ids)} models on the way, {mixed} were mixed from the weights of trained ones, and measured"
        if mixed
        else "Between two models every dot moves on a straight line"
    )
    what = "class means" if view == "means" else "centres of the classes' images"
    st.caption(
        f"{len(found.rows):,} test images. Play, or drag the slider. {between}. All planes are turned onto that of "
        f"{name_of(reference)} (Procrustes on the {what}), none is scaled."
    )


def ringed_image(latent: dict[str, np.ndarray], point: int, reference: Checkpoint, *, is_drawn: bool) -> str:
    """What is said of the chosen image below the morph."""
    name = markdown_text(reference.classes[latent["labels"][point]])
    if is_drawn:
        return f"Ringed: the chosen image, of class {name}."
    return f"The chosen image, of class {name}, is not among these: its place under the mixed models was not measured."


def morph_csv(found: Morph, checkpoint: Checkpoint) -> bytes:
    """A row for each model and image; ``checkpoint`` has all the images."""
    latent = checkpoint.latent
    return csv_bytes(
        *(
            {
                "model": name,
                "image": [f"{h:016x}" for h in latent["hashes"][found.rows]],
                "x": points[:, 0],
                "y": points[:, 1],
                "class": [checkpoint.classes[k] for k in latent["labels"][found.rows]],
                **origin(registry.by_id(name)),
            }
            for name, points in zip(found.ids, found.points, strict=True)
        )
    )
