"""The terms of the page Playground, defined for points with two coordinates instead of images."""

_MEANINGS = {
    "IB": "the loss L_X + γ L_Y of the information bottleneck. It asks for likely points and for the right classes.",
    "γ": "how much the classes count in the loss: at γ = 0 only L_X does, at γ = ∞ only L_Y.",
    "L_X": (
        "how unlikely the model finds the points: −log q(x) divided by the number of dimensions, on average, in nats "
        "per dimension. A point is two numbers, so there are two dimensions."
    ),
    "L_Y": "how badly the model tells the classes apart: the cross-entropy −log q(y | x), on average, in nats.",
    "class-NLL": "the loss −log q(x | y). It is the IB loss with γ = 1/dim: 1/2 here, 1/3072 for images of CIFAR-10.",
    "latent space": "where the flow, an invertible map of the plane, puts the points; ◆ are the Gaussians' means.",
    "coupling": (
        "a step of the flow: one coordinate stays, and sets how far the other one is stretched and shifted. Between "
        "two couplings the plane is turned."
    ),
    "held out": "measured on equally many new points of the same kind, which are not used for training.",
    "ECE": "top-label calibration error: how far the model's confidence is, on average, from how often it is right.",
    "×": "a sample: drawn from a class's Gaussian, and taken through the flow backwards into data space.",
    "★": "a place that you point at, shown in both spaces, with its posterior and its rank among the points.",
}

#: The meanings, in Markdown.
TERMS = "\n\n".join(f"**{name}**: {meaning}" for name, meaning in _MEANINGS.items()) + (
    "\n\nTraining stops after 1,000 steps. Press Play to train on."
)

#: Text next to the page's link.
SHARED = (
    "The link trains the model again, with these settings and painted points from the first step on. If you changed "
    "the settings or the points during the training, the model of the link may differ from yours."
)
