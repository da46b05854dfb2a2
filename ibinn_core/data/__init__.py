"""Data sets and images: loading, downloading, pixels and their hashes, image files, out-of-distribution sets.

Loading a data set that is not on this machine raises a `DatasetNotFoundError`. Official files need torchvision.
"""

from . import ood as ood  # ib.data.ood
from .copies import available, find, roots
from .datasets import (
    CIFAR10_CLASSES,
    CIFAR100_CLASSES,
    CLASSES,
    DATASETS,
    FASHION_MNIST_CLASSES,
    MNIST_CLASSES,
    Dataset,
    DatasetError,
    DatasetNotFoundError,
    DownloadError,
)
from .images import locate, pixel_hash
from .loading import Splits, classes_of, describe, embedded, load, sample, splits
from .official_files import download

__all__ = [
    "CIFAR10_CLASSES",
    "CIFAR100_CLASSES",
    "CLASSES",
    "DATASETS",
    "Dataset",
    "DatasetError",
    "DatasetNotFoundError",
    "DownloadError",
    "FASHION_MNIST_CLASSES",
    "MNIST_CLASSES",
    "Splits",
    "available",
    "classes_of",
    "describe",
    "download",
    "embedded",
    "find",
    "load",
    "locate",
    "pixel_hash",
    "roots",
    "sample",
    "splits",
]
