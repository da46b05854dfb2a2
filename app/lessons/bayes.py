"""Lesson 2: a generative classifier asks for a likelihood of each class, and Bayes' rule answers."""

import math
from typing import NamedTuple

import numpy as np

from app.desk import question
from app.figures.lessons import likelihood_figure
from app.images.pictures import Picture, images_of, sample
from app.inference.computations import evaluate
from app.lessons.course import Lesson, Link, Note, Scale
from app.lessons.parts import Chart, Part, Row, Tile
from app.lessons.prose import compared, percent
from app.models import asking, registry
from app.widgets.markdown import with_article
from ibinn_core.data.datasets import DATASETS, DEFAULT

WANTED = 0.75  # an image about which the model is as sure as this teaches most: neither certain nor lost


class Judged(NamedTuple):
    """A picture, and what the model makes of it."""

    picture: Picture
    log_likelihood: np.ndarray  # log q(x | y) in nats, (K,)
    posterior: np.ndarray  # (K,)


def judged() -> Judged:
    """The sample image that the model is nearly sure of."""
    images, labels, _ = images_of("sample", DATASETS[DEFAULT])
    answer = asking.ask(question(evaluate, registry.FIRST_MODEL, images))
    assert answer.log_likelihood is not None
    is_wrong = answer.posterior.argmax(1) != labels
    chosen = int(np.argmin(np.abs(answer.posterior.max(1) - WANTED) + is_wrong))
    return Judged(sample(chosen, DATASETS[DEFAULT]), answer.log_likelihood[chosen], answer.posterior[chosen])


class Bayes(Lesson[Scale]):
    """Ten likelihoods become a posterior."""

    title = "Ten likelihoods, and Bayes answers"
    question = (
        "This network does not name a class at once. For each of its {count} classes it says how likely the image "
        "would be if it showed that class: a [likelihood], here in [nats|nat] below the best one. **How sure can one "
        "be that the image shows {a_best}?**"
    )
    ask = "Your guess: how probable is {best}?"
    guess = Scale("How probable is the best class?", 10, 100, 50)
    caption = (
        "The longer a bar, the less likely the image would be if it showed that class: the bars count from the "
        "best one, which has none."
    )
    task = (
        "Turn the image upside down, blur it, or take one of your own: what happens to the likelihoods, and to the "
        "[entropy] of the posterior?"
    )
    point = "From the [likelihood] of each class, [Bayes' rule] makes a [posterior]."
    notes = (
        Note(
            45,
            "Say what the bars are: one question for each class, no comparison yet. The class "
            "without a bar is the one under which the image is most likely.",
        ),
        Note(30, "Ask for a number. Few people expect that so small a lead decides so much."),
        Note(
            60,
            "A nat is a factor of e. Do the division for the first two classes on the board, then add the others. "
            "The priors are equal here, so they cancel.",
        ),
        Note(45, "Open the link and read a row from left to right: likelihood, times prior, divided by the sum."),
    )
    needs = (registry.FIRST_MODEL,)
    widths = (1, 4)

    def values(self) -> dict[str, str]:
        """The two best classes, and what Bayes' rule makes of them."""
        picture, log_likelihood, posterior = judged()
        classes = registry.by_id(registry.FIRST_MODEL).classes
        best, second = np.argsort(-log_likelihood)[:2]
        # As it is written, so that whoever computes the factor from it finds the same.
        lead = round(float(log_likelihood[best] - log_likelihood[second]), 2)
        return {
            "count": str(len(classes)),
            "best": classes[best],
            "a_best": with_article(classes[best]),
            "second": classes[second],
            "a_second": with_article(classes[second]),
            "lead": f"{lead:.2f}",
            "factor": f"{math.exp(lead):.1f}",
            "posterior": percent(float(posterior.max())),
            "truth": picture.class_name,
        }

    def reveal(self) -> str:
        """How likelihoods become probabilities."""
        return (
            "A lead of {lead} nats means that the image is {factor} times as likely if it shows {a_best} as if it "
            "shows {a_second}. "
            "[Bayes' rule] multiplies each likelihood by its [prior], the same for all classes here, and divides by "
            "the sum: the [posterior] of {best} is {posterior}."
        )

    def verdict(self, guess: str) -> str:
        """How near the prediction was."""
        return compared(self.guess.read(guess), float(judged().posterior.max()))

    def parts(self, guess: str, revealed: bool) -> list[list[Part]]:
        """The likelihoods, and beside them the posterior once it is revealed."""
        picture, log_likelihood, posterior = judged()
        classes = registry.by_id(registry.FIRST_MODEL).classes
        caption = f"a test image: {picture.class_name}" if revealed else "a test image"
        relative = log_likelihood - log_likelihood.max()
        texts = [f"{name} {value:.1f} nats" for name, value in zip(classes, relative, strict=True)]
        if revealed:
            texts = [f"{t}, {percent(p)}" for t, p in zip(texts, posterior, strict=True)]
        shown = posterior if revealed else None
        figure = likelihood_figure(relative, shown, self.guess.read(guess), classes=classes)
        alt = f"Log-likelihood of each class{' and posterior' if revealed else ''}: " + "; ".join(texts)
        return [[Row([Tile(picture.pixels, caption, caption)], 150, 1), Chart(figure, "lesson-bayes", alt)]]

    def link(self) -> Link:
        """The same image under the same model, in all steps."""
        query = {"tab": "judge", "image": judged().picture.token, "models": registry.FIRST_MODEL}
        return Link("The same image on the page Test an image", "test-an-image", query)
