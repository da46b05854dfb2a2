"""The app in several processes behind nginx: python tools/several_servers.py [--processes 2] [--port 8501]

Python uses one core for the pages of one process, so that a hall of more than some thirty people who click all the time
needs as many processes as there are cores. Each has its own models and results in memory, about 0.7 GB. A person stays
with the process that a cookie names: what a page remembers is there, and nowhere else.

It needs nginx (``apt-get install nginx``), which runs without root and writes into a temporary folder only.
"""

import argparse
import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tools.screenshots import serving  # noqa: E402

CONFIGURATION = """
worker_processes 1;
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ worker_connections 4096; }}
http {{
    access_log off;
    client_max_body_size 11m;  # images of 10 MB, as app/.streamlit/config.toml takes them, and what is around them
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    # Not by address: a whole lecture hall often has the same one.
    map $cookie_seat $seat {{ "" $request_id; default $cookie_seat; }}
    map $cookie_seat $new_seat {{ "" "seat=$request_id; Path=/; HttpOnly; SameSite=Lax"; default ""; }}
    map $http_upgrade $connection_kind {{ "" close; default upgrade; }}
    upstream servers {{
        hash $seat consistent;
{servers}
    }}
    server {{
        listen {address}:{port};
        add_header Set-Cookie $new_seat;
        location / {{
            proxy_pass http://servers;
            proxy_http_version 1.1;
            proxy_set_header Host $http_host;
            proxy_set_header Upgrade $http_upgrade;
            proxy_set_header Connection $connection_kind;
            proxy_read_timeout 1h;
            proxy_buffering off;
        }}
    }}
}}
"""


def nginx() -> str | None:
    """Where nginx is, or ``None``."""
    return shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")


@contextlib.contextmanager
def behind_nginx(
    processes: int,
    port: int | None = None,
    address: str = "127.0.0.1",
    script: Path = ROOT / "app" / "main.py",
    logs: list[Path] | None = None,
) -> Iterator[str]:
    """The address of the app in several processes; all of them are stopped afterwards.

    Arguments:
        processes: how many.
        port: that nginx listens on; a free one if ``None``.
        address: likewise.
        script: that Streamlit runs.
        logs: a file for each process.
    """
    program = nginx()
    if program is None:
        raise FileNotFoundError("nginx is not installed: apt-get install nginx")
    workers = max(1, len(os.sched_getaffinity(0)) // processes)
    with contextlib.ExitStack() as stack:
        stack.enter_context(_environment(IBINN_WORKERS=str(workers)))
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        folder.chmod(0o755)  # nginx, started by root, serves as another user
        servers = [stack.enter_context(serving(logs[n] if logs else None, script)) for n in range(processes)]
        port = port or _free_port()
        places = "\n".join(f"        server {server.removeprefix('http://')};" for server in servers)
        text = CONFIGURATION.format(folder=folder, servers=places, address=address, port=port)
        (folder / "nginx.conf").write_text(text)
        front = subprocess.Popen([program, "-c", str(folder / "nginx.conf"), "-e", str(folder / "error.log")])
        try:
            _wait_for(f"http://{address}:{port}/_stcore/health", front, folder / "error.log")
            yield f"http://{address}:{port}"
        finally:
            front.send_signal(signal.SIGQUIT)
            try:
                front.wait(5)
            except subprocess.TimeoutExpired:  # a browser holds its connection
                front.terminate()
                front.wait(5)


@contextlib.contextmanager
def _environment(**values: str) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name) if value is None else os.environ.update({name: value})


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _wait_for(url: str, front: subprocess.Popen, log: Path, seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if front.poll() is not None:
            raise RuntimeError(f"nginx ended with status {front.returncode}: {log.read_text()}")
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    raise TimeoutError(f"nginx did not answer at {url}: {log.read_text()}")


def main() -> None:
    """Serves until Ctrl-C."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--processes", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--port", type=int, default=8501)
    parser.add_argument("--address", default="127.0.0.1", help="0.0.0.0 lets other computers in")
    options = parser.parse_args()
    with (
        behind_nginx(options.processes, options.port, options.address) as address,
        contextlib.suppress(KeyboardInterrupt),
    ):
        print(f"{options.processes} servers on {address}", flush=True)
        signal.pause()


if __name__ == "__main__":
    main()
