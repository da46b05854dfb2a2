"""How many processes run the tests, and what the examples in docstrings use: ``ib``, ``np`` and ``torch``."""

import gc
import os
from collections import Counter

import pytest

#: They hold no examples, and two modules of the same name cannot be collected together.
collect_ignore_glob = ["tests/*conftest.py"]

#: How the names of examples begin that take seconds each.
SLOW_EXAMPLES = (
    "ibinn_core.evaluation.attack.",
    "ibinn_core.evaluation.styles.",
    "ibinn_core.onnx.graphs.to_onnx",
    "ibinn_core.weight_space.family.Family.at",
)

os.environ["HF_HUB_OFFLINE"] = "1"  # nothing is downloaded


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Examples in docstrings cannot be marked where they stand."""
    for item in items:
        if item.name.startswith(SLOW_EXAMPLES):
            item.add_marker(pytest.mark.slow)


def pytest_collection_finish() -> None:
    """Thousands of tests and the libraries stay to the end: to look through them at each collection takes seconds."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Says in the last lines what was skipped, and how to get it."""
    gc.unfreeze()  # at its end Python frees these objects too: a library complains about those that are left
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    skipped = reporter.stats.get("skipped", ()) if reporter else ()  # a process beside the first has no reporter
    reasons = Counter(report.longrepr[2].removeprefix("Skipped: ") for report in skipped)
    for reason, count in reasons.most_common():
        reporter.write_line(f"{count} skipped: {reason}")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """One for each core: one more could compute while a browser waits, but then all of them are a tenth slower."""
    return os.cpu_count() or 1


@pytest.fixture(autouse=True)
def names_of_examples(request):
    if not isinstance(request.node, pytest.DoctestItem):
        return
    import numpy as np  # here, so that tests without examples do not wait for torch
    import torch

    import ibinn_core as ib

    request.getfixturevalue("doctest_namespace").update(ib=ib, np=np, torch=torch)
