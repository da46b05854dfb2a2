"""A server that sends too much, or nothing at all: given up in a sentence, nothing left behind."""

import pytest
from checkpoint_helpers import one_sentence
from server_helpers import endless, server, silent

from ibinn_core import data
from ibinn_core.data import official_files


@pytest.mark.parametrize(
    "answer, reason",
    [
        (endless, "it is larger than 1 MiB"),
        (silent, "timed out"),
    ],
)
def test_what_is_too_much_or_too_slow_is_given_up(tmp_path, monkeypatch, answer, reason):
    from torchvision import datasets  # here, because its import takes seconds

    monkeypatch.setattr(official_files, "MAX_BYTES", 2**20)
    monkeypatch.setattr(official_files, "TIMEOUT_SECONDS", 1)
    counted = []
    with server(answer) as address:
        monkeypatch.setattr(datasets.CIFAR10, "url", f"{address}/cifar.tar.gz")
        with pytest.raises(data.DownloadError) as caught:
            data.download("cifar10", tmp_path, lambda done, total: counted.append(done))
    one_sentence(caught.value, "CIFAR-10 could not be fetched", reason)
    assert max(counted, default=0) <= 2**21 and list(tmp_path.iterdir()) == []


def test_the_limits_leave_room_for_the_official_files():
    assert official_files.MAX_BYTES > 1.4 * 170_498_071
