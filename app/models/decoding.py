"""What models make of latents: the way back of an image, walks between two, samples."""

import numpy as np

import ibinn_core as ib
from app.models import asking, registry
from app.models.predictions import as_measured, latents_of

COUNT_OF_ONE = 10  # samples of a class, of a model that has the page for itself
COUNT = 7  # of several models: five classes of four are decoded within half a second on two cores


@asking.together
def decode(checkpoint_id: str, latents: np.ndarray) -> dict[str, np.ndarray]:
    """The images of latents ``(N, D)``: ``x``, floats ``(N, C, H, W)``, not clipped to [0, 1]."""
    import torch

    return {"x": registry.load_model(checkpoint_id).decode(torch.from_numpy(latents)).numpy()}


@asking.kept
def there_and_back(checkpoint_id: str, pixels: np.ndarray) -> tuple[np.ndarray, float]:
    """The image after encoding and decoding, and the largest difference from it, in units of [0, 1]."""
    back = decode(checkpoint_id, latents_of(checkpoint_id, pixels[None]))["x"]
    there = as_measured(pixels[None], registry.by_id(checkpoint_id).noise).numpy()
    return _pixels(back)[0], float(np.abs(back - there).max())


@asking.kept
def walk(checkpoint_id: str, first: np.ndarray, second: np.ndarray, steps: int, path: str) -> np.ndarray:
    """The images along the path between two images' latents, uint8 ``(steps, H, W, C)``."""
    one, other = latents_of(checkpoint_id, np.stack([first, second]))
    return _pixels(decode(checkpoint_id, ib.exploration.interpolate(one, other, steps, path))["x"], missing=0.5)


@asking.alone
def samples(
    checkpoint_id: str, classes: tuple[int, ...], temperature: float, center: str, seed: int, count: int = COUNT
) -> np.ndarray:
    """Samples, uint8 ``(classes, count, H, W, C)``.

    All classes and models share the noise, so the tiles of a column differ in the class's centre only.
    """
    import torch

    model = registry.load_model(checkpoint_id)
    noise = torch.randn(count, model.config.dims, generator=torch.Generator().manual_seed(seed))
    x = model.sample(np.repeat(classes, count), temperature, center, noise=noise.repeat(len(classes), 1))
    images = ib.to_uint8(x, missing=0.5)
    return images.reshape(len(classes), count, *images.shape[1:])


def _pixels(x: np.ndarray, missing: float | None = None) -> np.ndarray:
    """8-bit images ``(N, H, W, C)`` of floats ``(N, C, H, W)``; ``missing`` stands in for what is not finite."""
    import torch

    # From a copy: what people share is read-only, and PyTorch knows no such thing.
    return ib.to_uint8(torch.tensor(x), missing=missing)
