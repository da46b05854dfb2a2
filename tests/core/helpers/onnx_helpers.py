"""Tests that write ONNX files skip where its packages are missing; nothing here imports them, which takes seconds."""

import shutil
from pathlib import Path

import pytest
from shared_helpers import shared_folder

import ibinn_core as ib


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


def with_archive(measured: Path, tmp_path_factory) -> Path:
    """The small family with its archive for browsers; nobody may change it."""
    if not has_packages():
        pytest.skip("no onnx, onnxscript or onnxruntime: pip install -r requirements-onnx.txt")

    def build(folder: Path) -> None:
        shutil.copytree(measured, folder)
        ib.onnx.write_archive(ib.family("cifar10", folder))

    return shared_folder(tmp_path_factory, "with-archive", build)
