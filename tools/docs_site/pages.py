"""The repository's texts as pages of the documentation: the place of each, and its links."""

import os
import posixpath
import re
from collections.abc import Callable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
#: The page names of texts in the root; those in docs/ keep their names.
NAMED = {
    "README.md": "index.md",
    "CONTRIBUTING.md": "CONTRIBUTING.md",
    "CHANGELOG.md": "CHANGELOG.md",
    "SECURITY.md": "SECURITY.md",
    "CODE_OF_CONDUCT.md": "CODE_OF_CONDUCT.md",
    "NOTICE.md": "NOTICE.md",
}
#: Parts of the contents, each with its pages in their order; every page must be in one of them.
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
    """A link of a text leads nowhere; the message says which."""


def texts() -> dict[str, str]:
    """The paths of all pages below the source of the documentation, by the text in the repository that each is."""
    own = {f"docs/{path.name}": f"docs/{path.name}" for path in sorted((ROOT / "docs").glob("*.md"))}
    return NAMED | own


def pictures() -> list[str]:
    """The files that the texts show or link to, below the root."""
    found = [path for kind in ("*.png", "*.ipynb") for path in (ROOT / "docs").glob(kind)]
    return sorted(path.relative_to(ROOT).as_posix() for path in found)


def page(text: str, name: str, address: Callable[[str], str]) -> str:
    """A text of the repository as a page: links to other texts lead to their pages, others to the repository.

    Arguments:
        text: the Markdown.
        name: its path in the repository.
        address: of a file of the repository on the web. If it is empty, links to files of the repository become plain
            text.

    Raises:
        LinkError: for a link to something that is not there.
    """
    names = texts()
    here = posixpath.dirname(names[name])

    def relinked(found: re.Match) -> str:
        mark, said, target = found.groups()
        said = LINK.sub(relinked, said)  # a picture that is a link
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
    """What no link can be in: blocks of code. Code within a line may be the words of a link."""
    return FENCE.finditer(text)


def contents() -> str:
    """The tables of contents for the first page, as directives of MyST."""
    parts = [
        f"```{{toctree}}\n:hidden:\n:caption: {title}\n\n" + "\n".join(of) + "\n```" for title, of in CONTENTS.items()
    ]
    return "\n\n".join(parts) + "\n"


def repository_address() -> Callable[[str], str]:
    """A function for the address of a file of the repository, which exists in a workflow of GitHub."""
    server, name = (os.environ.get(f"GITHUB_{one}", "") for one in ("SERVER_URL", "REPOSITORY"))
    ref = os.environ.get("GITHUB_REF_NAME", "main")
    return lambda path: f"{server}/{name}/blob/{ref}/{path}" if server and name else ""
