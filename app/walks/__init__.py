"""Walks through latent space from one image to another: their paths, images, likelihoods and words."""
