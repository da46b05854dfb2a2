"""The repository's texts as pages of the documentation, with their links adapted."""

import os
import posixpath
import re
from collections.abc import Callable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
#: The page names of texts in the root; texts in docs/ keep their names.
NAMED = {
    "README.md": "index.md",
    "CONTRIBUTING.md": "CONTRIBUTING.md",
    "CHANGELOG.md": "CHANGELOG.md",
    "SECURITY.md": "SECURITY.md",
    "CODE_OF_CONDUCT.md": "CODE_OF_CONDUCT.md",
    "NOTICE.md": "NOTICE.md",
}
#: Sections of the table of contents, with their pages in order. Every page must be in a section.
CONTENTS = {
    "Tutorials": ("docs/library", "docs/your-own-images", "course/index"),
    "How-to": ("docs/install", "docs/train", "docs/your-own-flow", "docs/serve"),
    "Reference": ("api/index", "docs/commands", "docs/models", "docs/formats"),
    "Explanation": ("docs/ib-inns", "docs/how-trained", "course/glossary"),
    "Project": ("CONTRIBUTING", "CODE_OF_CONDUCT", "SECURITY", "CHANGELOG", "NOTICE"),
}
LINK = re.compile(r"(!?)\[((?:[^\[\]]|\[[^\[\]]*\])*)\]\(([^()\s]+)\)")
FENCE = re.compile(r"^(```|~~~).*?^\1\s*?$|^    .*?$", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"`[^`\n]+`")


class LinkError(ValueError):
    """A link of a text leads nowhere; the message names the link."""


def texts() -> dict[str, str]:
    """Returns the page paths of all texts, by the text's path in the repository."""
    own = {f"docs/{path.name}": f"docs/{path.name}" for path in sorted((ROOT / "docs").glob("*.md"))}
    return NAMED | own


def pictures() -> list[str]:
    """Returns the pictures and notebooks in docs/, relative to the root."""
    found = [path for kind in ("*.png", "*.ipynb") for path in (ROOT / "docs").glob(kind)]
    return sorted(path.relative_to(ROOT).as_posix() for path in found)


def page(text: str, name: str, address: Callable[[str], str]) -> str:
    """Converts a text to a page: links to other texts lead to their pages, other links to the repository.

    Arguments:
        text: the Markdown.
        name: the text's path in the repository.
        address: returns the web address of a file of the repository. If the address is empty, links become plain text.

    Raises:
        LinkError: a link leads to a missing file.
    """
    names = texts()
    here = posixpath.dirname(names[name])

    def relinked(found: re.Match) -> str:
        mark, said, target = found.groups()
        said = LINK.sub(relinked, said)  # a picture inside a link
        if re.match(r"\w+:|#", target):
            return f"{mark}[{said}]({target})"
        path, hash, anchor = target.partition("#")
        meant = posixpath.normpath(posixpath.join(posixpath.dirname(name), path))
        if not (ROOT / meant).exists():
            raise LinkError(f"{name} has a link to {target}, which is not there")
        if meant in names:
            return f"{mark}[{said}]({posixpath.relpath(names[meant], here or '.')}{hash}{anchor})"
        if meant in pictures():
            return found[0] if not here or here == posixpath.dirname(name) else f"{mark}[{said}](/{meant})"
        where = address(meant)
        return f"[{said}]({where})" if where else said

    parts, end = [], 0
    for code in _code(text):
        parts += [LINK.sub(relinked, text[end : code.start()]), code[0]]
        end = code.end()
    return "".join([*parts, LINK.sub(relinked, text[end:])])


def _code(text: str) -> Iterator[re.Match]:
    """Finds blocks of code, which contain no links. Inline code may be part of a link's text."""
    return FENCE.finditer(text)


def contents() -> str:
    """Returns the tables of contents of the first page, as MyST directives."""
    parts = [
        f"```{{toctree}}\n:hidden:\n:caption: {title}\n\n" + "\n".join(of) + "\n```" for title, of in CONTENTS.items()
    ]
    return "\n\n".join(parts) + "\n"


def repository_address() -> Callable[[str], str]:
    """Returns a function that gives a file's web address; the address is known only in a GitHub workflow."""
    server, name = (os.environ.get(f"GITHUB_{one}", "") for one in ("SERVER_URL", "REPOSITORY"))
    ref = os.environ.get("GITHUB_REF_NAME", "main")
    return lambda path: f"{server}/{name}/blob/{ref}/{path}" if server and name else ""
