"""Node, and threads of PyTorch."""

import pytest
import torch
from node import Node
from playground_twin import SETUP


@pytest.fixture(scope="session")
def node():
    """The process of Node that all tests share. Each test imports the modules that it needs."""
    process = Node()
    yield process
    process.close()


@pytest.fixture(autouse=True)
def one_thread():
    """On a busy machine, models this small take ten times as long if PyTorch's threads wait for one another."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="session")
def play(node):
    """Runs scripts that can use the playground's modules."""
    node.run(SETUP)
    return node.run
