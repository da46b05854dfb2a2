"""What the examples in docstrings use without importing it: ``ib``, ``np`` and ``torch``."""

import pytest

#: They hold no examples, and two modules of the same name cannot be collected together.
collect_ignore_glob = ["tests/*conftest.py"]


@pytest.fixture(autouse=True)
def names_of_examples(request):
    if not isinstance(request.node, pytest.DoctestItem):
        return
    import numpy as np  # here, so that tests without examples do not wait for torch
    import torch

    import ibinn_core as ib

    request.getfixturevalue("doctest_namespace").update(ib=ib, np=np, torch=torch)
