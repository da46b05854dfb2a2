"""Tests that write ONNX files skip where its packages are missing; nothing here imports them, which takes seconds."""

import pytest


def has_packages() -> bool:
    from ibinn_core.onnx.graphs import check_packages

    try:
        check_packages()
    except ImportError:
        return False
    return True


needs_packages = pytest.mark.skipif(
    not has_packages(), reason="no onnx, onnxscript or onnxruntime: pip install -r requirements-onnx.txt"
)
