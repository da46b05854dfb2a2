"""The panels of the pages: each file is one view of the models."""
