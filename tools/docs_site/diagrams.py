"""Mermaid diagrams, drawn in the browser by a script of the site, which only pages with diagrams load."""

from docutils import nodes
from docutils.parsers.rst import Directive
from sphinx.application import Sphinx

START = "mermaid.initialize({ startOnLoad: true, theme: 'neutral', securityLevel: 'strict', deterministicIds: true });"


class Mermaid(Directive):
    """The directive of a code block in the language ``mermaid``."""

    has_content = True

    def run(self) -> list[nodes.Node]:
        """Returns the diagram's source, for the script and for browsers without scripts."""
        text = "\n".join(self.content)
        escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        return [nodes.raw("", f'<pre class="mermaid">{escaped}</pre>', format="html", diagram="mermaid")]


def _add_script(app: Sphinx, name: str, template: str, context: dict, tree: nodes.document | None) -> None:
    if tree is not None and any(node.get("diagram") for node in tree.findall(nodes.raw)):
        app.add_js_file("mermaid/mermaid.tiny.js")
        app.add_js_file(None, body=START)


def setup(app: Sphinx) -> dict:
    """Registers the directive with Sphinx."""
    app.add_directive("mermaid", Mermaid)
    app.connect("html-page-context", _add_script)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
