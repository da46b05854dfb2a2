"""The panel Sample: samples of each class (Figs. 8 and 14)."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from app.answer import Answer, Images
from app.controls import Before, ComparedState, clicked, number, one_of, some_of
from app.desk import question
from app.figures.bars import posterior_bars
from app.images.opening import classes_named, first_classes
from app.inference.computations import evaluate, samples
from app.models import registry
from app.models.names import name_of
from app.panel import Panel, Part, Plot, View
from app.widgets.markdown import markdown_text
from app.widgets.tiles import Tiles

COUNT, MIN_COUNT, OF_ALL = 10, 3, 28  # samples per class: of one model; of each of several, at least; of these in all
MAX_CLASSES = 10  # rows
CENTERS = {"empirical": "Class's images", "mean": "Model's mixture"}
WHY = (
    "Draws around the mean latent of the class's training images, in units of their measured spread; or from the "
    "class's Gaussian, where the model says the class is. Where the two differ, the Gaussian misses the real images."
)
GUIDANCE = (
    "How strongly samples differ from other classes. At 1 they lie around the class's mean, above 1 farther from the "
    "other classes (classifier-free guidance). Guidance does not change samples of the model's mixture."
)


def classes_and_superclasses(before: Before) -> Sequence[str]:
    """The names of superclasses and classes to choose from."""
    dataset = registry.dataset()
    return [*dataset.superclasses, *dataset.classes]


@dataclass(frozen=True)
class State(ComparedState):
    """The sampling settings, and the clicked sample."""

    center: str = one_of("Drawn around", lambda before: CENTERS, help=WHY)
    temperature: float = number(
        "Temperature",
        0.0,
        1.2,
        0.05,
        lambda before: registry.dataset().temperature,
        "Standard deviation of the drawn latents; lower is nearer to the centre.",
    )
    guidance: float = number(
        "Guidance",
        0.0,
        2.0,
        0.05,
        lambda before: registry.dataset().guidance,
        GUIDANCE,
        lambda before: before["center"] == "empirical",
    )
    seed: int = number("Seed", 0, 9999, 1, lambda before: 0, "Seed of the noise that all classes and models share.")
    classes: Sequence[str] = some_of(
        "Classes",
        classes_and_superclasses,
        lambda before: first_classes(registry.dataset().classes),
        "Each class is a row.",
    )
    tile: str = clicked(lambda said, before: said)


def count_for(models: int) -> int:
    """The number of samples per class and model for which there is room."""
    return COUNT if models == 1 else max(MIN_COUNT, min(7, OF_ALL // models))


def views(state: State) -> list[View]:
    """A grid of samples for each model, with the answers of that model and of a classifier on them."""
    labels, count = classes_named(state.classes)[:MAX_CLASSES], count_for(len(state.models))
    guidance = state.guidance if state.center == "empirical" else 1.0
    how = (state.temperature, state.center, guidance, state.seed)
    shown, judged, details = [], [], []
    for number_of, model in enumerate(state.models):
        drawn = [question(samples, model, (label,) * count, *how) for label in labels]
        judges = [model, *state.beside[:1]]
        asked = [question(evaluate, judge, one) for judge in judges for one in drawn]
        grid = _Grid(state, model, f"samples-{number_of}", labels, count, guidance, judges)
        shown.append(View(drawn, grid.tiles))
        judged.append(View(asked, grid.verdict))
        if grid.clicked:
            details.append(View(asked, grid.posteriors, on_stage=False))
    return [*shown, *judged, *details]


@dataclass(frozen=True)
class _Grid:
    """The samples of one model."""

    state: State
    model: str
    key: str
    labels: Sequence[int]
    count: int
    guidance: float
    judges: Sequence[str]

    @property
    def names(self) -> list[str]:
        """The classes of the rows."""
        return [registry.by_id(self.model).classes[k] for k in self.labels]

    @property
    def values(self) -> list[str]:
        """The value that a click on each sample reports, row by row."""
        return [f"{name}-{number}" for name in self.names for number in range(1, self.count + 1)]

    @property
    def clicked(self) -> tuple[int, int] | None:
        """Row and column of the clicked sample, if it is in this grid."""
        return divmod(self.values.index(self.state.tile), self.count) if self.state.tile in self.values else None

    @property
    def who(self) -> str:
        """The model's name."""
        return name_of(registry.by_id(self.model))

    @property
    def is_alone(self) -> bool:
        """Whether the page shows only this model."""
        return len(self.state.models) == 1

    def tiles(self, *rows: Images) -> Part:
        """The grid of samples, a row for each class."""
        state, names = self.state, self.names
        live = {
            "classes": list(self.labels),
            "columns": self.count,
            "shape": registry.by_id(self.model).dataset.image_shape,
            "temperature": state.temperature,
            "center": state.center,
            "guidance": self.guidance,
            "seed": state.seed,
        }
        return Tiles(
            self.key,
            np.stack([row.shown for row in rows]),
            [f"{' '.join(value.rsplit('-', 1))}: show the models' answers" for value in self.values],
            f"Samples of {', '.join(names)} from {self.who}.",
            heading="" if self.is_alone else self.who,
            rows=names,
            marks=[mark for row in rows for mark in row.marks],
            values=self.values,
            chosen=state.tile,
            picks="tile",
            largest=128,
            live=(self.model, "samples", live) if self.model == state.model else None,
            wide=self.is_alone,
        )

    def verdict(self, *found: Answer) -> Sequence[Part]:
        """Texts: how many samples the model and a classifier recognise, and their answers on the clicked sample."""
        answers, asked, said = self._by_judge(found), len(self.labels) * self.count, []
        for judge, of_judge in zip(self.judges, answers, strict=True):
            right = sum(one.recognised(label) for one, label in zip(of_judge, self.labels, strict=True))
            who = "the model itself" if judge == self.model else f"**{markdown_text(name_of(registry.by_id(judge)))}**"
            said.append(f"{who} {right}")
        median = float(np.median([bits for one in answers[0] if one.bits is not None for bits in one.bits]))
        usual = registry.by_id(self.model).card["bits_per_dim"]["median"]
        compared = f"Their median is {median:.2f} bits/dim; the median of test images is {usual:.2f}."
        words = f"Samples recognised as their class, of {asked}: {', '.join(said)}. {compared}"
        if registry.by_id(self.model).gamma == 0:
            words = "The model was trained without labels: its Gaussians belong to no class."
        about = "" if self.is_alone else f"**{markdown_text(self.who)}**: "
        parts = [about + words]
        if self.clicked:
            row, column = self.clicked
            tops = [f"{name_of(registry.by_id(one[row].model))}: {one[row].top(column)}" for one in answers]
            parts.append(markdown_text(" · ".join([f"{self.names[row]} {column + 1}", *tops])))
        return parts

    def posteriors(self, *found: Answer) -> Sequence[Part]:
        """The posterior of the clicked sample under each model that judges it."""
        assert self.clicked
        row, column = self.clicked
        parts: list[Part] = []
        for one in (of_judge[row] for of_judge in self._by_judge(found)):
            who = name_of(registry.by_id(one.model))
            figure = posterior_bars(one.posterior[column], self.labels[row], classes=one.classes)
            figure.update_layout(title={"text": who, "font": {"size": 15}}, margin_t=28)
            parts.append(Plot(f"{self.key}-{one.model}", figure, f"{who}: {one.top(column)}", bare=True))
        return parts

    def _by_judge(self, found: Sequence[Answer]) -> list[Sequence[Answer]]:
        """The answers grouped by the judging model, with one answer per row of samples."""
        rows = len(self.labels)
        return [found[rows * n : rows * (n + 1)] for n in range(len(self.judges))]


PANEL = Panel(
    "sample",
    "Sample",
    "What do you see of a class: its colours, its shape, or nothing that you could name? Move the slider and "
    "compare. A number on a sample says how many times as bright as white it gets; the sample is scaled to show this.",
    State,
    views,
    "Latents are drawn from a Gaussian around a class's centre and sent back through the network. The samples of a "
    "column share their noise, so only the class differs. Draw from the model's own mixture: if the samples get "
    "worse, the images do not lie where the mixture says. Click a sample to see the models' answers on it; click "
    "again to clear the choice. Like images, samples are clipped and rounded to 8 bits before a model judges them.",
    has_slider=True,
)
