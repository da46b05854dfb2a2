"""Models as ONNX graphs: a single model (``graphs``), and a family for browsers (``browser``)."""

from importlib import import_module
from typing import TYPE_CHECKING

from .browser import archive_path, publish, write_archive

if TYPE_CHECKING:
    from .graphs import OnnxError, to_onnx

__all__ = ["OnnxError", "archive_path", "publish", "to_onnx", "write_archive"]


def __getattr__(name: str) -> object:
    """Imports torch only when a name needs it (PEP 562): the app publishes files without torch."""
    if name not in ("OnnxError", "to_onnx"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(".graphs", __name__), name)
