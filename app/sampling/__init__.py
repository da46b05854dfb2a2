"""Samples of each class: how they are drawn, shown and judged."""
