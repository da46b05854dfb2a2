"""What pages read from the URL, and how strangers write it."""

#: The parameters of each page, beside ``data``, which all have.
PARAMETERS = {
    "start": "model image beside",
    "lessons": "lesson step guess notes gamma",
    "tradeoff": "left right measures binning",
    "latent": "show model models view color drawn add mine planes panel-color point",
    "interpolate": "models beside from to path steps",
    "sample": "models classes temperature center unit seed tile",
    "inspect_image": "models beside image alter confident-from",
    "ood": (
        "models beside shown image corruption axis angle ood-seed turn noise amplitude into other drawing still "
        "moment-rotation moment-noise moment-blend"
    ),
    "draw": "writer start strokes",
}


def parameters_of(page: str) -> list[str]:
    return ["data", *PARAMETERS[page].split()]
