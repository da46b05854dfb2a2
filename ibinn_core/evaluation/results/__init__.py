"""The paper's Tables 1 and 2 with our own models: ``paper`` as printed, ``columns``, ``table``, ``markdown``."""
