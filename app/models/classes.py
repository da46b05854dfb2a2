"""The names of the classes: those of the data set that the models were trained on."""

from ibinn_core.data import CIFAR10_CLASSES

CLASSES = CIFAR10_CLASSES
