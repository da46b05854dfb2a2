"""The list of data sets, and the errors of this package.

A new data set needs an entry in :data:`DATASETS`. Its family of models needs a table in ``training/recipe.toml``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from math import prod
from typing import NamedTuple

from ..models.fields import shown

DEFAULT = "cifar10"  # the data set of the paper
MAX_CLASSES = 200

CIFAR10_CLASSES = ("airplane", "car", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")

CIFAR100_SUPERCLASSES = {
    "aquatic mammals": ("beaver", "dolphin", "otter", "seal", "whale"),
    "fish": ("aquarium fish", "flatfish", "ray", "shark", "trout"),
    "flowers": ("orchid", "poppy", "rose", "sunflower", "tulip"),
    "food containers": ("bottle", "bowl", "can", "cup", "plate"),
    "fruit and vegetables": ("apple", "mushroom", "orange", "pear", "sweet pepper"),
    "household electrical devices": ("clock", "keyboard", "lamp", "telephone", "television"),
    "household furniture": ("bed", "chair", "couch", "table", "wardrobe"),
    "insects": ("bee", "beetle", "butterfly", "caterpillar", "cockroach"),
    "large carnivores": ("bear", "leopard", "lion", "tiger", "wolf"),
    "large man-made outdoor things": ("bridge", "castle", "house", "road", "skyscraper"),
    "large natural outdoor scenes": ("cloud", "forest", "mountain", "plain", "sea"),
    "large omnivores and herbivores": ("camel", "cattle", "chimpanzee", "elephant", "kangaroo"),
    "medium-sized mammals": ("fox", "porcupine", "possum", "raccoon", "skunk"),
    "non-insect invertebrates": ("crab", "lobster", "snail", "spider", "worm"),
    "people": ("baby", "boy", "girl", "man", "woman"),
    "reptiles": ("crocodile", "dinosaur", "lizard", "snake", "turtle"),
    "small mammals": ("hamster", "mouse", "rabbit", "shrew", "squirrel"),
    "trees": ("maple tree", "oak tree", "palm tree", "pine tree", "willow tree"),
    "vehicles 1": ("bicycle", "bus", "motorcycle", "pickup truck", "train"),
    "vehicles 2": ("lawn mower", "rocket", "streetcar", "tank", "tractor"),
}
CIFAR100_CLASSES = tuple(sorted(name for names in CIFAR100_SUPERCLASSES.values() for name in names))

MNIST_CLASSES = tuple("0123456789")

FASHION_MNIST_CLASSES = (
    "T-shirt",  # "T-shirt/top" in the original, which cannot be a folder name
    "trousers",
    "pullover",
    "dress",
    "coat",
    "sandal",
    "shirt",
    "sneaker",
    "bag",
    "ankle boot",
)


class DatasetError(ValueError):
    """A copy of a data set, or a folder of images, cannot be used; the message names the file or folder."""


class DatasetNotFoundError(FileNotFoundError):
    """A data set is not on this machine; the message says how to get the data set."""


class DownloadError(RuntimeError):
    """The official files could not be downloaded."""


class Official(NamedTuple):
    """Official files, whose addresses and checksums torchvision knows."""

    source: str  # class in torchvision.datasets
    folder: str  # where the class puts its files; stated here too, so that a search need not import torchvision
    host: str
    megabytes: int


@dataclass(frozen=True)
class Dataset:
    """A data set without its images. A new data set needs the first six values; the rest have defaults.

    Attributes:
        name: the name in commands, configs and file names: small letters, digits and hyphens.
        title: the name in texts.
        classes: the names of the classes, in the order of the labels.
        image_shape: ``(C, H, W)`` of an image.
        mean, std: mean and deviation of the training images' values in [0, 1] for each channel, used by the
            normalisation.
        flip: whether a training may mirror images.
        official: the official files, or ``None`` if only local copies can be read.
        embedded: the prefix of the test images' file names in the package foolbox (:func:`.embedded`), or
            ``None``.
        superclasses: coarser classes by name, each with the names of its classes.
        outliers: the out-of-distribution sets (:data:`.ood.EVERY`); by default those made from the test images.
        temperature, guidance: initial values on pages with samples; ``tools/sample_quality.py`` measures their samples.
        fingerprint: fingerprint of a user's folder of images, 16 hexadecimal digits; else ``None``.
    """

    name: str
    title: str
    classes: tuple[str, ...]
    image_shape: tuple[int, int, int]
    mean: tuple[float, ...]
    std: tuple[float, ...]
    flip: bool = True
    official: Official | None = None
    embedded: str | None = None
    superclasses: Mapping[str, tuple[str, ...]] = field(default_factory=dict, hash=False, repr=False)
    outliers: tuple[str, ...] = field(default=(), repr=False)
    temperature: float = 0.7
    guidance: float = 1.0
    fingerprint: str | None = None

    @property
    def num_classes(self) -> int:
        """K."""
        return len(self.classes)

    @property
    def dims(self) -> int:
        """D, the number of values in an image."""
        return prod(self.image_shape)

    @property
    def id_prefix(self) -> str:
        """The prefix of the models' ids: ``""`` for CIFAR-10, else the name and a hyphen."""
        return "" if self.name == DEFAULT else f"{self.name}-"


_GREY_OUTLIERS = ("rotation-45", "rotation-90", "rotation-180", "inverted", "noise", "gaussian-noise")
#: The out-of-distribution sets made from the test images, by the number of channels.
OUTLIERS = {1: _GREY_OUTLIERS, 3: ("rgb-rotation", "noise", "gaussian-noise")}
_FIG5 = ("rgb-rotation", "drawings", "noise", "imagenet", "gaussian-noise")

_ENTRIES = (
    Dataset(
        "cifar10",
        "CIFAR-10",
        CIFAR10_CLASSES,
        image_shape=(3, 32, 32),
        mean=(0.4914, 0.4822, 0.4465),
        std=(0.2470, 0.2435, 0.2616),
        official=Official("CIFAR10", "cifar-10-batches-py", "www.cs.toronto.edu", 170),
        embedded="cifar10",
        outliers=(*_FIG5, "cifar100"),
        temperature=0.85,
        guidance=1.4,
    ),
    Dataset(
        "cifar100",
        "CIFAR-100",
        CIFAR100_CLASSES,
        image_shape=(3, 32, 32),
        mean=(0.5071, 0.4865, 0.4409),
        std=(0.2673, 0.2564, 0.2762),
        official=Official("CIFAR100", "cifar-100-python", "www.cs.toronto.edu", 169),
        embedded="cifar100",
        superclasses=CIFAR100_SUPERCLASSES,
        outliers=(*_FIG5, "cifar10"),
        temperature=0.85,
        guidance=1.4,
    ),
    Dataset(
        "mnist",
        "MNIST",
        MNIST_CLASSES,
        image_shape=(1, 28, 28),
        mean=(0.1307,),
        std=(0.3081,),
        flip=False,
        official=Official("MNIST", "MNIST/raw", "ossci-datasets.s3.amazonaws.com", 12),
        embedded="mnist",
        outliers=("fashion-mnist", "cifar10-grey", *_GREY_OUTLIERS),
        temperature=0.5,
        guidance=1.25,
    ),
    Dataset(
        "fashion-mnist",
        "Fashion-MNIST",
        FASHION_MNIST_CLASSES,
        image_shape=(1, 28, 28),
        mean=(0.2860,),
        std=(0.3530,),
        official=Official(
            "FashionMNIST", "FashionMNIST/raw", "fashion-mnist.s3-website.eu-central-1.amazonaws.com", 31
        ),
        embedded="fashionMNIST",
        outliers=("mnist", "cifar10-grey", *_GREY_OUTLIERS),
    ),
)
#: The data sets by name.
DATASETS = {dataset.name: dataset for dataset in _ENTRIES}

SAMPLE = "sample"  # the name of CIFAR-10's embedded images in `load`
#: Class names in the order of the labels, for each name that `load` knows.
CLASSES = {**{name: dataset.classes for name, dataset in DATASETS.items()}, SAMPLE: CIFAR10_CLASSES}


def is_registered(name: str) -> bool:
    """Checks whether a name is the name of a data set, not the path of a folder."""
    return isinstance(name, str) and name in CLASSES


def registered(name: str) -> Dataset:
    """Returns the data set of a registered name; the name "sample" gives CIFAR-10."""
    return DATASETS[DEFAULT if name == SAMPLE else name]


def unknown(name: object) -> ValueError:
    """Returns the error for an unknown name of a data set."""
    return ValueError(
        f"There is no data set {shown(name)}; choose {listed(CLASSES)}, or the path of a folder of images "
        "(in commands --data FOLDER), or set IBINN_DATA to the folder that contains it."
    )


def listed(names: Iterable[str]) -> str:
    """Joins names as in a sentence: 'a', 'b' or 'c'."""
    *rest, last = map(repr, names)
    return f"{', '.join(rest)} or {last}" if rest else last
