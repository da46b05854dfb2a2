"""The names of a checkpoint's files, and how large they may be."""

FORMAT = 1
CONFIG, WEIGHTS, CARD, HISTORY, LATENT, STYLE = (
    "config.json",
    "weights.safetensors",
    "card.json",
    "history.csv",
    "latent.npz",
    "style.npz",
)
MANIFEST = "manifest.json"
#: The means of the mixture among the weights, and those from before its alignment, from which they follow: a file may
#: leave the former out.
MEANS, ALIGNED = "mixture.means", "alignment.means"
#: What the names of all that the network of a flow of one's own stores begin with.
OWN_NET = "flow.net."
#: The files that every measured model has besides its config and its weights.
MEASURED = (CARD, HISTORY)
#: The files that a manifest names.
FILES = (CONFIG, WEIGHTS, CARD, HISTORY, LATENT, STYLE)
#: The largest file that is read, in bytes. The committed models have 7 MB of weights and 2 MB of latents.
LIMITS = {
    CONFIG: 2**20,
    WEIGHTS: 2**28,
    CARD: 2**20,
    HISTORY: 2**22,
    LATENT: 2**27,
    STYLE: 2**24,
    MANIFEST: 2**16,
}
#: What the arrays of a file may expand to, and the header of the weights may take, in bytes.
EXPANDED, LONGEST_HEADER = {LATENT: 2**28, STYLE: 2**25}, 2**21
