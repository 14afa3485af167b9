"""The proxy that the environment names for an address."""

import ipaddress
from urllib.request import getproxies, proxy_bypass

from yarl import URL


def proxy_for(url: URL) -> URL | None:
    """Return the proxy in HTTP_PROXY or HTTPS_PROXY unless NO_PROXY or a loopback address says no.

    aiohttp's own `trust_env` would also read ~/.netrc at every call, and fail where that and a key
    name the same host.
    """
    host = url.host or ""
    proxy = getproxies().get(url.scheme)
    if not proxy or _is_loopback(host) or proxy_bypass(host):
        return None
    return URL(proxy if "//" in proxy else f"http://{proxy}")


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
