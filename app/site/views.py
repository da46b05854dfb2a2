"""The site's views of a family: figures of the app, drawn at the places of the curve, with a few words beside each."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
import plotly.graph_objects as go

import ibinn_core as ib
from app.figures.classes import shown_classes
from app.figures.diagrams import reliability_figure
from app.figures.family_curve import curve_figure
from app.figures.following import Following, as_data, differences
from app.figures.interpolation import bits_figure, posterior_figure
from app.figures.latent import add_pictures, latent_figure
from app.figures.layout import OnPhone, as_rgb, png_uri, small_config
from app.figures.lessons import Mark, likelihood_figure, strip_figure
from app.figures.sent import specification
from app.figures.tiles import on_a_phone, tiles_figure
from app.latent_space import clouds
from app.latent_space.following import cloud_following
from app.models.data_switch import own_split_text
from app.models.names import name_of, unique_names
from app.models.predictions import bits_per_dim
from app.palette import ACCENT
from app.sampling.settings import mark_of
from app.site.measure import STEPS, TURNS, Seen
from app.tradeoff.choice import colors_by_id
from app.tradeoff.marks import levels_of, marks_of, places_of
from app.tradeoff.picture import ring_following
from ibinn_core.checkpoint import Checkpoint
from ibinn_core.evaluation.sample_quality import best_guidance
from ibinn_core.exploration import TYPICAL
from ibinn_core.exploration.typicality import typicality_threshold
from ibinn_core.models.kinds import gamma_text
from ibinn_core.weight_space import Family

HALF = 590  # CSS pixels that a figure has beside another on a window 1280 wide
BINS = 10  # of the probabilities of the classes that a model names


class Subject(NamedTuple):
    """What views are of."""

    family: Family  # with a measured curve
    seen: Seen  # what its models make of images
    models: Sequence[Checkpoint]  # all of the data set, for the trade-off

    @property
    def first(self) -> Checkpoint:
        """The model that pages begin with."""
        return clouds.shared_reference(self.family.members[0])

    @property
    def gammas(self) -> list[str]:
        """γ of the P places, as people read it."""
        return [gamma_text(place.gamma) for place in self.family.curve]

    @property
    def test_bits(self) -> np.ndarray:
        """Bits/dim of test images at each place, ``(P, N)``."""
        means = np.array([place.bits_per_dim for place in self.family.curve])
        # Stored are log-likelihoods less their mean.
        spread = self.family.arrays["log_prob"].astype(np.float64)
        return means[:, None] + bits_per_dim(self.first, spread) - bits_per_dim(self.first, 0.0)

    @property
    def typical(self) -> np.ndarray:
        """The bits/dim between which a share ``TYPICAL`` of them lie, ``(P, 2)``."""
        means = np.array([place.bits_per_dim for place in self.family.curve])
        widths = np.array(
            [typicality_threshold(row - m, TYPICAL) for row, m in zip(self.test_bits, means, strict=True)]
        )
        return means[:, None] + widths[:, None] * [-1, 1]


def views_of(subject: Subject) -> list[dict[str, Any]]:
    """The views, as plain JSON: see ``app/static/site/site.js``."""
    return [view(subject) for view in (_tradeoff, _latent, _image, _samples, _walk, _turn, _calibration)]


def choices_of(seen: Seen, classes: Sequence[str]) -> dict[str, Any]:
    """What a person chooses from, in views of one image or of a pair: names and pictures."""
    names = [classes[label] for label in seen.labels]
    return {
        "image": [{"name": n, "picture": png_uri(as_rgb(i))} for n, i in zip(names, seen.images, strict=True)],
        "pair": [
            {
                "name": f"{names[one]} to {names[other]}",
                "picture": png_uri(as_rgb(np.concatenate(list(seen.images[[one, other]]), axis=1))),
            }
            for one, other in seen.pairs
        ],
    }


def figure_of(
    figure: go.Figure,
    key: str,
    alt: str,
    follow: Sequence[Following] = (),
    each: Sequence[Following] = (),
    phone: OnPhone | None = None,
) -> dict[str, Any]:
    """A figure as the site has it.

    ``follow`` is what of it follows γ, ``each`` what belongs to each of the things that a person chooses from.
    """
    spec = specification(figure, key, alt=alt, config=small_config(key), about=key, phone=phone)
    return {"spec": spec, "follow": [as_data(one) for one in follow], "each": [as_data(one) for one in each]}


def _drawn(
    draw: Callable[[int, int], go.Figure], places: int, key: str, alt: str, choices: int = 1, phone: bool = False
) -> dict[str, Any]:
    """A figure that is drawn for each choice at each place, ``draw(choice, place)``."""
    every = [[draw(choice, place) for place in range(places)] for choice in range(choices)]
    common, each = differences(every)
    first = every[0][0]
    on_phone = on_a_phone(first, *_labels(first)) if phone else None
    return figure_of(first, key, alt, [common], each if choices > 1 else (), on_phone)


def _labels(tiles: go.Figure) -> tuple[list[str], list[str]]:
    layout: Any = tiles.layout
    return list(layout.yaxis.ticktext), list(layout.xaxis.ticktext)


def _view(id: str, title: str, text: str, figures: Sequence[dict], choice: str | None = None) -> dict[str, Any]:
    return {"id": id, "title": title, "text": text, "figures": list(figures), "choice": choice}


def _tradeoff(subject: Subject) -> dict[str, Any]:
    family, models = subject.family, subject.models
    names = unique_names(list(models))
    chosen = subject.first.id  # whose ring goes along the curve
    marks = marks_of(models, names, colors_by_id(models))
    figure = curve_figure(places_of(family.curve, models, names), marks, levels_of(models, names), chosen)
    text = (
        "Down is better for telling classes apart, left is better for knowing images; no model is best at both. "
        "The ring is the model at the slider. The paper's numbers and all other measures are in the app."
        f" {own_split_text(subject.first)}".rstrip()
    )
    alt = f"Test error over bits/dim at {len(family.curve)} values of γ, and of models beside the family."
    return _view(
        "trade-off", "Trade-off", text, [figure_of(figure, "trade-off", alt, [ring_following(family.curve, marks)])]
    )


def _latent(subject: Subject) -> dict[str, Any]:
    family, seen, first = subject.family, subject.seen, subject.first
    track = clouds.track(family)
    labels = first.latent["labels"][track.rows].astype(int)
    figure = latent_figure(
        *(track.points[0], labels, [first.classes[k] for k in labels], track.means[0]),
        frame=track.frame,
        classes=first.classes,
    )
    add_pictures(figure, seen.points[0], seen.images)
    drawn = shown_classes(np.bincount(labels, minlength=len(first.classes)))
    pictures = {f"picture-{i}": {"x": seen.points[:, i, 0], "y": seen.points[:, i, 1]} for i in range(len(seen.images))}
    text = (
        "Each dot is a test image where the network puts it, each diamond the mean μ of a class's Gaussian, whose "
        "circle holds 90 % of it. The small pictures are the images of the other views. A click in the legend hides "
        "a class; the app also has other planes, a lasso and single images."
    )
    following = [cloud_following(track, family.members[0], drawn, {}), Following(pictures, {})]
    alt = f"{len(labels)} test images in latent space, coloured by class."
    return _view("latent", "Latent space", text, [figure_of(figure, "latent", alt, following)])


def _image(subject: Subject) -> dict[str, Any]:
    seen, classes = subject.seen, subject.first.classes
    posterior, bits, typical = seen.posterior[:, :, 0], subject.test_bits, subject.typical
    # Of many classes those that any of the models takes an image for: the same ones at every place.
    shown = [shown_classes(posterior[:, image].max(0)) for image in range(len(seen.images))]

    def bars(image: int, place: int) -> go.Figure:
        likelihoods = seen.likelihoods[place, image, shown[image]]
        names = [classes[k] for k in shown[image]]
        return likelihood_figure(
            likelihoods - likelihoods.max(), posterior[place, image, shown[image]], None, classes=names
        )

    def strip(image: int, place: int) -> go.Figure:
        mark = Mark("this image", float(seen.bits[place, image, 0]), ACCENT, "this image")
        return strip_figure([mark], bits[place], (typical[place, 0], typical[place, 1]), "test images")

    places, images = len(subject.family.curve), len(seen.images)
    several = f"Of the {len(classes)} classes the {len(shown[0])} most probable are shown. "
    text = (
        "For each class the model says how likely the image would be; Bayes' rule turns that into probabilities. "
        f"{several if len(shown[0]) < len(classes) else ''}"
        f"Below: its bits/dim among those of test images, of which {TYPICAL:.0%} lie in the blue band. The app takes "
        "images of your own."
    )
    figures = [
        _drawn(bars, places, "bars", "Log-likelihood of each class below the best, and the posterior.", images),
        _drawn(strip, places, "strip", "Bits/dim of the image among those of test images.", images),
    ]
    return _view("image", "One image", text, figures, "image")


def _samples(subject: Subject) -> dict[str, Any]:
    seen = subject.seen
    classes = list(subject.first.classes[: seen.samples["mean"].shape[2]])
    titles = {"empirical": "around the images", "mean": "own mixture"}

    def draw(center: str) -> Callable[[int, int], go.Figure]:
        def at(_: int, place: int) -> go.Figure:
            images, whites = seen.samples[center][place], seen.whites[center][place]
            rows = [""] * len(images)
            hover = [classes for _ in rows]
            marks = [[mark_of(white) if white else "" for white in row] for row in whites]
            return tiles_figure(images, rows, classes, hover, marks=marks, width=HALF, is_one_of_many=True)

        return at

    figures = [
        {**_drawn(draw(c), len(subject.family.curve), c, f"Samples of each class: {t}.", phone=True), "title": title}
        for (c, t), title in zip(
            titles.items(), ("Around the mean of the class's images", "From the model's own mixture"), strict=True
        )
    ]
    guidance = best_guidance(subject.first.dataset)
    guided = f", around the images with guidance {guidance:g}" if guidance != 1 else ""
    several = f"Of the {len(subject.first.classes)} classes the first {len(classes)} are drawn. "
    text = (
        f"{several if len(classes) < len(subject.first.classes) else ''}"
        f"Samples at a temperature of {seen.temperature:g}{guided}, by the same noise at every γ. Where the two "
        "pictures differ, the mixture is not where the images are. A sample most of whose values lie outside the range "
        "of pixels is scaled into it: 3.0× marks one whose brightest values are three times white. The app has other "
        "temperatures and seeds."
    )
    return _view("samples", "Samples", text, figures)


def _walk(subject: Subject) -> dict[str, Any]:
    seen = subject.seen
    columns = ["first", *[""] * (STEPS - 2), "second"]
    shares = np.linspace(0, 1, STEPS)[:, None, None, None]

    def walked(pair: int, place: int) -> go.Figure:
        names = ["great circle", "straight line"]
        hover = [[name] * STEPS for name in names]
        return tiles_figure(seen.walks[place, pair], names, columns, hover, is_one_of_many=True)

    def faded(pair: int, _: int) -> go.Figure:
        one, other = seen.images[seen.pairs[pair]].astype(float)
        images = np.round((1 - shares) * one + shares * other).astype(np.uint8)
        return tiles_figure(images[None], ["cross-fade"], [""] * STEPS, [["cross-fade"] * STEPS], is_one_of_many=True)

    places, pairs = len(subject.family.curve), len(seen.pairs)
    figures = [
        _drawn(walked, places, "walk", "The way from one image to another through latent space.", pairs, phone=True),
        _drawn(faded, 1, "fade", "The same two images, cross-faded.", pairs, phone=True),
    ]
    text = (
        "Both ends are images, encoded and decoded; all between them is the network's. The last row needs no network: "
        "it fades the pixels, and keeps both images in sight. The app walks between any two images."
    )
    return _view("walk", "Interpolate", text, figures, "pair")


def _turn(subject: Subject) -> dict[str, Any]:
    seen, first = subject.seen, subject.first
    degrees = np.linspace(0, 360, TURNS)
    names = [f"{d:.0f}°" for d in degrees]
    what = "colours" if seen.images.shape[-1] == 3 else "image"
    quarters, turns = [0, 0.25, 0.5, 0.75, 1], ["0°", "90°", "180°", "270°", "360°"]
    angle = {"range": [0, 360], "tickvals": [360 * q for q in quarters], "ticktext": turns}
    angle["title"] = {"text": f"angle by which the {what} turned"}

    def tiles(image: int, _: int) -> go.Figure:
        return tiles_figure(seen.turned[image][None], [""], names, [names], 44, is_one_of_many=True)

    def bits(image: int, place: int) -> go.Figure:
        low, high = subject.typical[place]
        return bits_figure(
            *(degrees, seen.bits[place, image][None], [name_of(first)], [ACCENT], [(low + high) / 2]),
            *("", "", [(low, high)]),
        ).update_layout(showlegend=False, xaxis=angle)

    def posterior(image: int, place: int) -> go.Figure:
        figure = posterior_figure(degrees / 360, seen.posterior[place, image][None], [""], classes=first.classes)
        return figure.update_layout(xaxis={**angle, "range": [0, 1], "tickvals": quarters, "ticktext": turns})

    places, images = len(subject.family.curve), len(seen.images)
    figures = [
        _drawn(tiles, 1, "turned", f"The image with its {what} turned.", images),
        _drawn(bits, places, "turned-bits", "Bits/dim over the angle, and the band of typical images.", images),
        _drawn(posterior, places, "turned-posterior", "The posterior over the angle.", images),
    ]
    text = (
        f"An image is led out of the distribution: its {what} turn. Above the blue band it is less likely than "
        f"{TYPICAL:.0%} of test images: the likelihood notices. The areas are the posterior, which may stay sure of a "
        "class all the way. The app has noise, fading and other data sets too."
    )
    return _view("turn", "Out of distribution", text, figures, "image")


def _calibration(subject: Subject) -> dict[str, Any]:
    family = subject.family
    labels = family.members[0].latent["labels"][family.arrays["rows"]].astype(int)

    def draw(_: int, place: int) -> go.Figure:
        posterior = family.arrays["posterior"][place].astype(np.float32)
        bins = ib.evaluation.top_label_reliability(posterior, labels, bins=BINS)
        return reliability_figure(f"γ = {subject.gammas[place]}", bins)

    text = (
        f"How sure the model is of the class that it names, and how often it is right, on {len(labels):,} test images: "
        "on the dashed line it keeps its word, below it is too sure. The app counts all classes too, and has other "
        "models."
    )
    figures = [_drawn(draw, len(family.curve), "calibration", "Reliability diagram of the model at the slider.")]
    return _view("calibration", "Calibration", text, figures)
