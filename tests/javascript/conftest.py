"""Node, and threads of PyTorch."""

import pytest
import torch
from node import Node
from playground_twin import SETUP


@pytest.fixture(scope="session")
def node():
    """The process that all tests share; each imports what it needs."""
    process = Node()
    yield process
    process.close()


@pytest.fixture(autouse=True)
def one_thread():
    """So small models take PyTorch ten times as long when its threads wait for one another on a busy machine."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="session")
def play(node):
    """Evaluates scripts in which the playground's modules are known."""
    node.run(SETUP)
    return node.run
