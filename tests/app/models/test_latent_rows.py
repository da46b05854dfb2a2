"""The rows of images in a model's latent file."""

import numpy as np

from ibinn_core.data.images import rows_of


def test_rows_are_found_by_hash_whatever_their_order():
    rng = np.random.default_rng(1)
    hashes = rng.permutation(1000).astype(np.uint64)
    wanted = np.array([hashes[5], hashes[999], 5000, 0], np.uint64)
    rows = rows_of(hashes, wanted)
    assert rows[:3].tolist() == [5, 999, -1] and hashes[rows[3]] == 0


def test_nothing_is_found_where_there_is_nothing():
    nothing, wanted = np.zeros(0, np.uint64), np.arange(3, dtype=np.uint64)
    assert rows_of(nothing, wanted).tolist() == [-1] * 3 and rows_of(wanted, nothing).tolist() == []
