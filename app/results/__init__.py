"""The measurements of the available models, next to the paper's."""
