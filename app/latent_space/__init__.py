"""The page of latent space: point clouds, and panels on the clicked or lassoed images."""
