"""Diagrams in Mermaid's words, drawn in the browser by a script of the site; only pages that have some load it."""

from docutils import nodes
from docutils.parsers.rst import Directive
from sphinx.application import Sphinx

START = "mermaid.initialize({ startOnLoad: true, theme: 'neutral', securityLevel: 'strict', deterministicIds: true });"


class Mermaid(Directive):
    """A block of code of the language ``mermaid``."""

    has_content = True

    def run(self) -> list[nodes.Node]:
        """Its words, for the script and for browsers without scripts."""
        text = "\n".join(self.content)
        escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        return [nodes.raw("", f'<pre class="mermaid">{escaped}</pre>', format="html", diagram="mermaid")]


def _add_script(app: Sphinx, name: str, template: str, context: dict, tree: nodes.document | None) -> None:
    if tree is not None and any(node.get("diagram") for node in tree.findall(nodes.raw)):
        app.add_js_file("mermaid/mermaid.tiny.js")
        app.add_js_file(None, body=START)


def setup(app: Sphinx) -> dict:
    """Called by Sphinx."""
    app.add_directive("mermaid", Mermaid)
    app.connect("html-page-context", _add_script)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
