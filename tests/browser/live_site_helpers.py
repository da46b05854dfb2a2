"""The static site of the digits with their models, and a web server of this process."""

import threading
from collections.abc import Callable
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

import ibinn_core as ib
from app.desk import Desk
from app.models import asking
from app.site import pages
from app.site.kept import Kept
from ibinn_core.checkpoint import folders


def write_live_site(folder: Path) -> None:
    """Of the digits."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(asking, "DESK", Desk(workers=0))  # other processes may know other models
        pages.write_site([ib.family("mnist", folders()[0])], folder / "site", lambda text: None, Kept(folder / "kept"))


class Host:
    """A web server without special headers.

    Attributes:
        address: of the page.
        changed: changes of a file's bytes on the way, by the beginning of the file's name.
        sent: bytes that were sent, by path.
    """

    def __init__(self) -> None:
        self.address = ""
        self.changed: dict[str, Callable[[bytes], bytes]] = {}
        self.sent: dict[str, int] = {}


class _Handler(SimpleHTTPRequestHandler):
    extensions_map = {**SimpleHTTPRequestHandler.extensions_map, ".js": "text/javascript", ".mjs": "text/javascript"}

    def __init__(self, *arguments: Any, host: Host, **options: Any) -> None:
        self.host = host
        super().__init__(*arguments, **options)

    def do_GET(self) -> None:
        place = Path(self.translate_path(self.path))
        place = place / "index.html" if place.is_dir() else place
        if not place.is_file():
            return self.send_error(404)
        data = place.read_bytes()
        for start, change in self.host.changed.items():
            data = change(data) if place.name.startswith(start) else data
        self.host.sent[self.path] = len(data)
        self.send_response(200)
        self.send_header("Content-Type", self.guess_type(str(place)))
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)
        return None

    def log_message(self, format: str, *args: Any) -> None:
        pass


@contextmanager
def hosted(folder: Path):
    """A :class:`Host` of a folder."""
    host = Host()
    handler = partial(_Handler, directory=str(folder), host=host)
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        host.address = f"http://127.0.0.1:{server.server_port}/"
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield host
        server.shutdown()
        thread.join()
