"""Images: data sets with labels, and files of one's own.

===============  =====================================================================================
``datasets``     what each data set is: its title, its classes, the shape of its images
``copies``       where copies of them lie on this machine
``readers``      reading a copy: an archive of arrays, or folders of image files
``official``     the official files: reading and downloading them
``folders``      a person's folder of images as a data set
``loading``      a data set by its name or path, and the embedded images
``parts``        what of it is trained on, held out and tested on
``fingerprint``  hashes of pixels, which find an image in any copy
``images``       small images as pixels; to and from a link, to and from the models' units
``image_files``  an image file as a few pixels, within limits (``image_parts``, ``image_scaling``)
``ood``          the out-of-distribution sets
===============  =====================================================================================

Asking for a data set that is not on this machine raises a `DatasetNotFoundError`; no other source takes its place.
Only the official files need torch, as torchvision knows their names and checksums.
"""

from .copies import available, find, folder, roots
from .datasets import (
    CIFAR10_CLASSES,
    CIFAR100_CLASSES,
    CLASSES,
    DATASETS,
    FASHION_MNIST_CLASSES,
    MNIST_CLASSES,
    Dataset,
)
from .errors import DatasetError, DatasetNotFoundError, DownloadError
from .fingerprint import locate, pixel_hash
from .loading import classes_of, describe, embedded, load, sample
from .official import download
from .parts import Parts, parts

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
    "Parts",
    "available",
    "classes_of",
    "describe",
    "download",
    "embedded",
    "find",
    "folder",
    "load",
    "locate",
    "parts",
    "pixel_hash",
    "roots",
    "sample",
]
