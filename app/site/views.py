"""The site's views of a family: figures of the app, drawn at the places of the curve, with a few words beside each."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from app.answer import mark_of
from app.figures.classes import shown_classes
from app.figures.family_curve import curve_figure
from app.figures.following import Following, as_data
from app.figures.latent import add_pictures, latent_figure
from app.figures.layout import BARE
from app.figures.sent import specification
from app.figures.tiles import tiles_figure
from app.latent_space import clouds
from app.latent_space.following import cloud_following
from app.models.data_switch import own_split_text
from app.results.marks import ring_following
from app.results.questions import trade_off
from app.site.measure import Seen
from ibinn_core.weight_space import Family


def views_of(family: Family, seen: Seen) -> list[dict[str, Any]]:
    """The views, as plain JSON: see ``app/static/site/site.js``."""
    return [_tradeoff(family), _latent(family, seen)]


def figure_of(figure: go.Figure, key: str, alt: str, follow: Sequence[Following] = ()) -> dict[str, Any]:
    """A figure as the site has it; ``follow`` is what of it follows γ."""
    spec = specification(figure, key, alt=alt, config=BARE, about=key)
    return {"spec": spec, "follow": [as_data(one) for one in follow]}


def samples_figure(family: Family, seen: Seen) -> dict[str, Any]:
    """A sample of each class from the mixture of the model at the slider."""
    images, whites = seen.samples, seen.whites
    names = list(family.members[0].classes[: images.shape[1]])

    def draw(place: int) -> go.Figure:
        marks = [mark_of(white) if white else "" for white in whites[place]]
        return tiles_figure(images[place][None], [""], names, [names], marks=[marks], is_one_of_many=True)

    drawn: list[Any] = [draw(place) for place in range(len(images))]
    pictures, places = zip(*(figure.data for figure in drawn), strict=True)
    following = Following(
        {},
        {
            "picture": {"source": [picture.source for picture in pictures]},
            "places": {"texttemplate": [list(place.texttemplate) for place in places]},
        },
    )
    return figure_of(drawn[0], "samples", "A sample of each class from the model's own mixture.", [following])


def _view(id: str, title: str, text: str, figure: dict[str, Any]) -> dict[str, Any]:
    return {"id": id, "title": title, "text": text, "figure": figure}


def _tradeoff(family: Family) -> dict[str, Any]:
    first = clouds.shared_reference(family.members[0])  # the model that pages begin with: its ring goes along the curve
    found = trade_off(first.dataset.name, paper=False)
    figure = curve_figure(found.places, found.marks, found.levels, first.id)
    text = (
        "Down is better for telling classes apart, left is better for knowing images; no model is best at both. "
        "The ring is the model at the slider. The paper's numbers and all other measures are in the app."
        f" {own_split_text(first)}".rstrip()
    )
    alt = f"Test error over bits/dim at {len(family.curve)} values of γ, and of models beside the family."
    following = [ring_following(family.curve, found.marks)]
    return _view("trade-off", "Trade-off", text, figure_of(figure, "trade-off", alt, following))


def _latent(family: Family, seen: Seen) -> dict[str, Any]:
    first = clouds.shared_reference(family.members[0])
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
        "circle holds 90 % of it. The small pictures are test images. A click in the legend hides a class; the app "
        "also has other planes, a lasso and single images."
    )
    following = [cloud_following(track, family.members[0], drawn), Following(pictures)]
    alt = f"{len(labels)} test images in latent space, coloured by class."
    return _view("latent", "Latent space", text, figure_of(figure, "latent", alt, following))
