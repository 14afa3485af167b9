"""TLS and proxies over real sockets: certificates are verified, passwords stay where they are."""

import asyncio
import base64
import shutil
import ssl
from contextlib import asynccontextmanager, suppress

import aiohttp
import pytest
import trustme
from aiohttp import web
from yarl import URL

from potstill.errors import EndpointError, InputError
from potstill.models.certificates import ssl_context
from potstill.models.client import Client
from potstill.models.proxies import proxy_for
from potstill.models.teacher import Endpoint, Teacher
from potstill.models.unreached import UNREACHED, why

SECRET = "hu sh"
CREDENTIALS = "me:hu%20sh"
ANSWERED = 200, 1


@pytest.fixture(autouse=True)
def env(monkeypatch):
    """A function that sets variables, where nothing else says how the network is reached."""
    names = ["http_proxy", "https_proxy", "all_proxy", "no_proxy"]
    names += [name.upper() for name in names]
    for name in [*names, "SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"]:
        monkeypatch.delenv(name, raising=False)
    return lambda name, value: monkeypatch.setenv(name, str(value))


@pytest.fixture(scope="module")
def authority():
    return trustme.CA()


@pytest.fixture
def bundle(authority, tmp_path):
    """A file with the certificate of the authority."""
    path = tmp_path / "authority.pem"
    authority.cert_pem.write_to_path(str(path))
    return path


@asynccontextmanager
async def teacher(certificate=None):
    """Serve on a loopback port, with TLS where there is a certificate; yield the port."""
    context = None
    if certificate:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        certificate.configure_cert(context)
    app = web.Application()
    app.router.add_post("/{path:.*}", answer)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context).start()
    try:
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()


async def answer(_):
    choice = {"message": {"content": "4"}, "finish_reason": "stop"}
    return web.json_response({"choices": [choice]})


class Proxy:
    """An HTTP proxy that leads every host to one loopback port."""

    def __init__(self, port, refuse=None):
        self.port, self.refuse = port, refuse
        self.heads = []
        self.writers = []
        self.serving = []

    async def __aenter__(self):
        self.server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.place = f"127.0.0.1:{self.server.sockets[0].getsockname()[1]}"
        return self

    async def __aexit__(self, *_):
        self.server.close()
        for task in self.serving:
            task.cancel()
        await asyncio.gather(*self.serving, return_exceptions=True)
        for writer in self.writers:
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()

    async def _serve(self, reader, writer):
        self.serving.append(asyncio.current_task())
        self.writers.append(writer)
        head = await reader.readuntil(b"\r\n\r\n")
        self.heads.append(head.decode())
        if self.refuse:
            writer.write(b"HTTP/1.1 %d No\r\nContent-Length: 0\r\n\r\n" % self.refuse)
            writer.close()
            return
        there, here = await asyncio.open_connection("127.0.0.1", self.port)
        self.writers.append(here)
        if head.startswith(b"CONNECT"):
            writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        else:
            here.write(head)
        await asyncio.gather(pump(reader, here), pump(there, writer))


async def pump(reader, writer):
    with suppress(OSError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    writer.close()


async def post(url):
    """Send a request as the client does; return the reply's status and how many choices it has."""
    url = URL(url)
    session = aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(ssl=ssl_context()),
        proxy=proxy_for(url),
        headers={"Authorization": "Bearer sk-key"},
    )
    async with session, session.post(url, data=b"{}") as response:
        return response.status, len((await response.json())["choices"])


async def failure(url):
    """Return the phrase for why a request has no reply."""
    with pytest.raises(UNREACHED) as raised:
        await post(url)
    return why(raised.value)


@pytest.mark.parametrize("name", ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
async def test_an_own_authority_is_named_by_a_file(authority, bundle, env, name):
    env(name, bundle)
    async with teacher(authority.issue_cert("localhost")) as port:
        assert await post(f"https://localhost:{port}/v1") == ANSWERED


@pytest.mark.skipif(not shutil.which("openssl"), reason="openssl names a folder's certificates")
@pytest.mark.parametrize("name", ["SSL_CERT_DIR", "REQUESTS_CA_BUNDLE"])
async def test_an_own_authority_is_named_by_a_folder(authority, tmp_path, env, name):
    folder = tmp_path / "certificates"
    folder.mkdir()
    authority.cert_pem.write_to_path(str(folder / "authority.pem"))
    rehash = await asyncio.create_subprocess_exec("openssl", "rehash", str(folder))
    assert await rehash.wait() == 0
    env(name, folder)
    async with teacher(authority.issue_cert("localhost")) as port:
        assert await post(f"https://localhost:{port}/v1") == ANSWERED


async def test_a_certificate_of_an_unknown_authority_is_refused(authority, env):
    async with teacher(authority.issue_cert("localhost")) as port:
        said = await failure(f"https://localhost:{port}/v1")
    assert said == (
        f"localhost:{port}: its certificate is not valid (unable to get local issuer certificate); "
        "if its authority is one of your own, name the file with that one's certificate in "
        "SSL_CERT_FILE"
    )


async def test_named_authorities_replace_those_of_the_system(bundle, env):
    other = trustme.CA()
    env("REQUESTS_CA_BUNDLE", bundle)
    async with teacher(other.issue_cert("localhost")) as port:
        said = await failure(f"https://localhost:{port}/v1")
    assert said.endswith(f"in SSL_CERT_FILE (now REQUESTS_CA_BUNDLE is {bundle})")


async def test_openssl_names_come_before_those_of_other_programs(authority, bundle, env, tmp_path):
    other = tmp_path / "other.pem"
    trustme.CA().cert_pem.write_to_path(str(other))
    env("CURL_CA_BUNDLE", other)
    env("REQUESTS_CA_BUNDLE", other)
    env("SSL_CERT_FILE", bundle)
    async with teacher(authority.issue_cert("localhost")) as port:
        assert await post(f"https://localhost:{port}/v1") == ANSWERED


async def test_a_certificate_of_another_host_is_refused(authority, bundle, env):
    env("SSL_CERT_FILE", bundle)
    async with teacher(authority.issue_cert("elsewhere.test")) as port:
        said = await failure(f"https://localhost:{port}/v1")
    assert "certificate is not valid for 'localhost')" in said
    assert "SSL_CERT_FILE" not in said  # would not help


async def test_an_endpoint_without_tls(env):
    async with teacher() as port:
        said = await failure(f"https://localhost:{port}/v1")
    assert said.startswith(f"localhost:{port} speaks no TLS that works here (")


@pytest.mark.parametrize("name", ["SSL_CERT_FILE", "SSL_CERT_DIR", "CURL_CA_BUNDLE"])
def test_a_variable_that_names_nothing(tmp_path, env, name):
    env(name, tmp_path / "missing")
    with pytest.raises(
        InputError, match=f"{name} names .*missing, which can't be read: No such file"
    ):
        ssl_context()


def test_a_file_without_certificates(tmp_path, env):
    (tmp_path / "notes.pem").write_text("call the office\n")
    env("SSL_CERT_FILE", tmp_path / "notes.pem")
    with pytest.raises(InputError, match=r"notes\.pem, which holds no PEM certificate"):
        ssl_context()


def test_a_folder_whose_certificates_openssl_does_not_find(bundle, env):
    env("SSL_CERT_DIR", bundle.parent)
    with pytest.raises(InputError, match="run `openssl rehash`"):
        ssl_context()


@pytest.mark.parametrize("name", ["", "SSL_CERT_FILE"])
def test_verification_is_always_on(bundle, env, name):
    if name:
        env(name, bundle)
    context = ssl_context()
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname


async def test_tls_through_a_proxy(authority, bundle, env):
    env("SSL_CERT_FILE", bundle)
    async with teacher(authority.issue_cert("teacher.test")) as port, Proxy(port) as proxy:
        env("HTTPS_PROXY", f"http://{CREDENTIALS}@{proxy.place}")
        assert await post("https://teacher.test/v1") == ANSWERED
    [head] = proxy.heads
    assert head.startswith("CONNECT teacher.test:443 ")
    assert base64.b64encode(f"me:{SECRET}".encode()).decode() in head
    assert "sk-key" not in head  # it is for the teacher's eyes only


async def test_a_plain_request_through_a_proxy(env):
    async with teacher() as port, Proxy(port) as proxy:
        env("http_proxy", f"http://{proxy.place}")
        assert await post("http://teacher.test/v1") == ANSWERED
    assert proxy.heads[0].startswith("POST http://teacher.test/v1 ")


async def test_the_certificate_is_verified_through_a_proxy_too(authority, env):
    async with teacher(authority.issue_cert("teacher.test")) as port, Proxy(port) as proxy:
        env("ALL_PROXY", f"http://{CREDENTIALS}@{proxy.place}")
        said = await failure("https://teacher.test/v1")
    assert said.startswith("teacher.test:443: its certificate is not valid")


@pytest.mark.parametrize(
    ("status", "told"),
    [
        (407, "wants another name or password (HTTP 407)"),
        (502, "makes no connection (HTTP 502)"),
    ],
)
async def test_a_proxy_that_refuses_is_named_without_its_password(env, status, told):
    async with Proxy(0, refuse=status) as proxy:
        env("HTTPS_PROXY", f"http://{CREDENTIALS}@{proxy.place}")
        said = await failure("https://teacher.test/v1")
    assert said == f"the proxy http://{proxy.place} in HTTPS_PROXY {told}"


async def test_a_proxy_that_is_not_there(env):
    async with Proxy(0) as proxy:
        pass
    env("HTTPS_PROXY", f"http://{CREDENTIALS}@{proxy.place}")
    said = await failure("https://teacher.test/v1")
    assert said == f"the proxy {proxy.place}: Connection refused"


def test_other_failures_are_told_without_what_stands_before_the_host():
    error = aiohttp.ClientPayloadError(f"http://{CREDENTIALS}@proxy closed")
    assert why(error) == "ClientPayloadError: http://proxy closed"


async def ask(url, journal, request):
    """Ask through the whole client, without waiting between attempts."""

    async def no_sleep(_):
        await asyncio.sleep(0)

    async with Client(Teacher("m", (Endpoint(url),)), journal, sleep=no_sleep) as client:
        return await client.ask(request)


async def test_the_client_asks_over_tls_and_through_a_proxy(
    authority, bundle, env, journal, request_for
):
    env("SSL_CERT_FILE", bundle)
    async with teacher(authority.issue_cert("teacher.test")) as port, Proxy(port) as proxy:
        env("HTTPS_PROXY", f"http://{CREDENTIALS}@{proxy.place}")
        entry = await ask("https://teacher.test/v1", journal, request_for())
    assert entry.ending == "ok"
    assert proxy.heads[0].startswith("CONNECT teacher.test:443 ")
    assert "hu" not in entry.attempts[0].endpoint


async def test_the_client_says_at_once_that_it_trusts_no_certificate(
    authority, env, journal, request_for
):
    async with teacher(authority.issue_cert("localhost")) as port:
        with pytest.raises(EndpointError, match="its certificate is not valid") as raised:
            await ask(f"https://localhost:{port}/v1", journal, request_for())
    assert f"teacher 'm' at https://localhost:{port}/v1 does not answer: " in str(raised.value)
    assert "SSL_CERT_FILE" in str(raised.value)
    assert list(journal.keys()) == []


async def test_the_password_of_a_proxy_is_in_no_error_and_not_in_the_journal(
    env, journal, request_for
):
    async with Proxy(0, refuse=407) as proxy:
        env("HTTPS_PROXY", f"http://{CREDENTIALS}@{proxy.place}")
        with pytest.raises(EndpointError) as raised:
            await ask("https://teacher.test/v1", journal, request_for())
    written = repr([*map(journal.get, journal.keys())])
    for place in (str(raised.value), written):
        assert "hu%20sh" not in place
        assert SECRET not in place
