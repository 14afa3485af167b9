"""Why an endpoint was not reached, in words for a person and for the journal."""

import os
import re
import ssl

import aiohttp

from potstill.models.certificates import distrust
from potstill.models.proxies import variable, without_password

UNREACHED = (aiohttp.ClientConnectorError, aiohttp.ClientHttpProxyError)
"""The errors of connecting: no byte of a request was sent to the endpoint."""

MOST_CHARACTERS = 300
_CREDENTIALS = re.compile(r"//[^/@\s]*@")


def why(error: aiohttp.ClientError | OSError) -> str:
    """Return why there was no reply, in one phrase in which no name or password stands."""
    if isinstance(error, aiohttp.ClientHttpProxyError):
        return _of_proxy(error)
    if not isinstance(error, aiohttp.ClientConnectorError):
        text = f"{type(error).__name__}: {error}"
        return _CREDENTIALS.sub("//", text)[:MOST_CHARACTERS]
    place = f"{error.host}:{error.port}"
    cause = error.os_error
    if isinstance(cause, ssl.SSLCertVerificationError):
        return f"{place}: {distrust(cause)}"
    if isinstance(cause, ssl.SSLError):
        return f"{place} speaks no TLS that works here ({cause.reason}); is https:// right?"
    if isinstance(error, aiohttp.ClientProxyConnectionError):
        place = f"the proxy {place}"
    return f"{place}: {reason(cause)}"


def _of_proxy(error: aiohttp.ClientHttpProxyError) -> str:
    asked = error.request_info
    proxy = f"the proxy {without_password(asked.real_url)} in {variable(asked.url)}"
    if error.status == 407:
        return f"{proxy} wants another name or password (HTTP 407)"
    return f"{proxy} makes no connection (HTTP {error.status})"


def reason(error: OSError) -> str:
    """Return why there is no connection, in the system's words alone."""
    number = error.errno
    if number is not None and number > 0:  # the numbers of name look-ups are negative
        return os.strerror(number)
    return error.strerror or str(error)
