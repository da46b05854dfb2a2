"""The terms of the lessons and of the other pages, each in a sentence or two that needs no other term."""

from typing import NamedTuple


class Term(NamedTuple):
    """A term of the field."""

    name: str  # as the glossary lists it
    meaning: str  # what it means, in plain text


#: By the name that a text calls it; in alphabetical order.
TERMS = {
    term.name: term
    for term in (
        Term(
            "Bayes' rule",
            "How to turn likelihoods into a posterior: multiply the likelihood of each class by its prior, then divide "
            "by the sum over all classes.",
        ),
        Term(
            "bits/dim",
            "How many bits a model needs to describe one pixel value of an image, on average; fewer is better. A "
            "colour image has three values for each pixel, red, green and blue; a digit has one.",
        ),
        Term(
            "calibration",
            "Whether probabilities mean what they say: of all answers given with a probability of 70 %, 70 % should be "
            "right.",
        ),
        Term(
            "class-NLL",
            "A training that only makes each image as likely as possible given its class; NLL stands for negative "
            "log-likelihood. It is the loss of the information bottleneck at a tiny γ: one divided by the number of "
            "pixel values, about 0.0003 for CIFAR-10.",
        ),
        Term(
            "discriminative",
            "A discriminative model learns only which class an image belongs to, not what images look like.",
        ),
        Term(
            "entropy",
            "How undecided a distribution is, in nats: zero if one class has all the probability, largest if "
            "all classes have the same.",
        ),
        Term(
            "generative",
            "A generative model learns what the images of a class look like. It can judge how likely an image is, and "
            "make new ones.",
        ),
        Term(
            "information bottleneck",
            "A training with two aims: keep what an image says about its class, and as little as possible of "
            "everything else. An invertible network cannot drop anything, so faint noise is added to the images; the "
            "second aim then becomes maximum likelihood. The number γ weighs the first aim against it.",
        ),
        Term(
            "latent",
            "The list of numbers into which an invertible network turns an image; as many as the image has pixel "
            "values.",
        ),
        Term(
            "likelihood",
            "How probable a model finds an image. Given a class, it says how probable the image would be if it showed "
            "that class. Strictly it is a density: it can exceed 1, and only comparisons mean anything.",
        ),
        Term(
            "maximum likelihood",
            "A training that makes the training images as likely as possible, and has no other aim.",
        ),
        Term(
            "MCE, ICE",
            "Two other measures of calibration, over bins of all probabilities that a model gives: the largest gap "
            "between how sure it was and how often it was right, and the area between both.",
        ),
        Term(
            "mixture",
            "Several Gaussians, bell-shaped clouds of points, taken together. Here there is one for each class.",
        ),
        Term(
            "nat",
            "A unit of information, like the bit, but with the natural logarithm. If one log-likelihood is a nat "
            "higher than another, that likelihood is e ≈ 2.7 times as large. One nat is 1.44 bits.",
        ),
        Term(
            "out of distribution",
            "Unlike the images that a model was trained on, so that its answers need not mean anything.",
        ),
        Term(
            "posterior",
            "How probable each class is once the image has been seen. The probabilities of all classes add up to one.",
        ),
        Term(
            "prior",
            "How probable each class is before the image has been seen. Here all classes have the same prior.",
        ),
        Term(
            "Procrustes",
            "A way to lay two clouds of points on top of each other: one is turned, but not stretched, until it is as "
            "near to the other as it can be. So pictures of different models can be compared.",
        ),
        Term(
            "ResNet",
            "A widely used network for classification. It is discriminative and has no likelihood.",
        ),
        Term(
            "ROC score",
            "How well a number tells two kinds of image apart. Draw one image of each kind at random: the score is the "
            "chance that the number ranks them the right way round. One half is a coin toss. It is also called AUC, "
            "the area under the ROC curve.",
        ),
        Term(
            "sample",
            "An image that a model has made up: a random latent, sent backwards through the network.",
        ),
        Term(
            "test error",
            "The share of test images, which were not used in training, for which a model's most probable class is "
            "wrong.",
        ),
        Term(
            "top-label calibration error",
            "Sort the answers into bins by how sure the model was. In each bin, compare how sure it was on average "
            "with how often it was right; this error is the mean difference, weighted by the number of answers. Zero "
            "is perfect. It is also called top-label ECE, expected calibration error.",
        ),
        Term(
            "typical",
            "An image is typical for a model if its likelihood is about as large as those of images like the ones the "
            "model was trained on: neither much smaller nor much larger.",
        ),
        Term(
            "VIB",
            "Variational information bottleneck: a discriminative network that is trained with an information "
            "bottleneck too, but has no likelihood.",
        ),
    )
}
