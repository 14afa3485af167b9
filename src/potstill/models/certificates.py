"""Which certificate authorities vouch for an endpoint, and what is said where none does."""

import os
import re
import ssl
from pathlib import Path

from potstill.errors import InputError

_BY_HASH = re.compile(r"[0-9a-f]{8}\.\d+")
"""How OpenSSL looks for a certificate in a folder."""
_VARIABLES = (("SSL_CERT_FILE", "SSL_CERT_DIR"), ("REQUESTS_CA_BUNDLE",), ("CURL_CA_BUNDLE",))
_UNKNOWN_AUTHORITY = frozenset({2, 18, 19, 20, 21})
"""OpenSSL's codes (X509_V_ERR_*) for a chain that ends in no trusted authority."""


def ssl_context() -> ssl.SSLContext:
    """Return what certificates and host names are verified with; they always are.

    The authorities are those in SSL_CERT_FILE and SSL_CERT_DIR, or else in REQUESTS_CA_BUNDLE, or
    else in CURL_CA_BUNDLE, or else the system's.

    Raises:
        InputError: One of these variables names something without certificates.
    """
    places = _places()
    if not places:
        return ssl.create_default_context()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    for variable, path in places:
        _load(context, variable, path)
    return context


def distrust(error: ssl.SSLCertVerificationError) -> str:
    """Return why a certificate was not accepted, and what may help."""
    said = f"its certificate is not valid ({error.verify_message.rstrip('.')})"
    if error.verify_code not in _UNKNOWN_AUTHORITY:
        return said
    now = ", ".join(f"{variable} is {path}" for variable, path in _places())
    return (
        f"{said}; if its authority is one of your own, name the file with that one's certificate "
        f"in SSL_CERT_FILE{f' (now {now})' if now else ''}"
    )


def _places() -> list[tuple[str, Path]]:
    """Return the files and folders of authorities that the environment names."""
    for variables in _VARIABLES:
        found: list[tuple[str, Path]] = []
        for name in variables:
            value = os.environ.get(name, "")
            several = value.split(os.pathsep) if name == "SSL_CERT_DIR" else [value]
            found += [(name, Path(path)) for path in several if path]
        if found:
            return found
    return []


def _load(context: ssl.SSLContext, variable: str, path: Path) -> None:
    try:
        if not path.is_dir():
            context.load_verify_locations(cafile=path)
        elif any(_BY_HASH.fullmatch(each.name) for each in path.iterdir()):
            context.load_verify_locations(capath=path)
        else:
            raise InputError(
                f"{variable} names the folder {path}, where no certificate is found by its hash: "
                f"run `openssl rehash` on it, or name a file in SSL_CERT_FILE"
            )
    except ssl.SSLError:
        raise InputError(f"{variable} names {path}, which holds no PEM certificate") from None
    except OSError as error:
        raise InputError(
            f"{variable} names {path}, which can't be read: {error.strerror}"
        ) from None
