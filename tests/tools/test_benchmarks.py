"""Every benchmark runs, with the smallest settings that it has."""

import subprocess
import sys
from pathlib import Path

import pytest

from tools.screenshots import chromium

pytestmark = [
    pytest.mark.slow,
    pytest.mark.browser,
    pytest.mark.skipif(chromium() is None, reason="no Chromium on this machine: apt-get install chromium"),
]
FOLDER = Path(__file__).resolve().parents[2] / "benchmarks"
#: The arguments of each benchmark, and a part of its output.
RUNS = {
    "app_latency": ("--page start --changes 1", "\nstart "),
    "app_load": ("--people 1 --seconds 5 --interval 1 --opening 0 --every 1", "1 people"),
    "browser_model": ("--data mnist --moves 4 --no-app", "| mnist, γ |"),
    "encode_decode": ("--batch 1 --rounds 2", "decode: "),
    "playground": ("--points 200 --couplings 4 --width 16 --steps 10 --seeds 1", "| two models,"),
    "site_phone": ("--help", "--live"),  # the benchmark takes minutes and needs a site
}


@pytest.mark.parametrize("name", [file.stem for file in FOLDER.glob("*.py")])
def test_a_benchmark_runs(name):
    arguments, said = RUNS[name]
    command = [sys.executable, str(FOLDER / f"{name}.py"), *arguments.split()]
    ended = subprocess.run(command, capture_output=True, text=True)
    assert said in ended.stdout and "Traceback" not in ended.stderr, ended.stdout + ended.stderr
