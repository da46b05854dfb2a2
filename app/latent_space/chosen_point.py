"""The test image that was clicked last in a point cloud."""

from collections.abc import Callable

import numpy as np

from app import state
from app.latent_space.lasso import forget


def chosen_point(latent: dict[str, np.ndarray], picked: list[int]) -> int | None:
    """The row of the test image that a person clicked last, in any chart; kept in the URL as ``?point=``.

    ``picked`` are the rows that have just been picked in its chart; of several, none is the chosen one.
    """
    point = state.begin(state.POINT)
    if len(picked) == 1:
        state.put(state.POINT, point := f"{latent['hashes'][picked[0]]:016x}")
    state.link(state.POINT, point)
    try:
        rows = np.flatnonzero(latent["hashes"] == np.uint64(int(point, 16)))
    except (ValueError, OverflowError):
        return None
    return int(rows[0]) if len(rows) else None


def choose_point(latent: dict[str, np.ndarray]) -> Callable[[int], None]:
    """What makes the test image in a row of the arrays of a model the chosen one."""

    def choose(row: int) -> None:
        if row < len(latent["hashes"]):
            forget()
            state.put(state.POINT, f"{latent['hashes'][row]:016x}")

    return choose
