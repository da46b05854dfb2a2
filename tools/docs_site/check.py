"""Checks that the links of a built web site lead somewhere, and that it loads nothing from other sites."""

import re
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

#: Attributes by element that make a browser load something; other links are for readers to follow.
LOADED = {
    "img": "src",
    "script": "src",
    "source": "src",
    "iframe": "src",
    "video": "src",
    "audio": "src",
    "link": "href",
}
#: Relations of ``<link>`` that load nothing.
NOT_LOADED = {"canonical", "next", "prev", "index", "search", "author", "license", "genindex", "alternate"}
URL = re.compile(r"""url\(\s*["']?([^"')]+)|@import\s+["']([^"']+)""")


class _Page(HTMLParser):
    """The links, loaded resources and link targets of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []
        self.loads: list[str] = []
        self.anchors: set[str] = set()

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attributes}
        self.anchors |= {given[name] for name in ("id", "name") if name in given}
        if tag == "a" and "href" in given:
            self.links.append(given["href"])
        elif tag in LOADED and LOADED[tag] in given and not set(given.get("rel", "").split()) & NOT_LOADED:
            self.loads.append(given[LOADED[tag]])


def problems(site: Path) -> list[str]:
    """Lists the errors of a site, one per line; links to other sites are not checked."""
    pages = {path.resolve(): _read(path) for path in sorted(site.rglob("*.html"))}
    found = [] if pages else [f"{site} has no pages"]
    for path, page in pages.items():
        name = path.relative_to(site.resolve()).as_posix()
        found += [f"{name}: loads {url} from elsewhere" for url in page.loads if _is_elsewhere(url)]
        inside = [url for url in page.links + page.loads if not re.match(r"[a-z][a-z+.-]*:|//", url)]
        found += [f"{name}: {url} leads nowhere" for url in dict.fromkeys(inside) if not _is_there(path, url, pages)]
    for path in sorted(site.rglob("*.css")):
        for first, second in URL.findall(path.read_text("utf-8")):
            if _is_elsewhere(first or second):
                found.append(f"{path.relative_to(site).as_posix()}: loads {first or second} from elsewhere")
    return found


def _read(path: Path) -> _Page:
    page = _Page()
    page.feed(path.read_text("utf-8"))
    return page


def _is_elsewhere(url: str) -> bool:
    return url.startswith("//") or urlsplit(url).scheme in ("http", "https", "ftp")


def _is_there(path: Path, url: str, pages: dict[Path, _Page]) -> bool:
    parts = urlsplit(url)
    target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
    target = target / "index.html" if target.is_dir() else target
    if not target.is_file():
        return False
    page = pages.get(target)
    return not parts.fragment or page is None or unquote(parts.fragment) in page.anchors


if __name__ == "__main__":
    lines = problems(Path(sys.argv[1]))
    print("\n".join(lines))
    sys.exit(bool(lines))
