"""A server that speaks as much of the Hugging Face hub's API as reading datasets takes."""

import json
from hashlib import sha1
from urllib.parse import parse_qs, unquote, urlsplit

from servers.faults import Fault, Handler, Server

PAGE = 3
"""Files of one page of a tree: few, so that tests turn pages."""


class Hub(Server):
    """Datasets, each with commits of files, and branches."""

    def __init__(self) -> None:
        super().__init__()
        self.commits: dict[tuple[str, str], dict[str, bytes]] = {}
        self.branches: dict[tuple[str, str], str] = {}
        self.gated: set[str] = set()
        """Datasets that need a token."""
        self.linked = True
        """Whether files are sent from another path, as the hub does with large ones."""

    def commit(self, repo: str, files: dict[str, bytes], branch: str = "main") -> str:
        """Add a commit to a branch, and return its hash."""
        sha = sha1(repr((repo, sorted(files.items()))).encode()).hexdigest()
        self.commits[repo, sha] = files
        self.branches[repo, branch] = sha
        return sha


class HubHandler(Handler):
    """Info, tree, paths-info and resolve."""

    server_of: Hub

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_POST(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        fault = self.note()
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if fault in ("503", "403"):
            return self.answer(int(fault))
        if fault == "page":
            return self.answer(200, b"<html>Log in</html>", Content_Type="text/html")
        url = urlsplit(self.path)
        parts = url.path.strip("/").split("/")
        if parts[0] == "blobs":
            return self._blob(*map(unquote, parts[1:]), fault=fault)
        if url.path.startswith("/api/datasets/"):
            return self._api(parts[2:], parse_qs(url.query), body)
        if "resolve" in parts:
            return self._resolve(parts, fault)
        return self.answer(404)

    def _files(self, repo: str, revision: str) -> tuple[str, dict[str, bytes]] | None:
        """Return a commit's hash and files; None where an error was sent."""
        server = self.server_of
        if repo in server.gated and "Bearer" not in self.headers.get("Authorization", ""):
            self.answer(401, X_Error_Code="GatedRepo")
        elif all(name != repo for name, _ in server.branches):
            self.answer(404, X_Error_Code="RepoNotFound")
        else:
            sha = server.branches.get((repo, revision), revision)
            if (files := server.commits.get((repo, sha))) is not None:
                return sha, files
            self.answer(404, X_Error_Code="RevisionNotFound")
        return None

    def _api(self, parts: list[str], query: dict[str, list[str]], body: bytes) -> None:
        repo, what, revision = "/".join(parts[:2]), parts[2], unquote(parts[3])
        found = self._files(repo, revision)
        if found is None:
            return None
        sha, files = found
        if what == "revision":
            return self._json({"id": repo, "sha": sha})
        if what == "paths-info":
            wanted = parse_qs(body.decode())["paths"]
            return self._json([self._entry(files, path) for path in wanted if path in files])
        folder = unquote("/".join(parts[4:]))
        prefix = f"{folder}/" if folder else ""
        inside = [path for path in sorted(files) if path.startswith(prefix)]
        if not inside:
            return self.answer(404, X_Error_Code="EntryNotFound")
        if query.get("recursive", ["false"])[0].lower() != "true":
            inside = [path for path in inside if "/" not in path.removeprefix(prefix)]
        start = int(query.get("cursor", ["0"])[0])
        page = [self._entry(files, path) for path in inside[start : start + PAGE]]
        if start + PAGE < len(inside):
            deep = query.get("recursive", ["false"])[0]
            at = f"{self.server_of.url}{urlsplit(self.path).path}"
            link = f'<{at}?recursive={deep}&cursor={start + PAGE}>; rel="next"'
            return self._json(page, Link=link)
        return self._json(page)

    def _entry(self, files: dict[str, bytes], path: str) -> dict[str, object]:
        data = files[path]
        return {"type": "file", "path": path, "size": len(data), "oid": sha1(data).hexdigest()}

    def _json(self, value: object, **headers: str) -> None:
        self.answer(200, json.dumps(value).encode(), Content_Type="application/json", **headers)

    def _resolve(self, parts: list[str], fault: Fault | None) -> None:
        repo, revision, path = "/".join(parts[1:3]), unquote(parts[4]), unquote("/".join(parts[5:]))
        found = self._files(repo, revision)
        if found is None:
            return None
        sha, files = found
        if path not in files:
            return self.answer(404, X_Error_Code="EntryNotFound", X_Repo_Commit=sha)
        data = files[path]
        about = {"X_Repo_Commit": sha, "ETag": f'"{sha1(data).hexdigest()}"'}
        if not self.server_of.linked:
            return self.send_file(data, fault, **about)
        linked = {"X_Linked_Size": str(len(data)), "X_Linked_ETag": about["ETag"]}
        # Another name for this machine: another host, to which no token must go.
        host = self.server_of.url.replace("127.0.0.1", "localhost")
        return self.answer(302, Location=f"{host}/blobs/{repo}/{sha}/{path}", **about, **linked)

    def _blob(self, owner: str, name: str, sha: str, *path: str, fault: Fault | None) -> None:
        assert "Authorization" not in self.headers, "a token was sent to another host"
        self.send_file(self.server_of.commits[f"{owner}/{name}", sha]["/".join(path)], fault)
