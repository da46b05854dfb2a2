"""Plotly's paths of properties, such as ``"xaxis.title_font_size"``, taken apart once.

Plotly does it letter by letter whenever a property is set, which takes nearly half of the time to build a figure, and
all figures have the same few hundred paths. What does it has no public name: if it is called otherwise one day, figures
take longer again.
"""

import functools

from plotly import basedatatypes

MOST = 4096  # paths that are kept


def remember_paths() -> None:
    """Has Plotly keep what it finds; a second call changes nothing."""
    parse = getattr(basedatatypes, "_str_to_dict_path_full", None)
    if parse is not None and not hasattr(parse, "cache_info"):
        basedatatypes._str_to_dict_path_full = functools.lru_cache(MOST)(parse)
