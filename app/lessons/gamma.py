"""Lesson 3: what γ gives, and what it takes."""

import math
from functools import partial

import numpy as np
import streamlit as st

from app import state
from app.figures.following import Following
from app.figures.lessons import plane_figure
from app.lessons.course import Choice, Lesson, Link, Note, Option
from app.lessons.gamma_places import Places, places
from app.lessons.parts import Chart, Row, Tile
from app.lessons.prose import change, percent
from app.models.gamma_slider import gamma_slider
from app.models.in_browser import addresses_of
from app.models.live import follow_live
from app.palette import legend_html
from app.playground.presets import named
from app.widgets.following import follow_gamma
from ibinn_core.models.kinds import gamma_text
from ibinn_core.weight_space import Family

AGREED = "fewer-less"
SLIDER, CLOUD, SAMPLES = "lesson-gamma", "lesson-gamma-cloud", "lesson-gamma-samples"  # keys
HEADING = "The nearest measured model: γ = "


def measures(family: Family, gamma: float) -> tuple[float, float]:
    """Test error, 0 to 1, and bits/dim at γ, which is that of a trained model if there is no curve."""
    if family.curve:
        point = family.point(gamma)
        return point.error, point.bits_per_dim
    card = family.members[family.gammas.index(gamma)].card
    return card["error"], card["bits_per_dim"]["mean"]


class Gamma(Lesson[Choice]):
    """One number weighs two aims."""

    title = "γ: what it gives, and what it takes"
    question = (
        "The training has two aims: to give images a high [likelihood] (term L_X) and to tell their classes apart "
        "(term L_Y). One number, **γ**, weighs them. **What happens to the model as γ grows?**"
    )
    ask = "Your guess: as γ grows …"
    guess = Choice(
        (
            Option(AGREED, "fewer errors, images less likely"),
            Option("fewer-more", "fewer errors, images more likely"),
            Option("more-less", "more errors, images less likely"),
            Option("more-more", "more errors, images more likely"),
        )
    )
    caption = (
        "The dots: test images in [latent] space, turned so that every γ can be compared ([Procrustes]). The pictures: "
        "a [sample] of each class from the model's own [mixture]."
    )
    task = "Move the slider to where you would stop. Then see every measure over γ, beside the paper's."
    point = "One number, γ, weighs two aims: to give images a high likelihood, and to tell their classes apart."
    notes = (
        Note(
            50,
            "The cloud is the test set in latent space, one colour per class; the pictures are samples, what the model "
            "believes a class looks like. Here γ is small.",
        ),
        Note(30, "Four answers, one vote each. Ask somebody to say why."),
        Note(
            90,
            "The picture has gone to a large γ, and the colours have parted. Drag the slider to its left end and "
            "slowly back: watch the colours, then the samples, then test error and bits/dim beside the slider. Stop "
            "where the error hardly falls any more.",
        ),
        Note(50, "Ask the room where it would stop, for a doctor's second opinion, for a photo album."),
    )
    needs = ()

    def missing(self) -> str:
        """Why it cannot be shown, in a sentence, or nothing."""
        if places() is not None:
            return ""
        return "This lesson needs models of at least two γ, and they are not among the checkpoints here."

    def _places(self) -> Places:
        found = places()
        if found is None:
            raise RuntimeError(self.missing())
        return found

    def _ends(self) -> tuple[float, float]:
        """The smallest trained γ above 0, at which a model knows the classes, and the largest that is finite."""
        taught = [gamma for gamma in self._places().family.gammas if 0 < gamma < math.inf]
        return (taught[0], taught[-1]) if len(taught) > 1 else (taught[0], math.inf)

    def values(self) -> dict[str, str]:
        """The measures at both ends."""
        family, (low, high) = self._places().family, self._ends()
        (error_low, bits_low), (error_high, bits_high) = (measures(family, gamma) for gamma in (low, high))
        return {
            "low": gamma_text(low),
            "high": gamma_text(high),
            "error_low": percent(error_low, 1),
            "error_high": percent(error_high, 1),
            "error_change": change(error_low, error_high),
            "bits_low": f"{bits_low:.2f}",
            "bits_high": f"{bits_high:.2f}",
            "bits_change": change(bits_low, bits_high),
        }

    def _right(self) -> str:
        """The id of the answer that the measures give."""
        family, ends = self._places().family, self._ends()
        (error_low, bits_low), (error_high, bits_high) = (measures(family, gamma) for gamma in ends)
        return f"{'fewer' if error_high < error_low else 'more'}-{'less' if bits_high > bits_low else 'more'}"

    def reveal(self) -> str:
        """What the measures say."""
        return (
            "From γ = {low} to γ = {high}, the [test error] {error_change}s from {error_low} to "
            "{error_high}, and [bits/dim] (fewer where images are more likely) {bits_change} from {bits_low} to "
            "{bits_high}. Both aims share one network, so γ decides which of them it serves: a small γ makes it "
            "[generative], a large one [discriminative]. **Move the slider**, and watch colours and samples."
        )

    def verdict(self, guess: str) -> str:
        """Whether the prediction is what was measured."""
        labels = {option.id: option.label for option in self.guess.options}
        right = f"**{labels[self._right()].capitalize()}**."
        if guess not in labels:
            return right
        return f"You are right. {right}" if guess == self._right() else f"The measures say otherwise. {right}"

    def show(self, guess: str, revealed: bool) -> None:
        """The latents and samples at the smallest γ; once it is revealed, at the one that the slider chooses."""
        found = self._places()
        low, high = self._ends()
        place = found.nearest(self._slide(found.family, high) if revealed else low)
        shown = gamma_text(found.gammas[place])
        cloud, samples = st.columns(2, vertical_alignment="center")
        classes = found.family.members[0].classes
        with cloud:
            figure = plane_figure(found.points[place], found.labels, found.bounds, 230, classes=classes)
            alt = f"The latents of {len(found.labels)} test images at γ = {shown}, coloured by class."
            Chart(figure, CLOUD, alt, gamma=found.gammas[place]).show()
            if revealed and found.family.curve:
                x, y = np.moveaxis(found.points, -1, 0)
                follow_gamma(CLOUD, Following({"latents": {"x": x, "y": y}}, {}))
        with samples, st.spinner("Drawing samples …", show_time=True):
            drawn = found.samples(place)
            reach = float(f"{drawn.white.max():.2g}")
            beyond = f" (scaled; brightest value: {reach:g} × white)" if reach else ""
            with st.container(key=SAMPLES):
                heading = HEADING if revealed else "The model at γ = "
                st.html(f'<p class="heading">{heading}{shown}{beyond}</p>')
                tiles = [Tile(i, name, f"a sample of {name}") for i, name in zip(drawn.shown, classes, strict=True)]
                Row(tiles, 62, 5, narrow=5).show()
            if revealed and found.family.curve:
                follow_live(SAMPLES, found.family.members[0], "row", found.as_task(HEADING))
        st.html(legend_html(classes))

    def _slide(self, family: Family, start: float) -> float:
        """The slider at the γ of the URL, and where a person has put it."""
        low, high = family.gammas[0], family.gammas[-1]
        chosen = state.begin(state.GAMMA, start, lambda gamma: min(max(gamma, low), high))
        is_left_to_server = addresses_of(family.members[0]) is None  # which then draws on the way too
        gamma_slider(family, chosen, SLIDER, partial(state.put, state.GAMMA), is_live=is_left_to_server)
        state.link(state.GAMMA, chosen, start)
        return chosen

    def link(self) -> Link:
        """Every measure over γ."""
        return Link("All models on the page Results", "results", {})

    def playground(self) -> Link:
        """The lesson of the playground about it."""
        return Link("Watch a small γ being trained, on the page Playground", "playground", named("Generative").query)
