"""The library's result of the moves of the page Move, as a reference for a browser and a program."""

import numpy as np
import torch

import ibinn_core as ib
from app.inference.directions import styles
from app.latent_space.questions import plane_axes
from app.move_text import PLANE, WAY, Moves
from ibinn_core.exploration.counterfactual import on_top


class Mover:
    """A checkpoint's model, and the moves of images in it."""

    def __init__(self, checkpoint):
        model = ib.load(checkpoint.id)
        assert isinstance(model, ib.GenerativeClassifier)
        self.checkpoint, self.model = checkpoint, model
        self.means = self.model.class_means.numpy().astype(np.float64)
        self.centres = self.model.empirical_class_means.numpy().astype(np.float64)
        self.axes = plane_axes(checkpoint.id)

    def sample(self, label: int) -> np.ndarray:
        """An image of a class."""
        return ib.to_uint8(self.model.sample([label], 0.5, "empirical", torch.Generator().manual_seed(1)))[0]

    def encode(self, pixels: np.ndarray) -> np.ndarray:
        with torch.no_grad():
            x = ib.dequantize(ib.to_unit(pixels[None]), self.model.noise)
            return self.model.encode(x)[0].numpy().astype(np.float64)

    def decode(self, z: np.ndarray) -> np.ndarray:
        with torch.no_grad():
            return ib.to_uint8(self.model.decode(torch.tensor(z[None], dtype=torch.float32)))[0]

    def posterior(self, z: np.ndarray) -> np.ndarray:
        with torch.no_grad():
            return self.model.mixture.log_posterior(torch.tensor(z[None], dtype=torch.float32))[0].exp().numpy()

    def way(self, z: np.ndarray, target: int) -> np.ndarray:
        return self.centres[target] - self.centres[self.posterior(z).argmax()]

    def flip(self, z: np.ndarray, target: int) -> float:
        with torch.no_grad():
            scores = self.model.mixture.scores(torch.tensor(z[None], dtype=torch.float32)).numpy().astype(np.float64)
        return float(on_top(scores, (self.means @ self.way(z, target))[None], np.array([target]))[0][0])

    def after(self, pixels: np.ndarray, moves: Moves, other: np.ndarray | None = None) -> np.ndarray:
        """The latent of an image after the moves."""
        start = self.encode(pixels)
        known = {
            **dict(zip(PLANE, self.axes, strict=True)),
            **{f"{WAY}{k}": self.way(start, k) for k in range(len(self.centres))},
            **{one.name: one.vector for one in styles(self.checkpoint)},
        }
        if other is not None:
            second = self.encode(other)
            hybrid = ib.exploration.transplant(start[None], second[None], self.means)[0]
            known |= {"class": hybrid - start, "all else": second - hybrid}
        return start + sum(amount * known[name] for name, amount in moves.items())
