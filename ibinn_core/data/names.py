"""The names of the data sets and of their classes."""

from __future__ import annotations

from collections.abc import Iterable

CIFAR10_CLASSES = ("airplane", "car", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")

CIFAR100_CLASSES = tuple(
    """
    apple aquarium_fish baby bear beaver bed bee beetle bicycle bottle bowl boy bridge bus butterfly
    camel can castle caterpillar cattle chair chimpanzee clock cloud cockroach couch crab crocodile cup
    dinosaur dolphin elephant flatfish forest fox girl hamster house kangaroo keyboard lamp lawn_mower
    leopard lion lizard lobster man maple_tree motorcycle mountain mouse mushroom oak_tree orange orchid
    otter palm_tree pear pickup_truck pine_tree plain plate poppy porcupine possum rabbit raccoon ray
    road rocket rose sea seal shark shrew skunk skyscraper snail snake spider squirrel streetcar
    sunflower sweet_pepper table tank telephone television tiger tractor train trout tulip turtle
    wardrobe whale willow_tree wolf woman worm
    """.split()
)

CLASSES = {"cifar10": CIFAR10_CLASSES, "cifar100": CIFAR100_CLASSES, "sample": CIFAR10_CLASSES}
"""Class names in the order of the labels, for each name that `load` knows."""

# Repeated from torchvision, so that looking for a copy does not import it.
OFFICIAL_FOLDERS = {"cifar10": "cifar-10-batches-py", "cifar100": "cifar-100-python"}
TITLES = {"cifar10": "CIFAR-10", "cifar100": "CIFAR-100"}


def check_name(name: str) -> None:
    """Raises a ValueError for a name that no data set has."""
    if name not in CLASSES:
        raise ValueError(f"There is no data set {name!r}; choose {listed(CLASSES)}.")


def listed(names: Iterable[str]) -> str:
    """The names as a sentence lists them: 'a', 'b' or 'c'."""
    *rest, last = map(repr, names)
    return f"{', '.join(rest)} or {last}"
