"""The kinds of models: their names, objectives and abilities."""

from typing import NamedTuple

GENERATIVE = ("ib", "class-nll", "class-nll-regularized")
OWN = "own"  # the objective of a model from another program, of any kind
#: All objectives, in the order in which lists show their models.
OBJECTIVES = (*GENERATIVE, OWN, "vib", "cross-entropy")
#: Objectives with a γ.
WITH_GAMMA = ("ib", "vib")


class Kind(NamedTuple):
    """The properties that the models of a kind share."""

    name: str  # name in sentences, with its article
    objectives: tuple[str, ...]  # objectives of its trainings
    has_latents: bool  # whether it can encode
    is_invertible: bool  # whether it can decode
    has_likelihood: bool  # whether it has log_prob, a mixture and sample


#: Kinds by their names in configs and on the command line, in the order of Table 1.
KINDS = {
    "ib-inn": Kind("an IB-INN", GENERATIVE, has_latents=True, is_invertible=True, has_likelihood=True),
    "vib": Kind("a VIB", ("vib",), has_latents=True, is_invertible=False, has_likelihood=False),
    "resnet": Kind("a ResNet", ("cross-entropy",), has_latents=False, is_invertible=False, has_likelihood=False),
    "i-revnet": Kind("an i-RevNet", ("cross-entropy",), has_latents=True, is_invertible=True, has_likelihood=False),
    "own-flow": Kind("a flow of your own", (OWN,), has_latents=True, is_invertible=True, has_likelihood=True),
}
OWN_FLOW = "own-flow"
TRAINED_HERE = tuple(kind for kind in KINDS if kind != OWN_FLOW)  # kinds that this library builds and trains
VIB_LATENT_DIMS = 256  # dimensions of a VIB's code, as in Alemi et al.
DEFAULT = "ib-inn"  # kind of models that were saved before other kinds existed
