"""Likelihoods in bits/dim."""

import numpy as np
import numpy.typing as npt

import ibinn_core as ib
from ibinn_core.checkpoint import Checkpoint


def bits_per_dim(checkpoint: Checkpoint, log_prob: npt.ArrayLike) -> np.ndarray:
    """Converts log q(x) in nats to bits/dim, for the noise that the model was trained with."""
    nats = np.asarray(log_prob, dtype=np.float64)
    return np.asarray(ib.bits_per_dim(nats, checkpoint.dataset.dims, checkpoint.noise))


def typical_bits(checkpoint: Checkpoint) -> tuple[float, float]:
    """The lowest and highest bits/dim that pass a model's typicality test."""
    least, most = ib.exploration.typical_range(checkpoint.latent["reference"])
    return float(bits_per_dim(checkpoint, most)), float(bits_per_dim(checkpoint, least))
