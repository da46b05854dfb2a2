"""Trade-off: accuracy against likelihood in one picture, each measure over γ, two models compared."""
