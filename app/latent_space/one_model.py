"""One model's latents, and beside them the image that was clicked or what was lassoed."""

from typing import Any

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from app import state
from app.drawn import latent_figure
from app.figures.bars import posterior_bars
from app.figures.classes import MOST, shown_classes
from app.figures.latent import beside_its_legend
from app.figures.layout import BARE, config, height_style
from app.images import pictures
from app.images.image_input import pick_image
from app.images.opening import opening
from app.images.program_lines import checkpoint_line, program
from app.latent_space import clouds
from app.latent_space.chosen import choose_point, chosen_point, lassoed
from app.latent_space.clouds import AXES, SUPERCLASS
from app.latent_space.controls import drawn_in, pick_color, pick_view
from app.latent_space.dot_pictures import pictures_of
from app.latent_space.embedding import embed_own
from app.latent_space.explanation import explain
from app.latent_space.following import bars_following, cloud_following, curve_of, star_following
from app.latent_space.point_panel import show_point, show_point_on_stage
from app.latent_space.selection_panel import show_selection
from app.models.in_browser import addresses_of
from app.models.names import name_of
from app.models.origin import origin
from app.models.pickers import pick_model
from app.models.predictions import predict_with_likelihood, top_classes
from app.moves.dragging import Draggable, let_drag
from app.widgets.export_menu import csv_bytes, offer
from app.widgets.figure import Dots, picked_rows, show_figure
from app.widgets.following import follow_gamma
from app.widgets.markdown import markdown_text
from app.widgets.stage import FIGURE, is_on_stage, staged
from ibinn_core.checkpoint import Checkpoint
from ibinn_core.data import DATASETS

CLOUD = "cloud-figure"  # key of the figure
STAR_ABOUT = "star-about"  # key of what says which image the star is
ABOVE = 340  # CSS pixels that the page needs above the cloud, and for a line below


def show_one_model(top: DeltaGenerator, row: DeltaGenerator) -> None:
    """One model's cloud, beside it the clicked image or what was lassoed; ``row`` is for the controls."""
    with top:
        checkpoint = pick_model()
    with row:
        view = pick_view([checkpoint])
        color = pick_color(checkpoint.dataset)
        classes = drawn_in(color, checkpoint.dataset)
    latent = checkpoint.latent
    # A wide stage has room for what was chosen beside the cloud, which is square.
    place = st.container(key=FIGURE)
    plot, details = place.columns([1.8, 1] if is_on_stage() else [2.4, 1], gap="medium")
    picked = picked_rows(CLOUD)
    lasso = lassoed(latent["hashes"], picked)
    point = chosen_point(latent, picked)
    selected, title = (point, "A test image") if point is not None else clouds.first_shown(checkpoint)
    with details:
        own = own_image(checkpoint, view)
        if own is None and not len(lasso) and view == "means":
            drag_test_image(checkpoint, selected)
        show_details(checkpoint, lasso, selected, title, is_chosen=point is not None, has_own=own is not None)
    with plot:
        points, means = clouds.cloud(checkpoint, view)
        look: dict[str, Any] = {"means": means, "axes": AXES[view], "star": own}
        family = curve_of(checkpoint) if view == "means" else None
        if family:
            look["frame"] = clouds.track(family).frame
        look.update(lasso=lasso, selected=None if len(lasso) else selected)
        groups, hover = clouds.groups(checkpoint, color, classes), clouds.hover_texts(checkpoint.id)
        names = clouds.named(checkpoint.dataset, color)._asdict()
        figure = latent_figure(points, groups, hover, **look, **names)
        st.html(height_style(CLOUD, ABOVE, 400, 620))
        show_figure(
            beside_its_legend(staged(figure)) if is_on_stage() else figure,
            CLOUD,
            alt=f"Latents of the test set under {name_of(checkpoint)}, one dot per image, by {color.lower()}.",
            config=config(),
            selects=("points", "lasso"),
            about=view,
            gamma=checkpoint.gamma,
            narrowest=640 if color == SUPERCLASS else 0,
            dots=Dots(selected, choose_point(latent)),
            pictures=pictures_of(checkpoint),
        )
        if family and color == "Class" and len(checkpoint.classes) <= MOST:
            tokens, member = latent["hashes"], family.members[0]
            marks = {"ring": tokens[selected]}
            follow_gamma(CLOUD, cloud_following(clouds.track(family), member, classes, marks, tokens[lasso]))
        offer_cloud(checkpoint, view, points)
    drags = view == "means" and addresses_of(checkpoint) is not None
    share = clouds.share_of_plane(checkpoint) if view == "means" and len(checkpoint.classes) > MOST else None
    circles = color != SUPERCLASS
    explain(means is not None, circles, drags=drags, share=share)


def show_details(
    checkpoint: Checkpoint, lasso: np.ndarray, selected: int, title: str, *, is_chosen: bool, has_own: bool
) -> None:
    """What stands beside the cloud: the lassoed images, or the one that is ringed, a person's choice or not.

    An image of one's own takes the room on stage.
    """
    if len(lasso):
        show_selection([checkpoint], lasso)
    elif is_on_stage():
        if not has_own:
            show_point_on_stage(checkpoint, selected, title)
    else:
        show_point(checkpoint, selected, title)
        is_sure = checkpoint.latent["posterior"][selected].max() > 0.9
        if not is_chosen and title.startswith(clouds.MISTAKE) and is_sure:
            wrong = f" Some labels of {markdown_text(checkpoint.dataset.title)} are wrong."
            known = checkpoint.dataset.name in DATASETS  # of other images nobody has looked
            st.caption("A model this sure may be right: look at the image." + wrong * known)


def own_image(checkpoint: Checkpoint, view: str) -> np.ndarray | None:
    """Where a person's image lies among the others, ``(2,)``, if one is asked for."""
    if not st.toggle(
        "Mark an image",
        **state.bound(state.ADD),
        help="Puts an example image, a test image or one of your own into the cloud, as a star.",
    ):
        return None
    with st.container(key=STAR_ABOUT):
        picture = pick_image(state.MINE, "Star", opening("mine"))
    place = embed_own(checkpoint, view, picture.pixels)
    posterior = predict_with_likelihood(checkpoint.id, picture.pixels[None]).posterior[0]
    if view == "means" and place is not None:
        let_drag(Draggable(CLOUD, checkpoint, picture, place, ("mine-posterior", posterior)))
    show_figure(
        posterior_bars(posterior, picture.label, classes=checkpoint.classes),
        "mine-posterior",
        config=BARE,
        alt="Posterior of the image: " + ", ".join(top_classes(posterior, classes=checkpoint.classes)),
        gamma=checkpoint.gamma,
    )
    bars_following("mine-posterior", checkpoint, picture.pixels, shown_classes(posterior, picture.label))
    if view == "means":
        star_following(CLOUD, checkpoint, picture.pixels)
    return place


def drag_test_image(checkpoint: Checkpoint, row: int) -> None:
    """Lets a person drag the ring of the test image in a ``row`` of the latent file."""
    if pictures.test_image(checkpoint.id, row) is None:
        return
    picture = pictures.from_token(pictures.token_of(checkpoint.latent["hashes"][row], checkpoint.dataset))
    if picture is not None:
        place, bars = clouds.place_of_row(checkpoint, row), ("point-posterior", checkpoint.latent["posterior"][row])
        let_drag(Draggable(CLOUD, checkpoint, picture, place, bars, "ring"))


def offer_cloud(checkpoint: Checkpoint, view: str, points: np.ndarray) -> None:
    """The cloud as a table and as a program."""
    latent = checkpoint.latent

    def table() -> bytes:
        return csv_bytes(
            {
                "image": [f"{h:016x}" for h in latent["hashes"]],
                "x": points[:, 0],
                "y": points[:, 1],
                "class": [checkpoint.classes[k] for k in latent["labels"]],
                "prediction": [checkpoint.classes[k] for k in latent["posterior"].argmax(1)],
                "confidence": latent["posterior"].max(1),
                "bits_per_dim": clouds.test_bits(checkpoint.id),
                "model": checkpoint.id,
                **origin(checkpoint),
            }
        )

    python = program(
        checkpoint_line(checkpoint),
        "latent = checkpoint.latent",
        f'points = latent["{view}_coordinates"][:, :2]  # the page turns them onto the plane of γ = 1',
        'labels = latent["labels"]',
    )
    offer(
        f"latent-space-{checkpoint.id}-{view}",
        python=python,
        chart=CLOUD,
        title=f"{name_of(checkpoint)}: latent space, test images of {checkpoint.dataset.title}",
        csv=table,
    )
