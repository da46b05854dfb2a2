"""The trained models on pages: their list, names, choice and predictions."""
