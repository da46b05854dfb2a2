"""The page of latent space: point clouds, and the panels on what was clicked or lassoed in them."""
