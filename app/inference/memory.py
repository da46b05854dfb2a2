"""How much memory a process may take."""

import os
from pathlib import Path

STATUS = Path("/proc/self/statm")  # its first number: how many pages of addresses the process has


def limit_memory(more: int) -> bool:
    """Lets this process take so many bytes more than it has; beyond that it gets a ``MemoryError``.

    Returns:
        Whether the system can do that: Linux can, macOS and Windows cannot.
    """
    if not STATUS.exists():
        return False
    import resource

    has = int(STATUS.read_text().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    resource.setrlimit(resource.RLIMIT_AS, (has + more, has + more))
    return True
