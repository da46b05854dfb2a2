"""Hands in latent space: what a person does to an image by moving its latent (``app/move_text.py`` writes it down).

===========  ===================================================================================
``latents``  what the browser needs of model and image, and the same computed by the server
``rows``     the way to a class under several γ
``own``      a direction of a person's own, between two sets of images
``export``   what a hand has done as files and as a program
``hands``    the element, whose browser side is ``app/static/hands``
===========  ===================================================================================
"""
