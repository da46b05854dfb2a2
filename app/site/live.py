"""What the site's view "Try it" begins with."""

from typing import Any, NamedTuple

from app.images.handwriting import Stroke
from app.models import registry
from app.palette import class_colors
from ibinn_core.models.classifier import GenerativeClassifier
from ibinn_core.weight_space import Family


class Drawing(NamedTuple):
    """What a person can begin with, without a pen."""

    name: str
    strokes: list[Stroke]


#: The first one is there when the page is.
DRAWINGS = (
    Drawing("a 4", [[(0.36, 0.08), (0.22, 0.55), (0.8, 0.55)], [(0.62, 0.3), (0.6, 0.95)]]),
    Drawing("a 7", [[(0.2, 0.12), (0.78, 0.12), (0.42, 0.92)]]),
    Drawing(
        "a 3",
        [
            [(0.25, 0.12), (0.6, 0.08), (0.72, 0.25), (0.6, 0.42), (0.42, 0.46)]
            + [(0.64, 0.5), (0.77, 0.7), (0.62, 0.9), (0.22, 0.88)]
        ],
    ),
    Drawing("the letter W", [[(0.1, 0.1), (0.3, 0.9), (0.5, 0.3), (0.7, 0.9), (0.9, 0.1)]]),
    Drawing("nothing", []),
)


def live_of(family: Family, is_live: bool) -> dict[str, Any]:
    """What ``app/static/site/try_it.js`` gets of a family; ``is_live`` says whether its models are there."""
    dataset, model = family.members[0].dataset, family.at(family.curve[0].gamma)
    assert isinstance(model, GenerativeClassifier)
    return {
        "is_live": is_live,
        "shape": list(model.config.image_shape),
        "classes": list(dataset.classes),
        "colors": list(class_colors(dataset.num_classes)),
        "noise": model.noise,
        "temperature": dataset.temperature,
        "guidance": dataset.guidance,
        "drawings": [drawing._asdict() for drawing in DRAWINGS] if registry.is_of_digits(dataset) else [],
    }
