"""The paper's Tables 1 and 2: the printed numbers (``paper``), and tables with ours (``table``, ``markdown``)."""
