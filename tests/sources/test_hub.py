"""Datasets on a hub on this machine, whole and with faults on the way."""

import errno
import os
import subprocess
import sys

import pytest

from potstill.errors import InputError, SourceError
from potstill.protocols import Place
from potstill.records import Problem
from potstill.sources import hub as module
from potstill.sources.hub import Address, files, parse, resolve
from potstill.sources.jsonl import jsonl

DATA = b"".join(b'{"problem": "What is %d + 1?"}\n' % i for i in range(2000))
SHA = "0123456789" * 4
ENDINGS = (".jsonl",)


@pytest.mark.parametrize(
    ("address", "found"),
    [
        ("hf://datasets/a-m/x.1_y", Address("a-m/x.1_y", "main", "")),
        ("hf://datasets/a/b/", Address("a/b", "main", "")),
        ("hf://datasets/a/b@v1.0/data/*.parquet", Address("a/b", "v1.0", "data/*.parquet")),
        ("hf://datasets/a/b@refs/convert/parquet/x", Address("a/b", "refs/convert/parquet", "x")),
        ("hf://datasets/a/b@refs%2Fpr%2F1", Address("a/b", "refs/pr/1", "")),
    ],
)
def test_an_address_names_dataset_revision_and_path(address, found):
    assert parse(address) == found


@pytest.mark.parametrize("address", ["hf://datasets/gsm8k", "hf://models/a/b", "hf://a/b", "hf://"])
def test_other_addresses_are_refused(address):
    with pytest.raises(SourceError, match="is not of the form hf://datasets/OWNER/NAME"):
        parse(address)


@pytest.fixture
def sha(hub) -> str:
    tree = {"data/b.jsonl": DATA, "data/a.jsonl": DATA[:-1], "data/c/d.jsonl": DATA * 2}
    return hub.commit("a/b", {"README.md": b"hi", "e.jsonl": b"", ".f.jsonl": DATA, **tree})


def names(address: str, commit: str | None = None, endings=ENDINGS) -> list[str]:
    return [file.name for file in files(address, commit, endings)]


def test_files_are_named_by_their_paths_in_the_dataset(hub, sha):
    whole = ["data/a.jsonl", "data/b.jsonl", "data/c/d.jsonl"]
    assert names("hf://datasets/a/b/data") == whole
    assert names("hf://datasets/a/b/data/*.jsonl") == whole[:2]
    assert names("hf://datasets/a/b/**/[a-d].jsonl") == whole
    assert names("hf://datasets/a/b/data/c/d.jsonl") == whole[2:]
    assert names("hf://datasets/a/b@main/README.md") == ["README.md"]


def test_an_empty_file_is_told(hub, sha):
    with pytest.raises(SourceError, match=rf"a/b@{sha}/e\.jsonl is empty"):
        names("hf://datasets/a/b")


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("hf://datasets/a/gone", "has no such dataset, or shows it only to others: HF_TOKEN"),
        ("hf://datasets/a/b@v2", "the dataset has no branch, tag or commit 'v2'"),
        (f"hf://datasets/a/b@{SHA}", f"the dataset has no branch, tag or commit '{SHA}'"),
        ("hf://datasets/a/b/gone", "the dataset has no such file or folder"),
        ("hf://datasets/a/b/gone/*.jsonl", "the dataset has no such file or folder"),
        ("hf://datasets/a/b/data/*.csv", r"data/\*.csv names no file of it"),
        ("hf://datasets/a/gated", "is gated: ask for access at http.*/datasets/a/gated, and set"),
    ],
)
def test_what_is_not_there_is_one_sentence(hub, sha, address, said):
    hub.commit("a/gated", {"x.jsonl": DATA})
    hub.gated.add("a/gated")
    with pytest.raises(SourceError, match=said) as error:
        names(address)
    assert "\n" not in str(error.value)


def test_a_token_opens_a_gated_dataset_and_is_not_sent_to_another_host(hub, monkeypatch):
    hub.commit("a/gated", {"x.jsonl": DATA})
    hub.gated.add("a/gated")
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    [file] = files("hf://datasets/a/gated", None, ENDINGS)
    with file.open() as opened:
        assert opened.read() == DATA
    assert hub.authorizations == {"Bearer hf_secret", ""}


def test_a_revision_stands_for_the_commit_that_it_stood_for(hub, sha):
    address = "hf://datasets/a/b/data/b.jsonl"
    assert resolve(address) == sha
    later = hub.commit("a/b", {"data/b.jsonl": b"moved\n"})
    [before] = files(address, sha, ENDINGS)
    [after] = files(address, None, ENDINGS)
    assert (resolve(address), resolve(f"hf://datasets/a/b@{sha}")) == (later, sha)
    with before.open() as one, after.open() as other:
        assert (one.read(), other.read()) == (DATA, b"moved\n")


@pytest.mark.parametrize("linked", [True, False])
@pytest.mark.parametrize("fault", ["reset", "truncated", "503"])
def test_a_download_that_breaks_off_is_finished(hub, sha, capfd, fault, linked, monkeypatch):
    monkeypatch.setattr("time.sleep", lambda _: None)
    hub.linked = linked
    [file] = files("hf://datasets/a/b/data/b.jsonl", sha, ENDINGS)
    hub.faults.append(("b.jsonl", fault))
    if linked:  # else the first request, for the file's size, would meet it alone
        hub.faults = [("blobs", fault), ("blobs", fault)]
    with file.open() as opened:
        assert opened.read() == DATA
    assert hub.faults == [] or not linked
    assert capfd.readouterr() == ("", "")


def test_what_stays_broken_is_one_sentence(hub, sha, monkeypatch):
    monkeypatch.setattr("time.sleep", lambda _: None)
    [file] = files("hf://datasets/a/b/data/b.jsonl", sha, ENDINGS)
    hub.faults = [("blobs", "503")] * 99
    with pytest.raises(SourceError, match="data/b.jsonl: http.* answers with status 503"):
        file.open()
    hub.faults = [("blobs", "403")] * 99
    with pytest.raises(SourceError, match=r"refuses the token in HF_TOKEN \(status 403\)"):
        file.open()


def test_a_page_for_people_is_told_as_such(hub, sha):
    hub.faults = [("/api/datasets", "page")]
    with pytest.raises(SourceError, match="b@main: http.* answers as no hub does: JSONDecodeError"):
        resolve("hf://datasets/a/b")
    hub.faults = [("/tree/", "page")]
    with pytest.raises(SourceError, match="answers as no hub does"):
        names("hf://datasets/a/b/data")


def test_a_name_that_no_dataset_can_have_is_told(hub):
    with pytest.raises(SourceError, match=r"hf://datasets/\.\./b@main: .*answers as no hub does"):
        resolve("hf://datasets/../b")


def test_a_file_is_sent_once(hub, sha):
    for _ in range(2):
        [file] = files("hf://datasets/a/b/data/b.jsonl", sha, ENDINGS)
        with file.open() as opened:
            assert opened.read() == DATA
    assert sum(count for path, count in hub.asked.items() if path.startswith("GET /blobs")) == 1


def test_no_network_is_one_sentence(monkeypatch):
    pytest.importorskip("huggingface_hub")
    monkeypatch.setattr(module, "WAITS", ())
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    with pytest.raises(
        SourceError, match="a/b@main: http://127.0.0.1:9 can't be reached: .*refused"
    ):
        resolve("hf://datasets/a/b")


def test_a_hub_that_is_not_there_is_told_apart_and_quietly(monkeypatch, capfd):
    pytest.importorskip("huggingface_hub")
    monkeypatch.setattr("time.sleep", lambda _: None)
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    for address in (f"hf://datasets/a/b@{SHA}/x/*.jsonl", f"hf://datasets/a/b@{SHA}/x.jsonl"):
        with pytest.raises(module.Unreachable, match="http://127.0.0.1:9 can't be reached"):
            names(address)
    assert capfd.readouterr() == ("", "")


def test_a_hub_that_refuses_is_not_one_that_is_not_there(hub, sha, monkeypatch):
    monkeypatch.setattr("time.sleep", lambda _: None)
    hub.faults = [("/tree/", "503")] * 99
    with pytest.raises(SourceError, match="answers with status 503") as caught:
        names("hf://datasets/a/b/data")
    assert not isinstance(caught.value, module.Unreachable)


def test_a_missing_package_is_named(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(InputError, match=r"needs huggingface_hub: pip install 'potstill\[hub\]'"):
        resolve("hf://datasets/a/b")


def test_rows_carry_the_path_in_the_dataset(hub, sha):
    place = Place("b", "hf://datasets/a/b/data/*.jsonl", {}, {"language": "en"}, commit=sha)
    rows = list(jsonl(place))
    assert all(isinstance(row, Problem) for row in rows)
    assert (rows[0].row_id, rows[-1].row_id) == ("b:data/a.jsonl:1", "b:data/b.jsonl:2000")


def test_a_full_disk_is_told_as_such(hub, sha, monkeypatch):
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    [file] = files("hf://datasets/a/b/data/b.jsonl", sha, ENDINGS)
    monkeypatch.setattr("huggingface_hub.file_download.http_get", full)
    with pytest.raises(SourceError, match=r"b\.jsonl: .*its cache can't be written: No space left"):
        file.open()


def test_nothing_heavy_is_imported_before_it_is_needed():
    code = (
        "import sys, potstill.sources.files; print({'pyarrow', 'huggingface_hub'} & {*sys.modules})"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("set()\n", "")
