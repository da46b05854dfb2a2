"""The parameters that pages read from the URL, and invalid values of them."""

#: The parameters of each page, beside ``data``, which all have.
PARAMETERS = {
    "start": "model models beside image",
    "lessons": "lesson step guess notes gamma",
    "results": "tab model left right binning columns paper answers judged",
    "explore": "tab model models beside view color drawn add mine point image moves kind other first second steps "
    "center temperature guidance seed classes tile",
    "test_image": "tab model models beside strokes image corruption angle amplitude other attack levels seed axes",
    "playground": "play painted",
}


def parameters_of(page: str) -> list[str]:
    return ["data", *PARAMETERS[page].split()]
