"""The proxy that the environment names for an address."""

import ipaddress
import os
from urllib.request import getproxies, proxy_bypass

from yarl import URL

from potstill.errors import InputError


def proxy_for(url: URL) -> URL | None:
    """Return the proxy through which an address is asked; None to ask it directly.

    It stands in HTTP_PROXY or HTTPS_PROXY, or else in ALL_PROXY; lower-case names come first, as
    for other programs. NO_PROXY lists hosts (with their subdomains, and a port if need be), IP
    addresses and networks to ask directly; loopback addresses always are.

    aiohttp's own `trust_env` would also read ~/.netrc at every call, and fail where that and a key
    name the same host.

    Raises:
        InputError: The proxy is none that speaks HTTP.
    """
    proxies = getproxies()
    named = proxies.get(url.scheme) or proxies.get("all")
    if not named or _is_direct(url, proxies.get("no", "")):
        return None
    try:
        proxy = URL(named if "//" in named else f"http://{named}")
    except ValueError:
        proxy = URL()
    if proxy.scheme not in ("http", "https") or not proxy.host:
        # What it holds is not shown: there may be a password in it.
        raise InputError(
            f"{variable(url)} must be the address of an HTTP proxy, such as "
            f"http://proxy.example:3128 (no SOCKS); or name {url.host} in NO_PROXY"
        )
    return proxy


def variable(url: URL) -> str:
    """Return the name of what holds the proxy for an address."""
    for name in (f"{url.scheme}_proxy", "all_proxy"):
        for spelt in (name, name.upper()):
            if os.environ.get(spelt):
                return spelt
    return "the system's proxy setting"


def without_password(proxy: URL) -> str:
    """Return a proxy's address as it may be shown."""
    return str(proxy.with_user(None).origin())


def _is_direct(url: URL, no_proxy: str) -> bool:
    host = url.host or ""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host == "localhost" or bool(proxy_bypass(f"{host}:{url.port}"))
    return (
        address.is_loopback
        or any(address in network for network in _networks(no_proxy))
        or bool(proxy_bypass(host if address.version == 6 else f"{host}:{url.port}"))
    )


def _networks(no_proxy: str) -> list[ipaddress.IPv4Network | ipaddress.IPv6Network]:
    """Return the IP addresses and networks among the entries of NO_PROXY."""
    found: list[ipaddress.IPv4Network | ipaddress.IPv6Network] = []
    for entry in no_proxy.split(","):
        try:
            found.append(ipaddress.ip_network(entry.strip().strip("[]"), strict=False))
        except ValueError:
            continue
    return found
