"""Hands in latent space: what a person does to an image by moving its latent (``app/move_text.py`` writes it down).

The browser computes, by ``app/static/hands``.

============  =======================================================
``hands``     the element of the panel Move
``rows``      the models of *Several γ*
============  =======================================================
"""
