"""Hands in latent space: what a person does to an image by moving its latent (``app/move_text.py`` writes it down).

The browser computes, by ``app/static/hands``.

============  =======================================================
``hands``     the element of the page Move
``dragging``  the star of an image in a figure of another page
``rows``      the models of *Several γ*
``styles``    the style directions of a model
``export``    the picture as a file, and the program that makes it
============  =======================================================
"""
