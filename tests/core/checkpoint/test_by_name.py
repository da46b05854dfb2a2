"""Checkpoints by name: fetched whole or not at all, from servers that misbehave too."""

import errno
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from checkpoint_helpers import one_sentence
from server_helpers import announced, dripping, endless, files_of, send, send_of_commit, server, silent

import ibinn_core as ib
from ibinn_core import __main__, downloads
from ibinn_core import checkpoint as registry
from ibinn_core.checkpoint import FetchError, hub, hugging_face, listing
from ibinn_core.checkpoint import index as index_module
from ibinn_core.checkpoint.index import File, index, index_of, parsed, text_of

ROOT = Path(__file__).resolve().parents[3]
NAME = "small-1"


@pytest.fixture(scope="module")
def published(pristine, tmp_path_factory) -> Path:
    """What a maintainer publishes: a family of two, and what lies beside it; nobody may change it."""
    folder = tmp_path_factory.mktemp("published")
    for name in (NAME, "small-2"):
        shutil.copytree(pristine, folder / name)
        registry.write_manifest(folder / name)
    (folder / "cifar10.curve.json").write_text("{}")
    return folder


@pytest.fixture
def place(published, tmp_path, monkeypatch) -> Path:
    """A machine that has no checkpoint, and whose index is that of :func:`published`."""
    (tmp_path / "index.json").write_text(text_of(index_of(published)))
    monkeypatch.setattr(index_module, "PATH", tmp_path / "index.json")
    index.cache_clear()
    (tmp_path / "own").mkdir()
    monkeypatch.setattr(listing, "CHECKPOINTS", (tmp_path / "own",))
    monkeypatch.setenv("IBINN_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("IBINN_HUB", str(published))
    monkeypatch.delenv("IBINN_CHECKPOINTS", raising=False)
    monkeypatch.chdir(tmp_path)
    yield tmp_path
    index.cache_clear()


def in_cache(place: Path) -> list[str]:
    """What a person would see there: all but locks."""
    found = (path for path in (place / "cache").rglob("*") if path.is_file() and path.suffix != ".lock")
    return sorted(path.relative_to(place / "cache" / "checkpoints").as_posix() for path in found)


def whole(published: Path, *names: str) -> list[str]:
    return sorted(path.relative_to(published).as_posix() for name in names for path in (published / name).iterdir())


def quiet(done: int, total: int | None) -> None:
    pass


# The index ----------------------------------------------------------------------------------------------


def test_the_committed_index_is_that_of_the_committed_checkpoints():
    assert index() == index_of(ROOT / "checkpoints"), "run python tools/index.py"
    assert {"gamma-1", "mnist-gamma-1", "resnet"} <= index().checkpoints.keys()
    assert index().beside["cifar10"].files.keys() == {"cifar10.browser.zip", "cifar10.curve.json", "cifar10.curve.npz"}
    assert index().of_data("cifar10", "ib") == [c.id for c in sorted(ib.family().members, key=lambda c: c.id)] + [
        "only-ly-scratch"
    ]


def test_an_index_comes_back_from_its_file(published):
    found = index_of(published)
    assert parsed(text_of(found)) == found
    assert found.checkpoints[NAME].files["card.json"] == File.of(published / NAME / "card.json")
    assert found.checkpoints[NAME].bytes == sum(path.stat().st_size for path in (published / NAME).iterdir())


def test_the_index_of_a_checkpoint_without_a_manifest_is_refused(pristine, tmp_path):
    shutil.copytree(pristine, tmp_path / "bare")
    (tmp_path / "bare" / "manifest.json").unlink(missing_ok=True)
    with pytest.raises(ValueError, match="has no manifest.json: run"):
        index_of(tmp_path)


# Fetching -----------------------------------------------------------------------------------------------


def test_a_model_that_is_not_here_is_fetched_once(place, published, monkeypatch):
    asked = []
    assert registry.on_this_machine(NAME) is None and registry.checkpoints() == []
    with server(files_of(published, asked)) as address:
        monkeypatch.setenv("IBINN_HUB", f"{address}/")
        assert ib.load(NAME).has_likelihood
        assert ib.load(NAME).has_likelihood and registry.find(NAME).id == NAME
    assert sorted(asked) == [f"/{name}" for name in whole(published, NAME)]
    assert in_cache(place) == whole(published, NAME)
    assert [c.id for c in registry.checkpoints()] == [NAME]


def test_it_comes_from_a_folder_too_and_the_progress_is_that_of_all_files(place, published):
    told = []
    folder = hub.fetch(NAME, lambda done, total: told.append((done, total)))
    total = index().checkpoints[NAME].bytes
    assert told[0] == (0, total) and told[-1] == (total, total) and told == sorted(told) and len(told) > 5
    assert folder == place / "cache" / "checkpoints" / NAME and in_cache(place) == whole(published, NAME)


def test_a_progress_bar_is_shown_to_a_person(place, capfd):
    ib.load(NAME)
    assert NAME in capfd.readouterr().err


def stranger(handler, over) -> None:
    handler.send_response(302)
    handler.send_header("Location", "http://localhost:9/there")
    handler.end_headers()


def a_file_of_this_machine(handler, over) -> None:
    handler.send_response(302)
    handler.send_header("Location", "file:///etc/passwd")
    handler.end_headers()


def in_circles(handler, over) -> None:
    handler.send_response(302)
    handler.send_header("Location", handler.path)
    handler.end_headers()


def no_http(handler, over) -> None:
    handler.wfile.write(b"what do you want?\r\n\r\n")


def error(code: int):
    return lambda handler, over: handler.send_error(code)


def other(handler, over) -> None:
    send(handler, b"{}")


def unnoticed(published: Path):
    """Sends files of the right size, one bit of which is another one."""

    def answer(handler, over) -> None:
        data = bytearray((published / handler.path.lstrip("/")).read_bytes())
        data[-1] ^= 1
        send(handler, bytes(data))

    return answer


def broken_off(published: Path):
    def answer(handler, over) -> None:
        data = (published / handler.path.lstrip("/")).read_bytes()
        send(handler, data[: len(data) // 2], announced=len(data))

    return answer


AGAIN = "try again; if it stays so, the copy there is damaged or of another version"
CHECK = "check the connection and try again later, or set IBINN_HUB to a folder that has a copy"


@pytest.mark.parametrize(
    "answer, said",
    [
        (error(404), ("it answers 404, Not Found", "see that IBINN_HUB names the place")),
        (error(403), ("it answers 403, Forbidden", "that anybody may read")),
        (error(503), ("it answers 503, Service Unavailable", CHECK)),
        (other, ("is not the file of this version", AGAIN)),
        (unnoticed, (f"{NAME}/config.json there is not the file of this version", AGAIN)),
        (endless, ("is not the file of this version", AGAIN)),
        (announced, ("is not the file of this version", AGAIN)),
        (broken_off, ("the connection broke off after", CHECK)),
        (stranger, ("it redirects to http://localhost:9", "if you trust it, set IBINN_HUB to an address there")),
        (a_file_of_this_machine, ("it answers 302 and leads nowhere", "see that IBINN_HUB names the place")),
        (in_circles, ("it answers 302 and leads nowhere", "see that IBINN_HUB names the place")),
        (silent, ("timed out", CHECK)),
        (no_http, ("what do you want?", CHECK)),
    ],
)
def test_of_what_goes_wrong_a_sentence_is_said_and_nothing_is_left(place, published, monkeypatch, answer, said):
    monkeypatch.setattr(downloads, "TIMEOUT_SECONDS", 0.5)
    answer = answer(published) if answer in (unnoticed, broken_off) else answer
    with server(answer) as address:
        monkeypatch.setenv("IBINN_HUB", address)
        with pytest.raises(FetchError) as caught:
            hub.fetch(NAME, quiet)
    one_sentence(caught.value, f"{NAME} could not be fetched from {address} (", *said)
    assert in_cache(place) == [] and registry.scan() == ([], [])
    monkeypatch.setenv("IBINN_HUB", str(published))  # and then all is well
    assert hub.fetch(NAME, quiet).name == NAME and in_cache(place) == whole(published, NAME)


def test_a_server_that_sends_a_byte_now_and_then_is_given_up(place, monkeypatch):
    monkeypatch.setattr(hub, "MOST_SECONDS", 1)
    stored = {**json.loads(index_module.PATH.read_text())}
    stored["checkpoints"][NAME]["files"]["config.json"]["bytes"] = 10**6  # so that it may send so many
    index_module.PATH.write_text(json.dumps(stored))
    index.cache_clear()
    with server(dripping) as address:
        monkeypatch.setenv("IBINN_HUB", address)
        with pytest.raises(FetchError) as caught:
            hub.fetch(NAME, quiet)
    one_sentence(caught.value, "it took more than 1 seconds", CHECK)
    assert in_cache(place) == []


def test_without_a_network_a_sentence_says_so(place, monkeypatch):
    with server(silent) as address:
        pass  # nobody answers there any more
    monkeypatch.setenv("IBINN_HUB", address)
    with pytest.raises(FetchError) as caught:
        ib.load(NAME)
    one_sentence(caught.value, f"{NAME} could not be fetched from {address} (Connection refused)", CHECK)


def test_a_redirect_within_the_server_is_followed(place, published, monkeypatch):
    files = files_of(published)

    def answer(handler, over) -> None:
        if handler.path.startswith("/there/"):
            handler.path = handler.path.removeprefix("/there")
            files(handler, over)
            return
        handler.send_response(307)
        handler.send_header("Location", f"/there{handler.path}")
        handler.end_headers()

    with server(answer) as address:
        monkeypatch.setenv("IBINN_HUB", address)
        assert ib.load(NAME).has_likelihood


@pytest.mark.parametrize(
    "before, after, is_followed",
    [
        ("https://one.example/a", "https://other.example/a", True),
        ("http://one.example/a", "https://one.example/a", True),
        ("http://one.example/a", "http://one.example/b", True),
        ("http://one.example/a", "http://one.example:81/b", False),
        ("http://one.example/a", "https://other.example/a", False),
        ("https://one.example/a", "http://one.example/a", False),
        ("https://one.example/a", "ftp://one.example/a", False),
    ],
)
def test_where_a_redirect_may_lead(before, after, is_followed):
    import urllib.request

    asked = urllib.request.Request(before)
    careful = downloads._careful()
    if is_followed:
        assert careful.redirect_request(asked, None, 302, "", {}, after).full_url == after
    else:
        with pytest.raises(downloads.RedirectedError):
            careful.redirect_request(asked, None, 302, "", {}, after)


@pytest.mark.parametrize("missing", ["", "card.json"])
def test_a_folder_without_it_is_named(place, published, monkeypatch, missing):
    source = place / "elsewhere"
    if missing:
        shutil.copytree(published / NAME, source / NAME)
        (source / NAME / missing).unlink()
    monkeypatch.setenv("IBINN_HUB", str(source))
    with pytest.raises(FetchError) as caught:
        hub.fetch(NAME, quiet)
    one_sentence(caught.value, f"could not be fetched from {source} (No such file or directory)", "see that IBINN_HUB")
    assert in_cache(place) == []


def test_where_nobody_has_published_it_a_sentence_says_what_to_do(place, monkeypatch):
    monkeypatch.delenv("IBINN_HUB")
    assert hub.HUB == ""  # else docs/install.md must not say so any more
    with pytest.raises(FetchError) as caught:
        ib.load(NAME)
    one_sentence(caught.value, f"{NAME} is not on this machine", "set IBINN_HUB", "IBINN_CHECKPOINTS")


def test_one_that_is_no_name_is_unknown_as_ever(place):
    with pytest.raises(registry.CheckpointError) as caught:
        ib.load("small-7")
    one_sentence(caught.value, "There is no checkpoint 'small-7'")
    assert not isinstance(caught.value, FetchError)


# Interrupted, full, and at once -------------------------------------------------------------------------


def test_an_interruption_leaves_nothing_and_the_next_begins_anew(place, published):
    def interrupt(done: int, total: int | None) -> None:
        if done > total / 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        hub.fetch(NAME, interrupt)
    assert in_cache(place) == []
    assert hub.fetch(NAME, quiet) and in_cache(place) == whole(published, NAME)


def test_what_one_that_was_killed_has_left_is_not_listed_and_is_tidied_up(place, published):
    left = hub.folder() / f"{NAME}.partial"
    shutil.copytree(published / NAME, left)
    (left / "card.json").unlink()
    assert registry.scan() == ([], []) and registry.on_this_machine(NAME) is None
    hub.fetch(NAME, quiet)
    assert in_cache(place) == whole(published, NAME)


FETCH = """
import sys
from ibinn_core.checkpoint import hub
try:
    print(hub.fetch(sys.argv[1], lambda done, total: None))
except hub.FetchError as error:
    print(error)
"""


def test_of_two_processes_at_once_one_fetches_and_both_have_it(tmp_path):
    name, asked = "mnist-resnet", []
    with server(files_of(ROOT / "checkpoints", asked)) as address:
        given = {**os.environ, "IBINN_HUB": address, "IBINN_CACHE": str(tmp_path)}
        command = [sys.executable, "-c", FETCH, name]
        both = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT, env=given) for _ in range(2)]
        said = [one.communicate()[0].strip() for one in both]
    assert said == [str(tmp_path / "checkpoints" / name)] * 2
    assert len(asked) == len(index().checkpoints[name].files)


def test_where_there_is_no_room_a_sentence_says_which_place(tmp_path):
    limit = "import resource\nresource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))\n"
    given = {**os.environ, "IBINN_HUB": str(ROOT / "checkpoints"), "IBINN_CACHE": str(tmp_path)}
    command = [sys.executable, "-c", limit + FETCH, "mnist-resnet"]
    said = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env=given).stdout
    too_large = os.strerror(errno.EFBIG)
    one_sentence(said, f"{tmp_path}", f"({too_large}): make room there", "IBINN_CACHE names another place")
    assert [path.name for path in (tmp_path / "checkpoints").iterdir()] == [".mnist-resnet.lock"]


def test_a_full_disk_is_told_from_a_server_that_fails(place, published, monkeypatch):
    really = Path.open

    def full(self, mode="r", *arguments, **options):
        if mode == "wb":
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return really(self, mode, *arguments, **options)

    with server(files_of(published)) as address:
        monkeypatch.setenv("IBINN_HUB", address)
        monkeypatch.setattr(Path, "open", full)
        with pytest.raises(FetchError) as caught:
            hub.fetch(NAME, quiet)
    one_sentence(caught.value, f"{NAME} could not be put into the cache", "No space left on device", "IBINN_CACHE")


def test_a_cache_that_is_no_folder_is_named(place):
    (place / "cache").write_text("")
    with pytest.raises(FetchError) as caught:
        ib.load(NAME)
    one_sentence(caught.value, f"{NAME} could not be put into the cache", place / "cache", "IBINN_CACHE")


# What is found where ------------------------------------------------------------------------------------


def test_who_names_folders_without_an_empty_entry_has_those_and_no_others(place, monkeypatch):
    monkeypatch.setenv("IBINN_CHECKPOINTS", str(place / "own"))
    assert registry.folders() == [place / "own"]
    with pytest.raises(registry.CheckpointError, match="There is no checkpoint 'small-1'"):
        ib.load(NAME)
    monkeypatch.setenv("IBINN_CHECKPOINTS", os.pathsep + str(place / "mine"))
    assert registry.folders() == [place / "own", place / "mine", hub.folder()]
    assert ib.load(NAME).has_likelihood


def test_ones_own_checkpoint_is_taken_before_that_in_the_cache_and_neither_is_refused(place, published):
    hub.fetch(NAME, quiet)
    shutil.copytree(published / NAME, place / "own" / NAME)
    readable, refused = registry.scan()
    assert [c.path for c in readable] == [place / "own" / NAME] and refused == []
    assert registry.locate(NAME) == place / "own" / NAME


def test_one_of_an_older_version_is_not_listed_and_fetched_anew(place):
    folder = hub.fetch(NAME, quiet)
    card = json.loads((folder / "card.json").read_text())
    (folder / "card.json").write_text(json.dumps({**card, "error": 0.5}))
    registry.write_manifest(folder)
    assert registry.scan() == ([], []) and registry.on_this_machine(NAME) is None
    assert registry.find(NAME).card == card


def test_what_a_stranger_puts_into_the_cache_is_not_listed(place, published):
    hub.fetch(NAME, quiet)
    shutil.copytree(published / NAME, hub.folder() / "stranger")
    assert [c.id for c in registry.checkpoints()] == [NAME]


def test_a_family_is_fetched_whole_where_some_of_it_came_by_name(place, published):
    hub.fetch(NAME, quiet)
    assert [c.id for c in ib.family("cifar10", only_here=True).members] == [NAME]
    ib.family("cifar10")
    assert in_cache(place) == sorted([*whole(published, NAME, "small-2"), "cifar10.curve.json"])


def test_a_family_of_ones_own_choice_is_left_as_it_is(place, published):
    shutil.copytree(published / NAME, place / "own" / NAME)
    assert [c.id for c in ib.family("cifar10").members] == [NAME] and in_cache(place) == []


# The command --------------------------------------------------------------------------------------------


def test_the_command_lists_what_there_is(place, capsys, published):
    hub.fetch(NAME, quiet)
    shutil.copytree(published / "small-2", place / "own" / "small-2")
    assert __main__.main(["fetch"]) == 0
    said = capsys.readouterr().out
    assert f"{NAME}  " in said and "in the cache" in said and "on this machine" in said
    assert f"from: {published}" in said and f"to:   {hub.folder()}" in said


@pytest.mark.parametrize("arguments", [("cifar10",), ("--all",), (NAME, "cifar10")])
def test_the_command_fetches(place, published, capsys, arguments):
    assert __main__.main(["fetch", *arguments]) == 0
    assert f"{NAME}: {hub.folder() / NAME}" in capsys.readouterr().out
    assert in_cache(place) == sorted([*whole(published, NAME, "small-2"), "cifar10.curve.json"])


def test_the_command_mends_what_is_damaged(place, published, capsys):
    folder = hub.fetch(NAME, quiet)
    weights = folder / "weights.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1] + b"x")
    with pytest.raises(registry.ChangedError, match="fetch"):
        ib.load(NAME)
    assert __main__.main(["fetch", NAME]) == 0
    assert File.of(weights) == File.of(published / NAME / "weights.safetensors") and ib.load(NAME)


def test_the_command_leaves_ones_own_alone(place, published, capsys):
    shutil.copytree(published / NAME, place / "own" / NAME)
    assert __main__.main(["fetch", NAME]) == 0
    assert capsys.readouterr().out == f"{NAME}: on this machine already\n" and in_cache(place) == []


def test_the_command_says_what_it_does_not_know_and_what_would_not_be_found(place, capsys, monkeypatch):
    assert __main__.main(["fetch", "small-7"]) == 1
    said = capsys.readouterr().err
    one_sentence(said, "nothing is called small-7", "lists what can be had")
    assert said.startswith("ibinn_core fetch: ")
    monkeypatch.setenv("IBINN_CHECKPOINTS", str(place / "own"))
    assert __main__.main(["fetch", NAME]) == 1
    one_sentence(capsys.readouterr().err, "IBINN_CHECKPOINTS", "add an empty entry")


def test_other_commands_fetch_what_they_are_given(place, capsys):
    assert __main__.main(["manifest", NAME]) == 0
    assert capsys.readouterr().out == f"{hub.folder() / NAME}: as its manifest says\n"


# The Hugging Face Hub -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text, is_one",
    [
        ("owner/name", True),
        ("o-1/gamma-35.65", True),
        ("a/b/c", False),
        ("/tmp", False),
        ("../a", False),
        ("a/..", False),
    ],
)
def test_what_may_be_a_repository(text, is_one):
    assert hugging_face.is_name(text) == is_one


def test_without_its_package_a_sentence_says_what_is_needed(place, monkeypatch):
    monkeypatch.setitem(sys.modules, "huggingface_hub", None)
    with pytest.raises(FetchError) as caught:
        ib.load("owner/name")
    one_sentence(caught.value, "There is no folder owner/name", "pip install huggingface_hub")


def test_a_path_that_is_not_there_is_no_repository(place):
    with pytest.raises(registry.CheckpointError, match="There is no checkpoint 'owner/name'"):
        ib.load(Path("owner/name"))


LOAD = """
import sys
import ibinn_core as ib
try:
    print(ib.load("owner/name").has_likelihood)
except ib.CheckpointError as error:
    print(error)
"""


def repository(folder: Path, asked: list[str], sizes: dict[str, int] | None = None):
    """Answers as huggingface.co does for the model owner/name."""
    revision = "0" * 39 + "1"

    def answer(handler, over) -> None:
        asked.append(handler.path)
        path = handler.path.partition("?")[0]
        if path.startswith("/api/models/owner/name"):
            names = [
                {"rfilename": file.name, "size": (sizes or {}).get(file.name, file.stat().st_size)}
                for file in folder.iterdir()
            ]
            send(handler, json.dumps({"id": "owner/name", "sha": revision, "siblings": names}).encode())
            return
        file = folder / path.rpartition("/")[2]
        if not path.startswith(f"/owner/name/resolve/{revision}/") or not file.is_file():
            handler.send_error(404)
            return
        data = file.read_bytes()
        send_of_commit(handler, data, revision)

    return answer


def loaded(place: Path, address: str) -> str:
    """What a program prints that loads owner/name from a server that stands for huggingface.co."""
    given = {**os.environ, "HF_ENDPOINT": address, "HF_HUB_OFFLINE": "0", "HF_HOME": str(place / "hf")}
    given |= {"HF_HUB_DISABLE_TELEMETRY": "1", "PYTHONPATH": str(ROOT)}
    return subprocess.run([sys.executable, "-c", LOAD], capture_output=True, text=True, cwd=place, env=given).stdout


@pytest.mark.slow
def test_a_repository_is_fetched_once(place, published):
    asked = []
    with server(repository(published / NAME, asked)) as address:
        assert loaded(place, address) == "True\n"
        count = len(asked)
        assert loaded(place, address) == "True\n" and len(asked) == count > 0
    found = place / "cache" / "hugging-face" / "owner" / "name"
    assert sorted(path.name for path in found.iterdir()) == sorted(p.name for p in (published / NAME).iterdir())


@pytest.mark.slow
@pytest.mark.parametrize(
    "sizes, without, reason",
    [
        ({"weights.safetensors": 2**40}, (), "its weights.safetensors is larger than"),
        ({}, ("card.json",), "is no checkpoint of this program: it has no card.json"),
        (None, (), "could not be fetched from the Hugging Face Hub"),
    ],
)
def test_a_repository_of_something_else_is_refused_before_it_is_fetched(place, published, sizes, without, reason):
    other, asked = place / "other", []
    shutil.copytree(published / NAME, other, ignore=shutil.ignore_patterns(*without))
    with server(error(404) if sizes is None else repository(other, asked, sizes)) as address:
        one_sentence(loaded(place, address), "owner/name", reason)
    assert len(asked) == (sizes is not None) and not (place / "cache" / "hugging-face" / "owner" / "name").exists()
