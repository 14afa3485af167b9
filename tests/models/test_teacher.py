import pytest

from potstill.errors import InputError
from potstill.models.proxies import proxy_for
from potstill.models.teacher import Endpoint


def endpoint(base_url="http://host/v1", **fields):
    return Endpoint(base_url, **fields)


@pytest.mark.parametrize(
    ("base_url", "url"),
    [
        ("http://host/v1", "http://host/v1/chat/completions"),
        ("http://host/v1/", "http://host/v1/chat/completions"),
        ("https://host", "https://host/chat/completions"),
        ("https://host/d?api-version=3", "https://host/d/chat/completions?api-version=3"),
    ],
)
def test_where_calls_are_posted(base_url, url):
    assert str(endpoint(base_url).url) == url


def test_the_query_may_hold_a_key_and_is_not_shown():
    assert endpoint("https://host/v1?key=secret").address == "https://host/v1"


@pytest.mark.parametrize("base_url", ["", "host:8000/v1", "ftp://host", "http://", "http://h:x/"])
def test_what_is_no_address_is_refused_with_its_value(base_url):
    with pytest.raises(InputError, match="must be an address like http://host/v1") as caught:
        endpoint(base_url)
    assert repr(base_url) in str(caught.value)


def test_a_password_in_the_address_is_refused_and_not_repeated():
    with pytest.raises(InputError, match="key_env") as caught:
        endpoint("https://me:secret@host/v1")
    assert "secret" not in str(caught.value)


def test_the_key_is_read_from_the_environment(monkeypatch):
    monkeypatch.setenv("SOME_KEY", " sk-1 \n")
    assert endpoint(key_env="SOME_KEY").read_key("m") == "sk-1"
    assert endpoint().read_key("m") is None


@pytest.mark.parametrize("value", [None, "", "  ", "a\nb", "ключ"])
def test_a_missing_or_impossible_key_is_an_error_that_names_the_variable(monkeypatch, value):
    monkeypatch.delenv("SOME_KEY", raising=False)
    if value is not None:
        monkeypatch.setenv("SOME_KEY", value)
    with pytest.raises(InputError, match="SOME_KEY") as caught:
        endpoint(key_env="SOME_KEY").read_key("m")
    assert not value or not value.strip() or value not in str(caught.value)


@pytest.fixture
def _proxied(monkeypatch):
    for name in ("http_proxy", "no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HTTP_PROXY", "http://me:secret@proxy:3128")


@pytest.mark.usefixtures("_proxied")
def test_the_environment_s_proxy_is_used():
    assert str(proxy_for(endpoint("http://host/v1").url)) == "http://me:secret@proxy:3128"
    assert proxy_for(endpoint("https://host/v1").url) is None


@pytest.mark.usefixtures("_proxied")
@pytest.mark.parametrize("host", ["127.0.0.1:1", "localhost", "[::1]:1", "inside.example.com"])
def test_no_proxy_for_this_machine_nor_for_no_proxy(monkeypatch, host):
    monkeypatch.setenv("no_proxy", "example.com")
    assert proxy_for(endpoint(f"http://{host}/v1").url) is None
