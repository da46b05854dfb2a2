"""Hands in latent space: what a person does to an image by moving its latent (``app/move_text.py`` writes it down).

===========  ===================================================================================
``latents``  what the browser needs of model and image, and the same computed by the server
``hands``    the element, whose browser side is ``app/static/hands``
===========  ===================================================================================
"""
