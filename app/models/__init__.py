"""The trained models: which there are, what people call and choose them by, and what they predict."""
