"""The committed checkpoints, which tests are parametrised by and do not change: listed once a process."""

from functools import cache

import ibinn_core as ib
from ibinn_core.checkpoint import Checkpoint


@cache
def committed() -> tuple[Checkpoint, ...]:
    """All of them, as ``ib.checkpoints()`` lists them."""
    return tuple(ib.checkpoints())
