"""An image that is corrupted step by step, and how models react to it."""
