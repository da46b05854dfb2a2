"""The images behind the dots of a cloud, which the browser shows beside the pointer."""

import joblib
import numpy as np
import streamlit as st

from app.images import pictures
from app.images.sheets import NONE, Sheets, sheets_of
from ibinn_core.checkpoint import Checkpoint


def pictures_of(checkpoint: Checkpoint) -> Sheets | None:
    """The small images for the rows of a checkpoint's latent file.

    Returns ``None`` if this machine has none of the images, or cannot write the sheets.
    """
    found = pictures.rows_in_gallery(checkpoint.id)
    gallery = pictures.largest_gallery(checkpoint.dataset)
    images, _, hashes = pictures.images_of(gallery, checkpoint.dataset)
    if not (found >= 0).any():
        return None
    try:
        sheets = _sheets(str(joblib.hash(hashes)), images)
    except OSError:  # such as a full disk; the next page view tries again
        return None
    if sheets is None:
        return None
    numbers = np.full(len(found), NONE, np.uint16)
    numbers[found >= 0] = sheets.numbers[found[found >= 0]]
    return sheets._replace(numbers=numbers)


@st.cache_resource(show_spinner=False, max_entries=8)
def _sheets(digest_of_hashes: str, _images: np.ndarray) -> Sheets | None:
    return sheets_of(_images)
