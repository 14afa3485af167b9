"""Why an endpoint was not reached, in words."""

import socket

import aiohttp
import pytest

from potstill.models.unreached import reason, why


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (ConnectionRefusedError(111, "Connect call failed ('127.0.0.1', 9)"), "Connection refused"),
        (
            socket.gaierror(socket.EAI_NONAME, "Name or service not known"),
            "Name or service not known",
        ),
        (OSError("no look-up"), "no look-up"),
    ],
)
def test_the_reason_for_no_connection_is_the_system_s(error: OSError, said: str):
    assert reason(error) == said


def test_a_password_in_an_error_is_not_repeated():
    said = why(aiohttp.ClientPayloadError("from http://me:secret@host/ came too little"))
    assert said == "ClientPayloadError: from http://host/ came too little"
