"""A server of this machine that stands for huggingface.co: it keeps repositories in memory, and can refuse."""

import base64
import hashlib
import json
from contextlib import contextmanager
from typing import NamedTuple
from urllib.parse import unquote

import huggingface_hub.constants
import pytest
from server_helpers import Answer, send, send_of_commit, server

SHA = "0" * 39 + "1"


class Asked(NamedTuple):
    """What somebody asked of it."""

    method: str
    path: str
    token: str
    body: bytes


class StandIn:
    """The files of each repository, by its name and revision, and all that was asked.

    ``refusals`` has answers by the beginning of a path, in place of what it would say.
    """

    def __init__(self) -> None:
        self.files: dict[tuple[str, str], dict[str, bytes]] = {}
        self.asked: list[Asked] = []
        self.refusals: dict[str, Answer] = {}

    def answer(self, handler, over) -> None:
        body = handler.rfile.read(int(handler.headers.get("Content-Length") or 0))
        token = handler.headers.get("Authorization", "").removeprefix("Bearer ")
        if handler.path != "/api/agent-harnesses":  # which huggingface_hub asks once a process, of itself
            self.asked.append(Asked(handler.command, handler.path, token, body))
        path = unquote(handler.path.partition("?")[0])
        refusal = next((one for begin, one in self.refusals.items() if path.startswith(begin)), None)
        if refusal is not None:
            refusal(handler, over)
        elif handler.command == "POST":
            self._post(handler, path, body)
        elif path.startswith("/api/models/"):
            self._info(handler, path.removeprefix("/api/models/"))
        else:
            self._file(handler, path)

    def _post(self, handler, path: str, body: bytes) -> None:
        origin = f"http://{handler.headers['Host']}"
        if path == "/api/repos/create":
            wanted = json.loads(body)
            name = f"{wanted.get('organization') or 'me'}/{wanted['name']}"
            self.files.setdefault((name, "main"), {})
            _json(handler, {"url": f"{origin}/{name}", "name": name})
        elif path == "/api/validate-yaml":
            _json(handler, {"errors": [], "warnings": []})
        elif "/preupload/" in path:
            files = [
                {"path": one["path"], "uploadMode": "regular", "shouldIgnore": False}
                for one in json.loads(body)["files"]
            ]
            _json(handler, {"files": files})
        elif "/commit/" in path:
            name, _, revision = path.removeprefix("/api/models/").partition("/commit/")
            found = self.files.setdefault((name, revision), {})
            for line in map(json.loads, body.splitlines()):
                if line["key"] == "file":
                    found[line["value"]["path"]] = base64.b64decode(line["value"]["content"])
            address = f"{origin}/{name}/commit/{SHA}"
            _json(handler, {"commitUrl": address, "commitOid": SHA, "pullRequestUrl": f"{origin}/{name}/discussions/1"})
        else:
            handler.send_error(404)

    def _info(self, handler, path: str) -> None:
        name, _, revision = path.partition("/revision/")
        files = self.files.get((name, revision or "main"))
        if files is None:
            handler.send_error(404)
            return
        listed = [{"rfilename": file, "size": len(data)} for file, data in files.items()]
        _json(handler, {"id": name, "sha": _sha(revision or "main"), "siblings": listed})

    def _file(self, handler, path: str) -> None:
        name, _, rest = path.lstrip("/").partition("/resolve/")
        revision, _, file = rest.partition("/")
        known = (files for (one, of), files in self.files.items() if (one, _sha(of)) == (name, revision))
        data = next(known, {}).get(file)
        if data is None:
            handler.send_error(404)
            return
        send_of_commit(handler, data, revision)


def _sha(revision: str) -> str:
    """The commit that a branch or tag stands for."""
    return hashlib.sha1(revision.encode()).hexdigest()


def _json(handler, values: dict) -> None:
    send(handler, json.dumps(values).encode())


@contextmanager
def stand_in(monkeypatch: pytest.MonkeyPatch):
    """One, to which huggingface_hub turns in place of huggingface.co."""
    hub = StandIn()
    with server(hub.answer) as address:
        constants = huggingface_hub.constants
        monkeypatch.setattr(constants, "ENDPOINT", address)
        monkeypatch.setattr(
            constants, "HUGGINGFACE_CO_URL_TEMPLATE", f"{address}/{{repo_id}}/resolve/{{revision}}/{{filename}}"
        )
        monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
        yield hub
