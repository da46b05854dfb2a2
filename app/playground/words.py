"""What the terms on the page Playground mean: of points with two numbers, not of images."""

_TERMS = {
    "IB": (
        "information bottleneck, the loss L_X + γ L_Y (divided by a number that depends on γ alone). It asks for "
        "likely points and for the right classes."
    ),
    "γ": "how much the classes count in it: at γ = 0 only L_X does, at γ = ∞ only L_Y.",
    "L_X": (
        "how unlikely the model finds the points: −log q(x) divided by the dimensions, on average, in nats a "
        "dimension. A point is two numbers, its coordinates, so there are two dimensions."
    ),
    "L_Y": (
        "how badly it tells their classes: the cross-entropy −log q(y | x), on average, in nats. It is log 2 ≈ 0.69 "
        "for who guesses between two classes."
    ),
    "nats, bits": "units of both. A nat is 1.44 bits, so bits/dim is L_X divided by ln 2 ≈ 0.69.",
    "class-NLL": (
        "the loss −log q(x | y), how unlikely the points are given their class. It is the IB loss with γ = 1/dim: 1/2 "
        "for points of two numbers, 1/3072 for images of CIFAR-10."
    ),
    "latent space": (
        "where the flow, a map of the plane that can be undone, puts the points; each class has a Gaussian there, "
        "whose mean (◆) is learned."
    ),
    "coupling": (
        "a step of the flow: one coordinate stays, and decides how far the other one is stretched and shifted. Between "
        "two couplings the plane is turned."
    ),
    "posterior": "the probability of each class at a place, by Bayes' rule from the Gaussians.",
    "held out": "measured on as many other points of the same kind, which are not trained on.",
    "top-label ECE": (
        "calibration error: how far the probability of the likeliest class is, on average, from how often it is right."
    ),
    "×": "a sample: drawn from a class's Gaussian, and taken through the flow backwards into data space.",
    "★": (
        "a place that you point at or click on, shown in both spaces, with its posterior and with how many of the "
        "points are likelier."
    ),
}

#: The help beside the page's heading, in Markdown.
HELP = "\n\n".join(f"**{name}**: {meaning}" for name, meaning in _TERMS.items()) + (
    "\n\nTraining begins by itself and stops after 1,000 steps. Press Play to train on."
)

#: What a link can bring back, beside it.
SHARED = (
    "The link trains the model anew, to the step at which yours was paused, with the present settings and painted "
    "points from the first step on: if you changed them meanwhile, it may differ from yours. After Reset the link "
    "shows the untrained network."
)
