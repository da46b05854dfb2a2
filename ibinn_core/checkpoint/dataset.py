"""Which data set a checkpoint's model was trained on, as its ``config.json`` says."""

from dataclasses import replace

from ..data.datasets import DATASETS, DEFAULT, Dataset


def describe_dataset(dataset: Dataset) -> dict:
    """What a checkpoint's config keeps of its data set, in plain JSON values; of a person's folder not its place."""
    values = {
        "name": dataset.name,
        "title": dataset.title,
        "classes": list(dataset.classes),
        "image_shape": list(dataset.image_shape),
    }
    return values if dataset.fingerprint is None else {**values, "fingerprint": dataset.fingerprint}


def dataset_of(config: dict) -> Dataset:
    """The data set in a config.

    A config may name one and say no more: the rest is what that name stands for. Where it stands for nothing, or for
    other classes than there are, the classes are called by their numbers.
    """
    stored, architecture = config["data"], config["training"].get("architecture")
    numbers = architecture if isinstance(architecture, dict) else {}
    known = DATASETS.get(stored["name"])
    count = config["num_classes"]
    own = known.classes if known and known.num_classes == count else tuple(map(str, range(count)))
    classes = tuple(stored.get("classes") or own)
    if known and tuple(name.replace("_", " ") for name in classes) == known.classes:  # CIFAR-100's own files have "_"
        classes = known.classes
    values = {
        "title": stored.get("title") or (known.title if known else stored["name"]),
        "classes": classes,
        "image_shape": _numbers(numbers, "image_shape") or (known or DATASETS[DEFAULT]).image_shape,
        "mean": _numbers(numbers, "mean"),
        "std": _numbers(numbers, "std"),
        "fingerprint": stored.get("fingerprint"),
    }
    return replace(known, **values) if known else Dataset(stored["name"], **values)


def _numbers(architecture: dict, name: str) -> tuple:
    """A list of numbers in the config of an architecture, nothing where there is none: loading says what is wrong."""
    values = architecture.get(name)
    return tuple(values) if isinstance(values, list) else ()
