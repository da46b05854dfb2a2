"""Configuration of Sphinx; tools/docs_site/build.py writes the sources and starts Sphinx."""

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path[:0] = [str(ROOT), str(HERE)]

import ibinn_core as ib  # noqa: E402

for name in ib.__all__:  # import lazy names, which would otherwise be missing from the reference
    setattr(ib, name, getattr(ib, name))

project = "IB-INN Explorer"
author = "IB-INN Explorer contributors"
copyright = author  # noqa: A001  # Sphinx needs this name
version = release = ib.__version__
language = "en"

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.napoleon",
    "formulas",
    "diagrams",
    "references",
]
source_suffix = {".rst": "restructuredtext", ".md": "markdown"}
root_doc = "index"
html_math_renderer = "katex"
highlight_language = "python"
pygments_style, pygments_dark_style = "friendly", "native"

myst_heading_anchors = 4
myst_enable_extensions = ["dollarmath"]
myst_fence_as_directive = ["mermaid"]
suppress_warnings = ["misc.highlighting_failure"]  # output in the examples is not Python

autodoc_member_order = "bysource"
autodoc_typehints = "description"
autodoc_typehints_description_target = "documented_params"
autodoc_preserve_defaults = True
autosummary_generate = False
napoleon_google_docstring, napoleon_numpy_docstring = True, False
napoleon_use_ivar = True  # otherwise names under "Attributes" are described twice
python_use_unqualified_type_names = True
add_module_names = False
toc_object_entries_show_parents = "hide"
maximum_signature_line_length = 100
nitpicky = True
#: Types of other packages, which are documented elsewhere. References to our own names must resolve.
nitpick_ignore_regex = [(r"py:.*", r"(?!\.|ibinn_core\b|ib\.).*"), (r"py:.*", r".*\._\w+")]

html_theme = "furo"
html_title = "IB-INN Explorer"
html_static_path = [str(HERE / "static"), str(ROOT / "build" / "vendor" / "docs")]
html_css_files = ["katex/katex.min.css", "style.css"]
html_theme_options = {"sidebar_hide_name": False}
html_show_sphinx = False
html_copy_source = False
html_show_sourcelink = False
