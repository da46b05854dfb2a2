"""The data sets: what each is called, what its classes are called, and what its images look like."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from math import prod

from ..models.schema import shown

DEFAULT = "cifar10"  # the data set of the paper
MOST_CLASSES = 200

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
    "T-shirt",  # and other tops: its makers write "T-shirt/top", which no folder can be called
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
    """A copy of a data set is damaged or not what its name says; the message names the file."""


class DatasetNotFoundError(FileNotFoundError):
    """A data set is not on this machine; the message says how to get it."""


class DownloadError(RuntimeError):
    """The official files could not be downloaded, or what was downloaded are not the official files."""


@dataclass(frozen=True)
class Dataset:
    """What a data set is, without its images.

    Attributes:
        name: in commands, configs and file names: small letters, digits and hyphens.
        title: as people write it.
        classes: the names of the classes, in the order of the labels.
        image_shape: ``(C, H, W)`` of an image.
        mean, std: of the training images' values in [0, 1], a number a channel, for the normalisation.
        flip: whether a mirrored image is still one of its class, so that a training may mirror images.
        official: the class in ``torchvision.datasets`` that knows the official files, or ``None``.
        official_folder: where these files lie under a folder of data sets, or ``None``.
        has_embedded: whether twenty test images come with the package foolbox (:func:`.embedded`).
        superclasses: coarser classes by their names, each with the names of its classes; empty if there are none.
        fingerprint: of the images of a person's folder, 16 hexadecimal digits; ``None`` where the name says enough.
    """

    name: str
    title: str
    classes: tuple[str, ...]
    image_shape: tuple[int, int, int]
    mean: tuple[float, ...]
    std: tuple[float, ...]
    flip: bool = True
    official: str | None = None
    official_folder: str | None = None
    has_embedded: bool = False
    superclasses: Mapping[str, tuple[str, ...]] = field(default_factory=dict, hash=False, repr=False)
    fingerprint: str | None = None

    @property
    def num_classes(self) -> int:
        """K."""
        return len(self.classes)

    @property
    def dims(self) -> int:
        """The number of values in an image."""
        return prod(self.image_shape)

    @property
    def id_prefix(self) -> str:
        """What the ids of checkpoints begin with: nothing for CIFAR-10, the name and a hyphen for others."""
        return "" if self.name == DEFAULT else f"{self.name}-"


_REGISTERED = (
    Dataset(
        "cifar10",
        "CIFAR-10",
        CIFAR10_CLASSES,
        image_shape=(3, 32, 32),
        mean=(0.4914, 0.4822, 0.4465),
        std=(0.2470, 0.2435, 0.2616),
        official="CIFAR10",
        # Repeated from torchvision here and below, so that looking for a copy does not import it.
        official_folder="cifar-10-batches-py",
        has_embedded=True,
    ),
    Dataset(
        "cifar100",
        "CIFAR-100",
        CIFAR100_CLASSES,
        image_shape=(3, 32, 32),
        mean=(0.5071, 0.4865, 0.4409),
        std=(0.2673, 0.2564, 0.2762),
        official="CIFAR100",
        official_folder="cifar-100-python",
        has_embedded=True,
        superclasses=CIFAR100_SUPERCLASSES,
    ),
    Dataset(
        "mnist",
        "MNIST",
        MNIST_CLASSES,
        image_shape=(1, 28, 28),
        mean=(0.1307,),
        std=(0.3081,),
        flip=False,
        official="MNIST",
        official_folder="MNIST/raw",
        has_embedded=True,
    ),
    Dataset(
        "fashion-mnist",
        "Fashion-MNIST",
        FASHION_MNIST_CLASSES,
        image_shape=(1, 28, 28),
        mean=(0.2860,),
        std=(0.3530,),
        official="FashionMNIST",
        official_folder="FashionMNIST/raw",
        has_embedded=True,
    ),
)
#: The data sets that are known by their names.
DATASETS = {dataset.name: dataset for dataset in _REGISTERED}

SAMPLE = "sample"  # CIFAR-10's embedded images, as `load` calls them
CLASSES = {**{name: dataset.classes for name, dataset in DATASETS.items()}, SAMPLE: CIFAR10_CLASSES}
"""Class names in the order of the labels, for each name that `load` knows."""


def is_registered(name: str) -> bool:
    """Whether a name is that of a data set, and not the path of a folder."""
    return name in CLASSES


def registered(name: str) -> Dataset:
    """The data set with a name that :func:`is_registered`; "sample" is CIFAR-10."""
    return DATASETS[DEFAULT if name == SAMPLE else name]


def unknown(name: object) -> ValueError:
    """The error for a name that no data set has."""
    return ValueError(
        f"There is no data set {shown(name)}; choose {listed(CLASSES)}, or the path of a folder of images."
    )


def listed(names: Iterable[str]) -> str:
    """The names as a sentence lists them: 'a', 'b' or 'c'."""
    *rest, last = map(repr, names)
    return f"{', '.join(rest)} or {last}" if rest else last
