"""Many small images in one picture, which a browser loads at once and cuts into tiles."""

import io

import numpy as np

#: Of 100. Below it the grain of samples at T = 1 blurs, and with it what tells them from photographs.
QUALITY = 90


def sheet(images: np.ndarray) -> bytes:
    """A WebP picture of images in rows and columns.

    Arguments:
        images: uint8 ``(R, C, H, W, 3)``, or ``(R, C, H, W, 1)`` if they are grey.

    Returns:
        The file: a picture of R·H × C·W pixels, tile (r, c) at row r·H and column c·W.

    Raises:
        ValueError: for a picture of more than 16,383 pixels on a side, which WebP does not allow.
    """
    from PIL import Image

    rows, columns, height, width, channels = images.shape
    if max(rows * height, columns * width) > 16383:
        raise ValueError(f"{rows} x {columns} images of {height} x {width} pixels are too many for one WebP picture")
    pixels = images.transpose(0, 2, 1, 3, 4).reshape(rows * height, columns * width, channels)
    file = io.BytesIO()
    Image.fromarray(pixels if channels == 3 else pixels[..., 0]).save(file, "WEBP", quality=QUALITY, method=4)
    return file.getvalue()
