"""Hands in latent space: what a person does to an image by moving its latent.

=============  ===================================================================================
``state_text`` what a hand has done, in a link and from a browser
``latents``    what the browser needs of model and image, and the same computed on the server
``hands``      the element, whose browser side is ``app/static/hands``
=============  ===================================================================================
"""
