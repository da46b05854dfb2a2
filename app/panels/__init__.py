"""The panels of the pages, one per file."""
