"""Models as ONNX graphs, which run without PyTorch: in other programs, and in a browser.

===========  ==================================================================================
``graph``    what a module computes as one graph, whose weights are inputs
``files``    a model in a folder of its own, checked against PyTorch
``browser``  a family for a browser, which mixes the model at any γ itself
===========  ==================================================================================
"""

from importlib import import_module
from typing import TYPE_CHECKING

from .browser import archive_path, publish, write_archive

if TYPE_CHECKING:
    from .files import OnnxError, to_onnx

__all__ = ["OnnxError", "archive_path", "publish", "to_onnx", "write_archive"]


def __getattr__(name: str) -> object:
    """Imports what needs torch only when it is asked for (PEP 562): the app publishes without."""
    if name not in ("OnnxError", "to_onnx"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(".files", __name__), name)
