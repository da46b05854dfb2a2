"""The files that let a browser run the models itself, at any γ of a family, and their addresses."""

import functools
import hashlib
import mimetypes
from typing import NamedTuple

from app.models import registry
from app.vendor import FOLDER, publish_folder
from app.widgets.component import static_url
from ibinn_core.checkpoint import Checkpoint
from ibinn_core.onnx import archive_path, publish
from ibinn_core.weight_space import Family, FamilyError

RUNTIME = FOLDER / "ort"
FAMILIES = FOLDER / "families"
# Streamlit leaves zip files as they are. It would compress weights for 0.1 s each time, to nine tenths of their size,
# and send nothing else meanwhile.
mimetypes.add_type("application/zip", ".safetensors")


class Addresses(NamedTuple):
    """Paths on this server, without its name, for ``app/static/flow/model.js``.

    Attributes:
        family: path of the folder with the family's files.
        runtime: path of the folder with onnxruntime-web.
    """

    family: str
    runtime: str


def addresses_of(checkpoint: Checkpoint) -> Addresses | None:
    """The addresses of a checkpoint's family for browsers; ``None`` if the server must compute.

    The server must compute if onnxruntime-web is missing, the model is in no family, or the family has no files for
    browsers. ``python -m ibinn_core onnx NAME --family`` writes these files.
    """
    family = registry.weight_space(registry.family_of(checkpoint))
    if family is None or checkpoint.gamma is None or not (RUNTIME / "ort.wasm.min.mjs").is_file():
        return None
    try:
        changed = archive_path(family).stat().st_mtime_ns
    except OSError:
        return None
    try:
        folder = _published(_ByFiles(family), changed)
    except OSError:  # such as a full disk; the next page view tries again
        return None
    return Addresses(static_url(f"vendor/families/{folder}/"), static_url("vendor/ort/")) if folder else None


class _ByFiles(NamedTuple("_ByFiles", [("family", Family)])):
    """A family that equals another family if their files have the same fingerprints."""

    def __hash__(self) -> int:
        return hash(tuple(self.family.fingerprints.items()))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _ByFiles) and self.family.fingerprints == other.family.fingerprints


@functools.lru_cache(maxsize=8)
def _published(found: _ByFiles, changed: int) -> str | None:
    """The name of the folder with a family's files; ``None`` if its archive is damaged or belongs to other models."""
    family = found.family
    name = family.members[0].dataset.name
    texts = (str(changed), *family.fingerprints.values())
    folder = f"{name}-{hashlib.sha256(' '.join(texts).encode()).hexdigest()[:12]}"
    try:
        publish_folder(FAMILIES / folder, functools.partial(publish, family))
    except FamilyError:
        return None
    return folder
