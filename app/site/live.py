"""What the site's view "Try it" begins with."""

from typing import Any

from app.images.pad import drawings
from app.models import registry
from app.palette import class_colors
from ibinn_core.models.classifier import GenerativeClassifier
from ibinn_core.weight_space import Family


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
        "drawings": drawings() if registry.is_of_digits(dataset) else [],
    }
