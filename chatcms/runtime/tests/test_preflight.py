"""Tests of the checks before anything is started."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from chatcms.runtime.errors import SetupError
from chatcms.runtime.preflight import require_port, require_space, whole_number


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield int(listener.getsockname()[1])


def test_a_taken_port_is_named_with_a_free_one_as_the_cure(taken_port: int) -> None:
    with pytest.raises(SetupError) as caught:
        require_port("127.0.0.1", taken_port)
    message = str(caught.value)
    assert f"Port {taken_port} on 127.0.0.1 is taken" in message
    cure = re.search(r"Cure: PORT=(\d+) \./start-all\.sh", message)
    assert cure
    require_port("127.0.0.1", int(cure[1]))


def test_a_free_port_is_accepted(taken_port: int) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        free = int(other.getsockname()[1])
    require_port("127.0.0.1", free)


def test_an_address_that_is_not_of_this_machine_is_named() -> None:
    with pytest.raises(SetupError, match=r"192\.0\.2\.1 is not an address of this machine"):
        require_port("192.0.2.1", 8000)


def test_a_full_disk_is_named_with_a_cure(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match=r"nearly full.*Cure: free some space"):
        require_space(tmp_path, needed=10**18)


def test_room_enough_is_accepted(tmp_path: Path) -> None:
    require_space(tmp_path, needed=1)


@pytest.mark.parametrize("text", ["", "eight", "0", "65536", "-1", "8 000", "٣"])
def test_a_port_that_is_no_number_is_a_problem_with_a_cure(text: str) -> None:
    with pytest.raises(SetupError, match=r"PORT is .*Cure: PORT=8000 \./start-all\.sh"):
        whole_number({"PORT": text}, "PORT", 8000)


def test_an_unset_number_has_its_default() -> None:
    assert whole_number({}, "PORT", 8000) == 8000
