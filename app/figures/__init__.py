"""Figures: arrays in, a Plotly figure or an image out; nothing here knows of models, files or pages."""
