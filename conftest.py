"""Sets how many processes run the tests, and defines ``ib``, ``np`` and ``torch`` for examples in docstrings."""

import gc
import os
from collections import Counter

import pytest

#: These files hold no examples, and pytest cannot collect two modules of the same name.
collect_ignore_glob = ["tests/*conftest.py"]

#: Beginnings of the names of examples that take seconds each.
SLOW_EXAMPLES = (
    "ibinn_core.evaluation.attack.",
    "ibinn_core.evaluation.styles.",
    "ibinn_core.onnx.graphs.to_onnx",
    "ibinn_core.weight_space.family.Family.at",
)

os.environ["HF_HUB_OFFLINE"] = "1"  # nothing is downloaded


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks slow examples here, since a docstring cannot carry marks."""
    for item in items:
        if item.name.startswith(SLOW_EXAMPLES):
            item.add_marker(pytest.mark.slow)


def pytest_collection_finish() -> None:
    """Excludes tests and libraries from garbage collection: they stay to the end, and each search takes seconds."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Prints at the end how many tests were skipped, and why."""
    gc.unfreeze()  # at its end, Python frees these objects; a library complains about any that are left
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    skipped = reporter.stats.get("skipped", ()) if reporter else ()  # only the first process has a reporter
    reasons = Counter(report.longrepr[2].removeprefix("Skipped: ") for report in skipped)
    for reason, count in reasons.most_common():
        reporter.write_line(f"{count} skipped: {reason}")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Returns one process per core. One more could compute while a browser waits, but all would be a tenth slower."""
    return os.cpu_count() or 1


@pytest.fixture(autouse=True)
def names_of_examples(request):
    if not isinstance(request.node, pytest.DoctestItem):
        return
    import numpy as np  # imported here, so that tests without examples do not wait for torch
    import torch

    import ibinn_core as ib

    request.getfixturevalue("doctest_namespace").update(ib=ib, np=np, torch=torch)
