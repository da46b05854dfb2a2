"""Lesson 2: a generative classifier computes a likelihood of each class; Bayes' rule turns it into a posterior."""

import math
from collections.abc import Sequence

import numpy as np

from app.answer import Answer
from app.desk import Question, at_once, question
from app.figures.bars import likelihood_figure, posterior_bars
from app.images.handwriting import DRAWINGS, to_text
from app.images.pictures import images_of, sample
from app.inference.computations import evaluate
from app.lessons.course import Found, percentage_of
from app.lessons.prose import percent
from app.models import registry
from app.palette import ACCENT
from app.panel import Part, Plot
from app.widgets.markdown import with_article
from app.widgets.tiles import Tiles
from ibinn_core.data.datasets import DATASETS, DEFAULT

WANTED = 0.75  # preferred top probability: the class should be neither certain nor hopeless


def questions(revealed: bool) -> list[Question]:
    """Returns questions for the model's answers on the sample images."""
    return [question(evaluate, registry.FIRST_MODEL, question(images))]


@at_once
def images() -> np.ndarray:
    """Returns the sample images, uint8 ``(N, H, W, C)``."""
    return images_of("sample", DATASETS[DEFAULT])[0]


def found(answer: Answer) -> Found:
    """Picks the correctly classified image whose top probability is closest to ``WANTED``."""
    labels = images_of("sample", DATASETS[DEFAULT])[1]
    is_wrong = answer.posterior.argmax(1) != labels
    chosen = int(np.argmin(np.abs(answer.posterior.max(1) - WANTED) + is_wrong))
    picture, classes, posterior = sample(chosen, DATASETS[DEFAULT]), answer.classes, answer.posterior[chosen]
    assert answer.log_likelihood is not None
    relative = answer.log_likelihood[chosen] - answer.log_likelihood[chosen].max()
    best, second = np.argsort(-relative)[:2]
    lead = round(float(relative[best] - relative[second]), 2)  # rounded as in the text, so that the factor agrees
    values = {
        "count": str(len(classes)),
        "best": classes[best],
        "a_best": with_article(classes[best]),
        "second": classes[second],
        "lead": f"{lead:.2f}",
        "factor": f"{math.exp(lead):.1f}",
        "posterior": percent(float(posterior.max())),
        "letter": to_text(DRAWINGS["the letter W"]),
    }

    def draw(guess: str, revealed: bool) -> Sequence[Part]:
        caption = f"a test image: {picture.class_name}" if revealed else "a test image"
        texts = [f"{name} {value:.1f} nats" for name, value in zip(classes, relative, strict=True)]
        figure = likelihood_figure(relative, classes=classes)
        bars = posterior_bars(posterior if revealed else np.zeros_like(posterior), classes=classes)
        title = "posterior" if revealed else "posterior: ?"
        if (share := percentage_of(guess)) is not None:  # above and below the bar, so that its number stays readable
            title += f'   <span style="color:{ACCENT}">▼▲</span> your guess'
            left, tip, right = (share / 100 + aside for aside in (-0.02, 0, 0.02))
            marks = [f"M{left},{best + y} L{right},{best + y} L{tip},{best + 0.6 * y} Z" for y in (-0.5, 0.5)]
            bars.add_shape(type="path", path=" ".join(marks), fillcolor=ACCENT, line_width=0)
        bars.update_layout(title={"text": title, "font_size": 15}, margin_t=28)
        shares = [f"{name} {percent(p)}" for name, p in zip(classes, posterior, strict=True)]
        said = "; ".join(shares) if revealed else "not yet shown"
        return [
            Tiles("lesson-image", picture.pixels[None], [caption], caption, captions=[caption], columns=1, largest=300,
                  wide=False),
            Plot("lesson-likelihoods", figure, f"Log-likelihood of each class: {'; '.join(texts)}", bare=True),
            Plot("lesson-posterior", bars, f"Posterior of each class: {said}", bare=True),
        ]  # fmt: skip

    return Found(values, float(posterior.max()), draw)
