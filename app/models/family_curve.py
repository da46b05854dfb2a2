"""The measured curve of the family that a person looks at, read once for all sessions."""

from pathlib import Path

import streamlit as st

import ibinn_core as ib
from app.models import registry
from ibinn_core.checkpoint import folders, stamp
from ibinn_core.weight_space import FamilyError, Place


def measured_curve() -> tuple[list[Place], str]:
    """The places of the chosen data set's curve by γ, none if it was not measured; and what is wrong with its file."""
    here = folders()
    curves = [file for folder in here for file in sorted(Path(folder).glob("*.curve.json"))]
    stamps = tuple((str(f), (state := f.stat()).st_mtime_ns, state.st_size) for f in curves)
    return _read(registry.dataset().name, tuple(map(str, here)), (stamps, *map(stamp, here)))


@st.cache_resource(max_entries=8, show_spinner=False)
def _read(name: str, folders: tuple[str, ...], stamps: tuple) -> tuple[list[Place], str]:
    try:
        return ib.family(name).curve, ""
    except FamilyError as error:  # without a model with a γ there is no family, and nothing wrong
        return [], str(error) if "damaged" in str(error) else ""
    except OSError:  # it was removed just now
        return [], ""
