"""How large a static site is, and what a browser fetches of it before the first live digit.

    python -m ibinn_explorer site site && python benchmarks/site_size.py site

Megabytes are 10^6 bytes. On the wire, "as it is" is a host that compresses nothing, "compressing" one that sends text
and WebAssembly by gzip, as most do.
"""

import argparse
import gzip
import statistics
import sys
import threading
import time
from collections import defaultdict
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

sys.path[:0] = [str(Path(__file__).resolve().parent.parent)]

from tools.screenshots import browser  # noqa: E402

TEXT = {".html", ".js", ".mjs", ".css", ".json", ".wasm"}
VIEW = "view=try&data={}"
#: Nothing is fetched in advance.
SPARING = "Object.defineProperty(navigator, 'connection', { value: { saveData: true } })"


class _Handler(SimpleHTTPRequestHandler):
    extensions_map = {**SimpleHTTPRequestHandler.extensions_map, ".js": "text/javascript", ".mjs": "text/javascript"}

    def __init__(self, *arguments: Any, sent: dict[str, int], compresses: bool, **options: Any) -> None:
        self.sent, self.compresses = sent, compresses
        super().__init__(*arguments, **options)

    def do_GET(self) -> None:
        place = Path(self.translate_path(self.path))
        place = place / "index.html" if place.is_dir() else place
        if not place.is_file():
            return self.send_error(404)
        data = place.read_bytes()
        self.send_response(200)
        if self.compresses and place.suffix in TEXT:
            data = gzip.compress(data, 6)
            self.send_header("Content-Encoding", "gzip")
        self.sent[self.path] = len(data)
        self.send_header("Content-Type", self.guess_type(str(place)))
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)
        return None

    def log_message(self, format: str, *args: Any) -> None:
        pass


def sizes(folder: Path) -> dict[str, tuple[int, int]]:
    """Bytes of each part of the folder, as it is and with its text compressed."""
    found: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for file in folder.rglob("*"):
        if not file.is_file():
            continue
        data = file.read_bytes()
        parts = file.relative_to(folder).parts[1:]  # below the folder that is named by the version
        if parts[:1] == ("models",):
            name = "/".join(parts[:2])
        elif "ort" in parts:
            name = "onnxruntime-web"
        else:
            name = "Plotly" if "plotly" in file.name else "data" if parts[:1] == ("data",) else "page"
        found[name][0] += len(data)
        found[name][1] += len(gzip.compress(data, 6)) if file.suffix in TEXT else len(data)
    return {name: (raw, wire) for name, (raw, wire) in sorted(found.items())}


def first_digit(chrome: Any, folder: Path, data: str, compresses: bool) -> tuple[dict[str, int], float]:
    """What a browser that has never been there is sent until the model has answered, and after how many seconds."""
    sent: dict[str, int] = {}
    handler = partial(_Handler, directory=str(folder), sent=sent, compresses=compresses)
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        context = chrome.new_context()
        context.add_init_script(SPARING)
        page = context.new_page()
        start = time.perf_counter()
        page.goto(f"http://127.0.0.1:{server.server_port}/#{VIEW.format(data)}")
        page.locator('.sample[aria-pressed="true"]').wait_for(timeout=300_000)
        seconds = time.perf_counter() - start
        context.close()
        server.shutdown()
    return sent, seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("site", type=Path)
    parser.add_argument("--data", nargs="+", default=["mnist", "cifar10"])
    parser.add_argument("--times", type=int, default=3)
    options = parser.parse_args()
    parts = sizes(options.site)
    for name, (raw, wire) in [*parts.items(), ("all", tuple(map(sum, zip(*parts.values(), strict=True))))]:
        print(f"{name:<16} {raw / 1e6:6.2f} MB, compressed {wire / 1e6:6.2f} MB")
    with browser() as chrome:
        for data in options.data:
            for compresses in (False, True):
                runs = [first_digit(chrome, options.site, data, compresses) for _ in range(options.times)]
                wire = sum(runs[0][0].values()) / 1e6
                seconds = statistics.median(seconds for _, seconds in runs)
                host = "compressing" if compresses else "as it is"
                print(f"{data}, host {host}: {wire:.2f} MB on the wire until the model has answered, {seconds:.1f} s")


if __name__ == "__main__":
    main()
