"""Animated figures: arrays in, the frames of a GIF out."""
