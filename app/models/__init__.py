"""The trained models: the list, their names, their choice, and their predictions."""
