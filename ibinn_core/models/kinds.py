"""The kinds of models: their names, objectives and abilities."""

from typing import NamedTuple

GENERATIVE = ("ib", "class-nll", "class-nll-regularized")
OWN = "own"  # the objective of a training by another program; any kind may have it
#: All objectives, in the order in which models are listed.
OBJECTIVES = (*GENERATIVE, OWN, "vib", "cross-entropy")
#: Those that γ belongs to.
WITH_GAMMA = ("ib", "vib")


class Kind(NamedTuple):
    """The properties that all models of a kind share."""

    name: str  # what a person calls one, with its article
    objectives: tuple[str, ...]  # what it can be trained with
    has_latents: bool  # whether encode gives latents
    is_invertible: bool  # whether decode gives the image back
    has_likelihood: bool  # whether log_prob, and with it a mixture and sample, are there


#: By the name in configs and on the command line, in the order of Table 1.
KINDS = {
    "ib-inn": Kind("an IB-INN", GENERATIVE, has_latents=True, is_invertible=True, has_likelihood=True),
    "vib": Kind("a VIB", ("vib",), has_latents=True, is_invertible=False, has_likelihood=False),
    "resnet": Kind("a ResNet", ("cross-entropy",), has_latents=False, is_invertible=False, has_likelihood=False),
    "i-revnet": Kind("an i-RevNet", ("cross-entropy",), has_latents=True, is_invertible=True, has_likelihood=False),
    "own-flow": Kind("a flow of your own", (OWN,), has_latents=True, is_invertible=True, has_likelihood=True),
}
OWN_FLOW = "own-flow"
TRAINED_HERE = tuple(kind for kind in KINDS if kind != OWN_FLOW)  # what this library builds and trains
VIB_LATENT_DIMS = 256  # of a VIB's code, as in Alemi et al.
DEFAULT = "ib-inn"  # of what was saved before there were others
