"""Point clouds of test images in latent space, and the plane that shows them."""
