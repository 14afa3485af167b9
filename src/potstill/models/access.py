"""What it takes to speak to one endpoint: its key, certificates and the proxy on the way.

The key is here and nowhere else: it goes into a header, and out of every text that comes back.
"""

import ssl
from collections.abc import Mapping

import aiohttp
from yarl import URL

from potstill.models.certificates import ssl_context
from potstill.models.proxies import proxy_for
from potstill.models.teacher import Endpoint
from potstill.version import VERSION

CONNECT_S = 30.0
"""Seconds to wait for a connection."""
KEEP_S = 4.0
"""Seconds that an idle connection is kept. uvicorn, behind which vLLM and others stand, closes it
after 5, and a request that meets that is lost."""
LEAST_SECRET = 16
"""A shorter key (`EMPTY`, `token-abc123`) guards nothing, and may be a word of an answer."""


class Access:
    """How one endpoint is spoken to."""

    def __init__(self, endpoint: Endpoint, model: str) -> None:
        """Read the key.

        Raises:
            InputError: The environment does not hold it.
        """
        self._url = endpoint.url
        self._key = endpoint.read_key(model)

    def session(
        self, timeout: aiohttp.ClientTimeout, headers: Mapping[str, str] | None = None
    ) -> aiohttp.ClientSession:
        """Open a session, to be closed by who asks for it.

        Certificates are verified, the environment's proxy is used, cookies are not kept, and any
        number of connections may be open.

        Raises:
            InputError: The environment names authorities or a proxy that can't be used.
        """
        own = {"User-Agent": f"potstill/{VERSION}", **(headers or {})}
        if self._key:
            own["Authorization"] = f"Bearer {self._key}"
        return aiohttp.ClientSession(
            headers=own,
            connector=aiohttp.TCPConnector(limit=0, ssl=_tls(self._url), keepalive_timeout=KEEP_S),
            cookie_jar=aiohttp.DummyCookieJar(),
            proxy=proxy_for(self._url),
            timeout=timeout,
        )

    def redact(self, text: str, status: int = 200) -> str:
        """Return a text from the endpoint without the key: some repeat what they were sent."""
        if self._key and (status != 200 or len(self._key) >= LEAST_SECRET):
            return text.replace(self._key, "***")
        return text


def _tls(url: URL) -> ssl.SSLContext | bool:
    return ssl_context() if url.scheme == "https" else True
