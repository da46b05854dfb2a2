"""A web server in this process, for pages that need no Streamlit."""

import threading
from collections.abc import Callable
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from tools.screenshots import ROOT

BARE = Path(__file__).with_name("bare.html")


class Host:
    """The state of a server: ``changed`` has functions that change files whose names begin with its keys; ``sent`` has
    the number of bytes that were sent for each path.
    """

    def __init__(self, find: Callable[[str], Path]) -> None:
        self.find, self.address = find, ""
        self.changed: dict[str, Callable[[bytes], bytes]] = {}
        self.sent: dict[str, int] = {}


class _Handler(SimpleHTTPRequestHandler):
    extensions_map = {**SimpleHTTPRequestHandler.extensions_map, ".js": "text/javascript", ".mjs": "text/javascript"}

    def __init__(self, *arguments, host: Host) -> None:
        self.host = host
        super().__init__(*arguments)

    def do_GET(self) -> None:
        place = self.host.find(self.path.partition("?")[0])
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

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def hosted(find: Callable[[str], Path]):
    """Yields a :class:`Host` that serves files; ``find`` returns the file of a path."""
    host = Host(find)
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Handler, host=host)) as server:
        host.address = f"http://127.0.0.1:{server.server_port}/"
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield host
        server.shutdown()
        thread.join()


def bare_server(families: dict[str, Path] | None = None):
    """Serves the app's scripts under Streamlit's paths, the published families, and a bare page for other paths."""

    def find(path: str) -> Path:
        if path.startswith("/app/static/"):
            return ROOT / path[1:]
        if path.startswith("/families/"):
            name, _, file = path.removeprefix("/families/").partition("/")
            return (families or {}).get(name, Path()) / file
        return BARE

    return hosted(find)
