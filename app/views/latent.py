"""Latent space (Fig. 7): the whole test set among the Gaussians of its classes."""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import plotly.graph_objects as go
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

import ibinn_core as ib
from app import state
from app.drawn import latent_figure, latent_figure_continuous, morph_figure, panels_figure
from app.figures.bars import posterior_bars
from app.figures.classes import MOST, OTHER, TOP
from app.figures.latent import CENTRE, MEAN, beside_its_legend
from app.figures.layout import config, height_style
from app.figures.morph import FRAME_MS, for_a_room, frames_of, on_a_phone, panels_on_a_phone
from app.glossary import explained
from app.images import pictures
from app.images.image_input import pick_image
from app.images.opening import opening
from app.images.program_lines import checkpoint_line, program
from app.inference.models import is_continuous
from app.latent_space import clouds
from app.latent_space.chosen_point import chosen_point
from app.latent_space.clouds import AXES, COLORS, VIEWS
from app.latent_space.embedding import Placed, embed_own
from app.latent_space.lasso import forget, kept, lassoed, offer_to_forget, some_rows
from app.latent_space.point_panel import show_point, show_point_on_stage
from app.latent_space.selection_panel import show_selection
from app.models import registry
from app.models.latent_rows import rows_of
from app.models.long_work import offer_file
from app.models.names import name_of
from app.models.origin import origin, origins
from app.models.pickers import pick_model, pick_models
from app.models.predictions import predict_with_likelihood, top_classes
from app.widgets.choice import choose_one
from app.widgets.class_choice import choose_classes, explain_limit
from app.widgets.export_menu import csv_bytes, npz_bytes, offer
from app.widgets.figure import picked_rows, show_figure
from app.widgets.figure_view import keep_view
from app.widgets.lesson import show_lesson
from app.widgets.markdown import markdown_text
from app.widgets.number_words import in_words
from app.widgets.phone_layout import lay_out_on_phones
from app.widgets.player import show_player
from app.widgets.stage import FIGURE, is_on_stage, show_stage_button, staged
from ibinn_core.checkpoint import Checkpoint
from ibinn_core.checkpoint.latent_format import view as view_basis
from ibinn_core.data import Dataset
from ibinn_core.weight_space import Family, MixedCheckpoint

ONE, SEVERAL, MORPH = "One model", "Side by side", "Morph over γ"
PANEL_POINTS, MORPH_POINTS = 4000, 2000  # more would make browsers stutter
MOST_PANELS = 4
CLOUD, PANELS = "cloud-figure", "panels-figure"  # keys of charts
WIDE, NARROW = 210, 140  # of a select, in CSS pixels
#: On a phone, what the page shows is chosen above its figure; what else the row has stands below that.
STYLE = """<style>
@media (max-width: 640px) {
    [data-testid="stLayoutWrapper"]:has(> .st-key-latent-row), .st-key-latent-row { display: contents; }
    .st-key-latent-row > .st-key-show { order: -2; }
}
</style>"""
#: CSS pixels that the page needs above the cloud, the panels or the morph, and for a line below.
ABOVE_CLOUD, ABOVE_PANELS, ABOVE_MORPH = 340, 346, 334
OWN = "Own plane"
ALIGNED = "Aligned"


def class_filter(dataset: Dataset) -> list[int]:
    """Which of the classes are drawn; of too many for colours, at first those that a model recognises best."""
    classes = dataset.classes
    few = len(classes) <= MOST
    default = list(classes) if few else best_recognised(registry.by_id(registry.first_of(model_ids())))
    nothing = "None chosen means all." if few else "None chosen means the first ten."
    picked = choose_classes("Classes", dataset, default, state.DRAWN, f"Which classes are drawn. {nothing}")
    explain_limit(dataset, f"{len(picked or default)} of them")
    return [k for k, name in enumerate(classes) if name in (picked or default)]


def model_ids() -> list[str]:
    """Ids of the models that the page can show."""
    return [c.id for c in registry.with_likelihood()]


def best_recognised(checkpoint: Checkpoint) -> list[str]:
    """The names of the ten classes of which a model names most test images rightly."""
    latent, count = checkpoint.latent, len(checkpoint.classes)
    labels = latent["labels"].astype(int)
    right = np.bincount(labels[latent["posterior"].argmax(1) == labels], minlength=count)
    share = right / np.maximum(np.bincount(labels, minlength=count), 1)
    best = np.argsort(-share, kind="stable")[:TOP]
    return [checkpoint.classes[k] for k in sorted(best)]


def pick_view(checkpoints: list[Checkpoint]) -> str:
    """Name of a stored view; between trained models only the means' is known."""
    if any(isinstance(checkpoint, MixedCheckpoint) for checkpoint in checkpoints):
        st.selectbox(
            "View",
            list(VIEWS)[:1],
            disabled=True,
            key="view-of-mixture",
            help="The other views were computed for the trained models, the ticks of the slider.",
            width=WIDE,
        )
        return "means"
    help = "The plane in which the class means differ most, or another."
    return VIEWS[st.selectbox("View", list(VIEWS), **state.bound(state.VIEW), help=help, width=WIDE)]


def pick_color() -> str:
    """What the colour of a point means."""
    help = "What a point's colour means."
    return st.selectbox("Colour", COLORS, **state.bound(state.COLOR), help=help, width=NARROW)


def one_model(top: DeltaGenerator, row: DeltaGenerator) -> None:
    """One model's cloud, beside it the image that was clicked or what was lassoed.

    Arguments:
        top: where the slider goes.
        row: where the controls go.
    """
    with top:
        checkpoint = pick_model()
    with row:
        view = pick_view([checkpoint])
        color = pick_color()
        with st.popover("Classes", icon=":material/category:"):
            classes = class_filter(checkpoint.dataset)
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
        show_details(checkpoint, lasso, selected, title, is_chosen=point is not None, has_own=own is not None)
    with plot:
        points, means = own.cloud if own else clouds.cloud(checkpoint, view)
        look = {"means": means, "axes": AXES[view], "star": own.place if own else None}
        look.update(lasso=lasso, selected=None if len(lasso) else selected)
        figure = cloud_figure(checkpoint, points, color, classes, look)
        st.html(height_style(CLOUD, ABOVE_CLOUD, 400, 620))
        about = f"{checkpoint.id} {view}"
        show_figure(
            beside_its_legend(staged(figure)) if is_on_stage() else figure,
            CLOUD,
            alt=f"Latents of the test set under {name_of(checkpoint)}, one dot per image, by {color.lower()}.",
            config=config("latent-space"),
            selects=("points", "lasso", "box"),
            about=about,
        )
        keep_view(CLOUD, about, selected, choose_point(latent))
        offer_cloud(checkpoint, view, points)
    explain(means is not None)


def show_details(
    checkpoint: Checkpoint, lasso: np.ndarray, selected: int, title: str, *, is_chosen: bool, has_own: bool
) -> None:
    """What stands beside the cloud: the lassoed images, or the one that is ringed.

    Arguments:
        checkpoint: the model.
        lasso: rows of the lassoed images, maybe none.
        selected: row of the ringed one.
        title: what it is.
        is_chosen: whether a person has chosen it.
        has_own: whether an image of one's own is drawn, which takes the room on stage.
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
            st.caption(
                "A model this sure may be right: look at the image. Some labels of "
                f"{markdown_text(checkpoint.dataset.title)} are wrong."
            )


def cloud_figure(
    checkpoint: Checkpoint, points: np.ndarray, color: str, classes: list[int], look: dict[str, Any]
) -> go.Figure:
    """The cloud of a model: dots in the colours of classes, or on a scale.

    Arguments:
        checkpoint: the model.
        points: where the images lie, ``(N, 2)``.
        color: one of :data:`COLORS`.
        classes: which are drawn.
        look: what else is drawn, as both figures take it.
    """
    groups, hover = clouds.groups(checkpoint, color, classes), clouds.hover_texts(checkpoint.id)
    if color in ("Class", "Prediction", "Mistakes"):
        return latent_figure(points, groups, hover, **look, classes=checkpoint.classes)
    values, rows = clouds.values(checkpoint, color), np.flatnonzero(groups >= 0)
    return latent_figure_continuous(points, values, color, hover, rows=rows, **look, classes=checkpoint.classes)


def choose_point(latent: dict[str, np.ndarray]) -> Callable[[int], None]:
    """What makes the test image in a row of the arrays of a model the chosen one."""

    def choose(row: int) -> None:
        if row < len(latent["hashes"]):
            forget()
            state.put(state.POINT, f"{latent['hashes'][row]:016x}")

    return choose


def own_image(checkpoint: Checkpoint, view: str) -> Placed | None:
    """A person's image among the others, if one is asked for."""
    if not st.toggle(
        "Mark an image",
        **state.bound(state.ADD),
        help="Puts an example image, a test image or one of your own into the cloud, as a star.",
    ):
        return None
    picture = pick_image(state.MINE, "Star", opening("mine"))
    posterior = predict_with_likelihood(checkpoint.id, picture.pixels[None]).posterior[0]
    show_figure(
        posterior_bars(posterior, picture.label, classes=checkpoint.classes),
        "mine-posterior",
        config={"displayModeBar": False},
        alt="Posterior of the image: " + ", ".join(top_classes(posterior, classes=checkpoint.classes)),
    )
    return embed_own(checkpoint, view, picture.pixels)


def offer_cloud(checkpoint: Checkpoint, view: str, points: np.ndarray) -> None:
    """The cloud as a table, and all that is known of it as arrays."""
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

    sides = clouds.facing(checkpoint, view).astype(int).tolist()
    python = program(
        checkpoint_line(checkpoint),
        "latent = checkpoint.latent",
        f'points = latent["{view}_coordinates"][:, :2].astype(np.float32)  # of {len(latent["labels"]):,} test images',
        *((f"points *= {sides}  # a direction has no sign of its own",) if -1 in sides else ()),
        'labels = latent["labels"]',
    )
    offer(
        f"latent-space-{checkpoint.id}-{view}",
        python=python,
        chart=CLOUD,
        title=f"{name_of(checkpoint)}: latent space, test images of {checkpoint.dataset.title}",
        csv=table,
        npz=lambda: npz_bytes(**latent, **origins([checkpoint])),
    )


class PanelChoices(NamedTuple):
    """What the panels show.

    Attributes:
        classes: which of them are drawn.
        view: name of a stored one.
        is_aligned: whether their planes are turned onto the first one's.
        color: what a point's colour means.
    """

    classes: list[int]
    view: str
    is_aligned: bool
    color: str


def panel_choices(chosen: list[Checkpoint]) -> PanelChoices:
    """The controls of the panels."""
    view = pick_view(chosen)
    explanation = (
        "Aligned: turned until the classes lie where the first model has them. Own plane: the first two directions of "
        "each model's view."
    )
    plane = choose_one("Planes", [ALIGNED, OWN], state.PLANES, explanation)
    color = st.selectbox(
        "Colour",
        ("Class", "Prediction", "Mistakes"),
        **state.bound(state.PANEL_COLOR),
        help="What a point's colour means.",
        width=NARROW,
    )
    with st.popover("Classes", icon=":material/category:"):
        drawn = class_filter(chosen[0].dataset)
    return PanelChoices(drawn, view, plane == ALIGNED, color)


def several_models(top: DeltaGenerator, row: DeltaGenerator) -> None:
    """Up to four models, each in its own plane or all turned so that classes stay where they are."""
    with top:
        chosen = pick_models(registry.first_few_of(model_ids()), most=MOST_PANELS).models
    with row:
        classes, view, is_aligned, color = panel_choices(chosen)
    first = chosen[0].latent["hashes"]
    planes = "-".join(c.id for c in chosen) + (ALIGNED if is_aligned else OWN) + ("" if view == "means" else view)
    picked = picked_rows(PANELS)
    lasso = lassoed(first, picked)
    point = chosen_point(chosen[0].latent, picked)
    # The selected image is always drawn.
    asked = lasso if len(lasso) or point is None else np.array([point])
    rows = some_rows(len(first), PANEL_POINTS, asked)
    drawn, groups, hover = [], [], []
    for checkpoint in chosen:
        if is_aligned:
            every, sides = clouds.aligned(checkpoint, chosen[0], view), clouds.facing(chosen[0], view)
        else:
            every, sides = clouds.unaligned(checkpoint, view), np.ones(2, np.float32)
        places = rows_of(checkpoint.latent["hashes"], first[rows])
        drawn.append(clouds.Cloud(every.points[places] * sides, None if every.means is None else every.means * sides))
        groups.append(np.where(places >= 0, clouds.groups(checkpoint, color, classes)[places], -1))
        texts = clouds.hover_texts(checkpoint.id)
        hover.append([texts[place] for place in places])
    names = [panel_title(c, len(chosen)) for c in chosen]
    points = [d.points for d in drawn]
    ringed = np.flatnonzero(rows == point).tolist() if point is not None and not len(lasso) else []
    is_asked = point is not None or len(lasso) > 0
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
            is_aligned,
            lasso,
            classes=chosen[0].classes,
            diamond=diamond_of(view),
        )
        st.html(height_style(PANELS, ABOVE_PANELS, 300, 700))
        if not is_on_stage():
            lay_out_on_phones(PANELS, figure, panels_on_a_phone(figure))
        show_figure(
            staged(figure),
            PANELS,
            alt=f"Latents of the test set, a panel each for {', '.join(name_of(c) for c in chosen)}.",
            config=config("latent-spaces"),
            selects=("points", "lasso", "box"),
            about=planes,
        )
        keep_view(PANELS, planes, point, choose_point(chosen[0].latent))
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
    """What stands above one of ``count`` panels; letters for a room leave less room for numbers."""
    card = checkpoint.card
    bits = "" if is_on_stage() and count > 2 else f", {card['bits_per_dim']['mean']:.2f} bits/dim"
    between = "   " if is_on_stage() or count <= 2 else "<br>"
    return f"<b>{name_of(checkpoint)}</b>{between}error {card['error']:.1%}{bits}"


def diamond_of(view: str) -> str:
    """What the diamonds are where several models are shown: in most views the means lie apart from the images."""
    return MEAN if view == "means" else CENTRE


class Morph(NamedTuple):
    """What morphs: the same test images under M models, in planes that are turned onto one.

    Attributes:
        points: ``(M, N, 2)``.
        means: the class means, ``(M, K, 2)``.
        rows: of the images in the trained models' latent files, ``(N,)``.
        names: of the models; of those between trained ones none.
        captions: what stands above the picture while a model is shown.
        ids: of the models.
    """

    points: np.ndarray
    means: np.ndarray
    rows: np.ndarray
    names: list[str]
    captions: list[str]
    ids: list[str]


def through_trained(members: list[Checkpoint], reference: Checkpoint, view: str, asked: np.ndarray) -> Morph:
    """From trained model to trained model, where nothing is known of those between them.

    Arguments:
        members: the models.
        reference: the one whose plane it is.
        view: name of a stored one.
        asked: rows of images that are not left out.
    """
    first = members[0].latent["hashes"]
    rows = some_rows(len(first), MORPH_POINTS, asked)
    places = np.stack([rows_of(c.latent["hashes"], first[rows]) for c in members])
    known = (places >= 0).all(0)
    turned = [clouds.aligned(c, reference, view) for c in members]
    points = np.stack([t.points[p] for t, p in zip(turned, places[:, known], strict=True)])
    means = np.stack([t.means for t in turned if t.means is not None])
    return Morph(points, means, rows[known], [name_of(c) for c in members], _captions(members), [c.id for c in members])


def through_curve(family: Family, reference: Checkpoint) -> Morph:
    """From place to place of the measured curve, most of which are models between trained ones."""
    arrays, checkpoints = family.arrays, [registry.place(family, place.gamma) for place in family.curve]
    place = next(n for n, place in enumerate(family.curve) if place.gamma == reference.gamma)
    own = ib.exploration.project(reference.latent["class_means"], view_basis(reference.latent, "means"))
    turn = ib.exploration.align(arrays["class_means"][place], own)[:, :2].astype(np.float32)
    return Morph(
        arrays["coordinates"].astype(np.float32) @ turn,
        arrays["class_means"] @ turn,
        arrays["rows"].astype(int),
        ["" if isinstance(c, MixedCheckpoint) else name_of(c) for c in checkpoints],
        _captions(checkpoints),
        [c.id for c in checkpoints],
    )


def _captions(models: list[Checkpoint]) -> list[str]:
    return [
        f"<b>{name_of(c)}</b>: error {c.card['error']:.1%}, {c.card['bits_per_dim']['mean']:.2f} bits/dim"
        for c in models
    ]


def nearest_to_one(members: list[Checkpoint]) -> Checkpoint:
    """The model whose γ is nearest to 1, on the scale of its logarithm."""
    gammas = {c.id: c.gamma for c in members if c.gamma is not None}
    return min(members, key=lambda c: abs(np.log(np.clip(gammas[c.id], 1e-9, 1e9))))


def say_lassoed(drawn: int, count: int) -> None:
    """What the large dots of the morph are: so many of the lassoed images."""
    share = f"{drawn:,} of " if drawn < count else ""
    st.caption(f"Large: {share}the {count:,} images that you lassoed. Small and grey: some of the others.")


def morph(top: DeltaGenerator, row: DeltaGenerator) -> None:
    """All models of the γ family in one picture that a slider morphs."""
    with row, st.container(width=WIDE):
        show_stage_button()
    members = [c for c in registry.with_likelihood() if c.gamma is not None]
    if len(members) < 2:
        st.info("A morph needs two models that differ in γ.", icon=":material/info:")
        st.stop()
    family = registry.weight_space(members)
    members = family.members if family else members
    reference = nearest_to_one(members)
    with row:
        view = pick_view([reference])
    latent = members[0].latent
    lasso = kept(latent["hashes"])
    point = chosen_point(latent, [])
    # Of the images that the curve lacks, and of other views, the places under trained models are known.
    if view == "means" and family is not None and is_continuous(family) and not len(lasso):
        found = through_curve(family, reference)
    else:
        asked = lasso if len(lasso) or point is None else np.array([point])
        found = through_trained(members, reference, view, asked)
    labels = latent["labels"][found.rows].astype(int)
    if len(reference.classes) > MOST:
        with row:
            labels = np.where(np.isin(labels, class_filter(reference.dataset)), labels, OTHER)
    is_lassoed = np.isin(found.rows, lasso)
    ringed = np.flatnonzero(found.rows == point).tolist() if point is not None and not len(lasso) else []
    about = f"{view} {' '.join(found.ids)}"
    st.html(height_style("morph", ABOVE_MORPH, 380, 680))
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
        if not is_on_stage():
            lay_out_on_phones("morph", figure, on_a_phone(figure))
        show_figure(
            for_a_room(figure) if is_on_stage() else figure,
            "morph",
            config=config("latent-space-morph"),
            about=about,
            alt="The test set's latents morph from the smallest to the largest γ; all planes are turned onto one.",
        )
        show_player("morph", frames_of(found.names, name_of(reference)), about, follows_clicker=True)
        keep_view("morph", about, point, choose_point(latent))
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
            long=lambda: offer_file(
                "latent-space-morph",
                "gif",
                "app.figures.gif.morph:morph_gif",
                (found.points, labels, found.means, found.captions, is_lassoed, reference.classes, FRAME_MS),
            ),
            csv=lambda: morph_csv(found, members[0]),
        )
        if is_lassoed.any():
            offer_to_forget()
    explain(circles=False, lasso=False, diamond=diamond_of(view))


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


def explain(linear: bool = True, circles: bool = True, lasso: bool = True, diamond: str = MEAN) -> None:
    """What a student should look for, with the numbers of the models that are here.

    Arguments:
        linear: whether the class means are drawn.
        circles: whether their Gaussians are.
        lasso: whether the figure has one.
        diamond: what is drawn for a class.
    """
    everyone = registry.with_likelihood()
    family = [c for c in everyone if c.is_on_the_way] or everyone
    ends = family[:1] if len(family) == 1 else [family[0], family[-1]]

    def by_model(number: str, form: str) -> str:
        return " and ".join(f"{c.card[number]:{form}} under {markdown_text(name_of(c))}" for c in ends)

    drawn = "each diamond a class mean μ" if diamond == MEAN else "each diamond the centre of the images of a class"
    if circles:
        drawn += ", each dotted circle the part of the plane that should hold nine tenths of that class if the mixture "
        drawn += "were right"
    if not linear:
        drawn = "shown without class means, because UMAP is nonlinear and preserves only neighbourhoods"
    question = (
        "Choose the lasso in the toolbar and draw it around a border between two classes: how many of its images "
        "does the model get wrong? They stay chosen under another model, side by side and in the morph: where do "
        "they go as γ grows?"
    )
    count = in_words(len(everyone[0].classes))
    centres, in_span = by_model("mean_offset", ".1f"), by_model("span_offset", ".1f")
    offset = (
        f"The images of a class do not lie around its μ. Their centre is away from it by {centres}; in the dimensions "
        f"that the μ span, by {in_span}. Only this part can change the posterior: the rest is at right angles to them "
        f"and changes all {count} distances alike. But all of it lowers the likelihood, and samples drawn around a μ "
        "come from a region with hardly any images. A deviation is "
        f"{by_model('latent_spread', '.2f')} per dimension, where the mixture assumes 1. These are numbers after the "
        "*alignment*, an affine map of the latents that is fitted after the training and leaves every posterior as it "
        "is. "
    )
    show_lesson(
        f"Each dot is a test image, {drawn} (the paper's Fig. 7). How far apart the centres of two classes are on "
        f"average, in standard deviations of a class: {by_model('separation', '.1f')}.",
        (offset if linear else "") + (question if lasso else "Pause between two models: which classes separate first?"),
    )


def main() -> None:
    """The page."""
    count = in_words(registry.dataset().num_classes)
    st.markdown(
        f"#### Latent space: {count} Gaussians, and every test image among them",
        help=explained("latent", "mixture", "posterior", "bits/dim"),
    )
    if problem := pictures.damage():
        st.warning(markdown_text(problem), icon=":material/broken_image:")
    top = st.container()
    st.html(STYLE)
    row = st.container(horizontal=True, vertical_alignment="bottom", gap="medium", key="latent-row")
    with row:
        mode = choose_one("Show", [ONE, SEVERAL, MORPH], state.SHOW)
    {ONE: one_model, SEVERAL: several_models, MORPH: morph}[mode](top, row)


main()
