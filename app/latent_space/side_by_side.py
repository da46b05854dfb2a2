"""Up to four models' latents side by side."""

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from app.drawn import panels_figure
from app.figures.latent import CENTRE, MEAN
from app.figures.layout import config, height_style
from app.latent_space import clouds
from app.latent_space.chosen import choose_point, chosen_point, lassoed, some_rows
from app.latent_space.controls import class_filter, model_ids, pick_view
from app.latent_space.explanation import explain
from app.latent_space.point_panel import show_point
from app.latent_space.selection_panel import show_selection
from app.models import registry
from app.models.names import name_of
from app.models.pickers import pick_models
from app.models.summary import measured
from app.widgets.export_menu import offer
from app.widgets.figure import Dots, picked_rows, show_figure
from app.widgets.stage import FIGURE, is_on_stage, staged
from ibinn_core.checkpoint import Checkpoint
from ibinn_core.data.images import rows_of

MOST = 4
POINTS = 4000  # in each panel: more would make browsers stutter
PANELS = "panels-figure"  # key of the figure
ABOVE = 346  # CSS pixels that the page needs above the panels, and for a line below


def show_side_by_side(top: DeltaGenerator, row: DeltaGenerator) -> None:
    """Up to four models, all turned so that classes stay where they are."""
    with top:
        chosen = pick_models(registry.first_few_of(model_ids()), most=MOST).models
    with row:
        view = pick_view(chosen)
        with st.popover("Classes", icon=":material/category:"):
            classes = class_filter(chosen[0].dataset)
    first = chosen[0].latent["hashes"]
    planes = "-".join(c.id for c in chosen) + ("" if view == "means" else view)
    picked = picked_rows(PANELS)
    lasso = lassoed(first, picked)
    point = chosen_point(chosen[0].latent, picked)
    # The selected image is always drawn.
    asked = lasso if len(lasso) or point is None else np.array([point])
    rows = some_rows(len(first), POINTS, asked)
    drawn, groups, hover = [], [], []
    for checkpoint in chosen:
        every = clouds.cloud_with_centres(checkpoint, view)
        places = rows_of(checkpoint.latent["hashes"], first[rows])
        drawn.append(clouds.Cloud(every.points[places], every.means))
        groups.append(np.where(places >= 0, clouds.groups(checkpoint, "Class", classes)[places], -1))
        texts = clouds.hover_texts(checkpoint.id)
        hover.append([texts[place] for place in places])
    is_asked = point is not None or len(lasso) > 0
    names = [panel_title(c, len(chosen)) for c in chosen]
    points = [d.points for d in drawn]
    ringed = np.flatnonzero(rows == point).tolist() if point is not None and not len(lasso) else []
    plot, details = st.columns([2.4, 1], gap="medium") if is_asked else (st.container(), None)
    with plot, st.container(key=FIGURE):
        figure = panels_figure(
            points,
            groups,
            [d.means for d in drawn],
            names,
            next(iter(ringed), None),
            rows,
            hover,
            lasso,
            diamond=diamond_of(view),
            classes=chosen[0].classes,
        )
        st.html(height_style(PANELS, ABOVE, 300, 700))
        show_figure(
            staged(figure),
            PANELS,
            alt=f"Latents of the test set, a panel each for {', '.join(name_of(c) for c in chosen)}.",
            config=config(),
            selects=("points", "lasso"),
            about=planes,
            narrowest=300 * len(chosen),
            dots=Dots(point, choose_point(chosen[0].latent)),
        )
        offer(
            "latent-spaces",
            chart=PANELS,
            title=f"Latent space, test images of {chosen[0].dataset.title}",
            csv=lambda: clouds.places_csv(chosen, rows, points),
        )
    if details:
        with details:
            if len(lasso):
                show_selection(chosen, lasso)
            elif point is not None:
                show_point(chosen[0], point, f"A test image, under {name_of(chosen[0])}")
    explain(circles=False, diamond=diamond_of(view))


def panel_title(checkpoint: Checkpoint, count: int) -> str:
    """What stands above one of ``count`` panels, in two lines where they are narrow; in a room, fewer numbers do."""
    card = checkpoint.card
    bits = "" if is_on_stage() and count > 2 else f", {card['bits_per_dim']['mean']:.2f} bits/dim"
    between = "<br>" if count > 2 and not is_on_stage() else "   "
    return f"<b>{name_of(checkpoint)}</b>{between}error {measured(checkpoint, 'error')}{bits}"


def diamond_of(view: str) -> str:
    """What the diamonds are where several models are shown: in most views the means lie apart from the images."""
    return MEAN if view == "means" else CENTRE
