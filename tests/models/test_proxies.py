"""Which proxy is taken for an address, as other programs read the same variables."""

import pytest
from yarl import URL

from potstill.errors import InputError
from potstill.models.proxies import proxy_for, variable, without_password

TEACHER = URL("https://api.example.com/v1")


@pytest.fixture(autouse=True)
def _no_proxies(monkeypatch):
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy", "request_method"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture
def env(monkeypatch):
    def put(**variables):
        for name, value in variables.items():
            monkeypatch.setenv(name, value)

    return put


def test_without_variables_nothing_stands_between():
    assert proxy_for(TEACHER) is None


@pytest.mark.parametrize("name", ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"])
def test_each_variable_is_heard(env, name):
    env(**{name: "http://proxy:3128"})
    assert proxy_for(TEACHER) == URL("http://proxy:3128")
    assert variable(TEACHER) == name


def test_the_scheme_of_the_address_chooses_the_variable(env):
    env(HTTP_PROXY="http://plain:1", HTTPS_PROXY="http://secure:2")
    assert proxy_for(TEACHER) == URL("http://secure:2")
    assert proxy_for(TEACHER.with_scheme("http")) == URL("http://plain:1")


def test_the_more_special_and_the_lower_case_name_come_first(env):
    env(ALL_PROXY="http://all:1", HTTPS_PROXY="http://upper:2")
    assert proxy_for(TEACHER) == URL("http://upper:2")
    env(https_proxy="http://lower:3")
    assert proxy_for(TEACHER) == URL("http://lower:3")
    assert variable(TEACHER) == "https_proxy"


def test_a_proxy_without_a_scheme_is_an_http_one(env):
    env(HTTPS_PROXY="proxy:3128")
    assert proxy_for(TEACHER) == URL("http://proxy:3128")


@pytest.mark.parametrize(
    ("no_proxy", "url"),
    [
        ("api.example.com", "https://api.example.com"),
        ("localhost, .example.com", "https://api.example.com"),
        ("example.com", "https://api.example.com"),
        ("EXAMPLE.com", "https://api.example.com"),
        ("api.example.com:8443", "https://api.example.com:8443"),
        ("*", "https://api.example.com"),
        ("10.0.0.7", "http://10.0.0.7:8000"),
        ("10.0.0.7:8000", "http://10.0.0.7:8000"),
        ("10.0.0.0/8", "http://10.1.2.3:8000"),
        ("[fd00::1]", "http://[fd00::1]:8000"),
        ("fd00::/8", "http://[fd00::1]:8000"),
        ("", "http://localhost:8000"),
        ("", "http://127.0.0.9:8000"),
        ("", "http://[::1]:8000"),
    ],
)
@pytest.mark.parametrize("name", ["NO_PROXY", "no_proxy"])
def test_what_is_asked_directly(env, name, no_proxy, url):
    env(ALL_PROXY="http://proxy:3128", **{name: no_proxy})
    assert proxy_for(URL(url)) is None


@pytest.mark.parametrize(
    ("no_proxy", "url"),
    [
        ("", "https://api.example.com"),
        ("ample.com", "https://api.example.com"),
        ("api.example.com:8443", "https://api.example.com"),
        ("api.example.com.evil.org", "https://api.example.com"),
        ("10.0.0.0/8", "http://11.0.0.1"),
        ("10.0.0.0/8", "http://10.example.com"),
        ("fd00::/8", "http://[fe80::1]"),
    ],
)
def test_what_goes_through_the_proxy(env, no_proxy, url):
    env(ALL_PROXY="http://proxy:3128", NO_PROXY=no_proxy)
    assert proxy_for(URL(url)) == URL("http://proxy:3128")


@pytest.mark.parametrize(
    "value", ["socks5://me:hush@proxy:1080", "http://me:hush@", "http://me:hush@proxy:port"]
)
def test_a_proxy_that_cannot_be_used_is_said_without_its_password(env, value):
    env(all_proxy=value)
    with pytest.raises(
        InputError, match="all_proxy must be the address of an HTTP proxy"
    ) as raised:
        proxy_for(TEACHER)
    assert "hush" not in str(raised.value)
    env(NO_PROXY="example.com")
    assert proxy_for(TEACHER) is None


def test_a_proxy_is_shown_without_its_password():
    assert without_password(URL("http://me:hu%40sh@proxy:3128/path")) == "http://proxy:3128"
