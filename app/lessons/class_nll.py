"""Lesson 6: why plain maximum likelihood forgets the classes."""

import math

import numpy as np

import ibinn_core as ib
from app.figures.latent import frame_of
from app.figures.lessons import Slope, bits_figure, landscape_figure, plane_figure
from app.latent_space import clouds
from app.lessons.course import Lesson, Link, Note, Scale
from app.lessons.parts import Chart, Part, Words, heading
from app.lessons.prose import compared, grouped, percent
from app.models import asking, registry
from app.models.names import colors_of, name_of
from app.palette import legend_html
from app.playground.presets import named
from ibinn_core.checkpoint import Checkpoint
from ibinn_core.evaluation import Landscape

MODEL = "class-nll"
DOTS = 2000
EDGE = 1.06  # how much of the plane is shown, by the size of the larger cloud
CLOUD = 230  # height in CSS pixels, as lessons.css has it for the empty frame
SCALES = np.linspace(0, 2.5, 51)  # of the class means, from all in one place over as trained, 1, to farther apart
FARTHEST = 6  # distance of the means that is shown


def epochs_of(checkpoint: Checkpoint) -> float:
    """How long a model's weights were trained, those of its ancestors included."""
    return sum(step.get("epochs", 0) for step in (*checkpoint.config["ancestry"], checkpoint.config["budget"]))


@asking.kept
def landscape_of(checkpoint_id: str) -> Landscape:
    """A model's own loss over the distance of its class means, on the test set."""
    return ib.evaluation.landscape_of(registry.by_id(checkpoint_id), SCALES)


def slope_of(checkpoint: Checkpoint, color: str) -> Slope:
    """The curve of :func:`landscape_of`, and where on it the model is."""
    found, trained = landscape_of(checkpoint.id), int(np.abs(SCALES - 1).argmin())
    return Slope(name_of(checkpoint), color, *found, (found.distance[trained], found.loss[trained]))


class ClassNLL(Lesson[Scale]):
    """The class is a drop in the ocean of an image's bits."""

    title = "Why plain likelihood neglects the classes"
    question = (
        "Take the same network and the same labels, but only [maximum likelihood]: make each image as likely as it can "
        "be under its own class. This is [class-NLL]. **What share of the test images gets a wrong class?**"
    )
    ask = "Your guess: how many are wrong?"
    guess = Scale("Share of wrong answers", 0, 100, 20)
    caption = (
        "The class is the thin line on the left. Each dot is a test image in [latent] space, in the plane in which the "
        "classes lie farthest apart; both planes have the same scale. On the right, the class means are moved "
        "together and apart: the curve shows how the loss of the training changes. The dot is the trained model."
    )
    task = "Follow some images from one model to the other in latent space."
    point = "Likelihood alone hardly asks for the classes; the [information bottleneck] does."
    notes = (
        Note(
            50,
            "It sounds like the natural thing to do: a density for each class, trained with the labels. Remind the "
            "room of the error of {other} from lesson three.",
        ),
        Note(30, "Let somebody drag. Pure guessing would be wrong for {guessing}."),
        Note(
            100,
            "The bar is the reason: describing the pixels is worth thousands of bits, naming the class a few. The "
            "training spends its effort where the bits are. Then the curves, the paper's loss landscape, measured: "
            "put a finger on the left end, where all class means lie in one place, and ask what it costs either model.",
        ),
        Note(50, "Close the circle: γ makes the class count. That is how the paper makes a good classifier of a flow."),
    )
    needs = (MODEL, registry.FIRST_MODEL)
    widths = (1, 1, 1)

    def _models(self) -> list[Checkpoint]:
        return [registry.by_id(id) for id in self.needs]

    def bits(self) -> tuple[float, float]:
        """What describing an image costs, and what naming its class may save at most, in bits."""
        checkpoint = registry.by_id(MODEL)
        return checkpoint.card["bits_per_dim"]["mean"] * checkpoint.dataset.dims, math.log2(len(checkpoint.classes))

    def values(self) -> dict[str, str]:
        """Both models' errors, and the bits."""
        first, second = self._models()
        image, label = self.bits()
        rises = [slope.loss[0] - slope.trained[1] for slope in self._slopes()]
        return {
            "rise": f"{rises[0]:.3f}",
            "other_rise": f"{rises[1]:.1f}",
            "image_bits": grouped(image),
            "class_bits": f"{label:.1f}",
            "share": percent(label / image, 2),
            "tiny": f"{1 / first.dataset.dims:.4f}",
            "error": percent(first.card["error"]),
            "other": name_of(second),
            "other_error": percent(second.card["error"]),
            "guessing": percent(1 - 1 / len(first.classes)),
            "epochs": f"{epochs_of(first):.0f}",
            "other_epochs": f"{epochs_of(second):.0f}",
            "taught": ", some with teachers" if second.config["training"].get("teachers") else "",
        }

    def reveal(self) -> str:
        """Why, and what helps."""
        return (
            "Describing an image costs {image_bits} bits, and knowing its class can save at most {class_bits} of "
            "them, {share}: likelihood alone has next to no reason to tell classes apart, and {error} are "
            "wrong. The [information bottleneck] lets γ say how much the class counts: class-NLL is the same loss at "
            "γ = {tiny}. With {other} the same network, trained for {other_epochs} instead of {epochs} epochs{taught}, "
            "is wrong for {other_error}. Move all class means to one place: the loss of {other} rises by {other_rise}, "
            "the loss of class-NLL by only {rise}."
        )

    def verdict(self, guess: str) -> str:
        """How near the prediction was."""
        return compared(self.guess.read(guess), registry.by_id(MODEL).card["error"])

    def parts(self, guess: str, revealed: bool) -> list[list[Part]]:
        """What the bits of an image are spent on; once it is revealed, both models' latents."""
        image, label = self.bits()
        alt = f"Of {image:.0f} bits that describe an image, its class may save {label:.1f}."
        clouds = [self._cloud(*plane, revealed or plane[0].id != MODEL) for plane in self._planes()]
        beside = [*clouds, self._landscape(revealed)]
        classes = self._models()[0].classes
        return [[Chart(bits_figure(image, label), "lesson-bits", alt)], beside, [Words(legend_html(classes))]]

    def _slopes(self) -> list[Slope]:
        models = self._models()
        return [slope_of(one, color) for one, color in zip(models, colors_of(models), strict=True)]

    def _landscape(self, is_shown: bool) -> Part:
        """The losses over the distance of the class means; before it is revealed, that of the other model alone."""
        slopes = self._slopes()[0 if is_shown else 1 :]
        alt = "The loss of the training over the distance of the class means. " + "; ".join(
            f"{one.name}: {one.trained[1] - one.loss[0]:+.3f} at {one.trained[0]:.1f}, where they are" for one in slopes
        )
        figure = landscape_figure(slopes, CLOUD, FARTHEST)
        return Chart(figure, "lesson-landscape", alt, title="Loss: means drawn apart")

    def _planes(self) -> list[tuple[Checkpoint, np.ndarray, tuple[np.ndarray, np.ndarray]]]:
        """Of each model, where test images lie, ``(N, 2)``, and the lowest and highest coordinates to show."""
        found = [(checkpoint, _plane(checkpoint)) for checkpoint in self._models()]
        boxes = [frame_of(points) for _, points in found]
        span = EDGE * max(float((high - low).max()) for low, high in boxes)
        middles = [(low + high) / 2 for low, high in boxes]
        return [(*one, (m - span / 2, m + span / 2)) for one, m in zip(found, middles, strict=True)]

    def _cloud(
        self, checkpoint: Checkpoint, points: np.ndarray, bounds: tuple[np.ndarray, np.ndarray], is_shown: bool
    ) -> Part:
        """A model's test images, or an empty frame."""
        name, error = name_of(checkpoint), percent(checkpoint.card["error"])
        if not is_shown:
            frame = '<div class="unknown-cloud" role="img" aria-label="not yet shown">?</div>'
            return Words(heading(name, " how many wrong?") + frame)
        labels = checkpoint.latent["labels"][: len(points)].astype(int)
        figure = plane_figure(points, labels, bounds, CLOUD, classes=checkpoint.classes)
        alt = f"The latents of {len(points)} test images under {name}, coloured by class; {error} are wrong."
        return Chart(figure, f"lesson-{checkpoint.id}", alt, title=f"{name}: {error} wrong")

    def link(self) -> Link:
        """Both clouds side by side."""
        ids = ",".join(reversed(self.needs))  # in the order of the page
        return Link(
            "Both on the page Latent space",
            "latent",
            {"show": "Side by side", "models": ids, "view": "Linear discriminants"},
        )

    def playground(self) -> Link:
        """The lesson of the playground about it."""
        return Link(
            "Watch labels that hardly count, on the page Playground",
            "playground",
            named("Class-NLL of CIFAR-10").query,
        )


def _plane(checkpoint: Checkpoint) -> np.ndarray:
    """The first test images in the plane of the linear discriminants, where a model's classes are farthest apart."""
    return clouds.cloud(checkpoint, "lda").points[:DOTS]
