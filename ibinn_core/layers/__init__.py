"""Invertible layers, which all keep the contract in :mod:`ibinn_core.layers.base`."""

from .alignment import Alignment
from .base import FixedMatrix, InvertibleLayer
from .coupling import AffineCoupling, DownsamplingCoupling
from .gaussianization import ConditionalGaussianization
from .linear import DCT, Flatten, HardPermutation, SoftPermutation, Squeeze
from .scaling import ActNorm, FixedScaling, Normalization
from .subnetwork import convolutional, fully_connected
from .whitening import ColourWhitening, CosineWhitening, Whitening

__all__ = [
    "ActNorm",
    "AffineCoupling",
    "Alignment",
    "ColourWhitening",
    "ConditionalGaussianization",
    "CosineWhitening",
    "DCT",
    "DownsamplingCoupling",
    "FixedMatrix",
    "FixedScaling",
    "Flatten",
    "HardPermutation",
    "InvertibleLayer",
    "Normalization",
    "SoftPermutation",
    "Squeeze",
    "Whitening",
    "convolutional",
    "fully_connected",
]
