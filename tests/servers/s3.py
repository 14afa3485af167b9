"""A server that speaks as much of S3's protocol as reading takes."""

from hashlib import md5
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape

from servers.faults import Handler, Server

PAGE = 3
"""Keys of one page of a listing: few, so that tests turn pages."""


class Buckets(Server):
    """Buckets of objects."""

    def __init__(self, **buckets: dict[str, bytes]) -> None:
        super().__init__()
        self.buckets = buckets
        self.denied: set[str] = set()
        """Buckets that may not be read."""


class S3Handler(Handler):
    """ListObjectsV2, HeadBucket, HeadObject and GetObject with ranges."""

    server_of: Buckets

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        fault = self.note()
        if fault == "503":
            return self._error(503, "SlowDown", "Please reduce your request rate.")
        url = urlsplit(self.path)
        bucket, _, key = unquote(url.path.lstrip("/")).partition("/")
        if bucket in self.server_of.denied or fault == "403":
            return self._error(403, "AccessDenied", "Access Denied")
        if bucket not in self.server_of.buckets:
            return self._error(404, "NoSuchBucket", "The specified bucket does not exist")
        objects = self.server_of.buckets[bucket]
        if not key:
            return self._list(bucket, objects, parse_qs(url.query, keep_blank_values=True))
        if key not in objects:
            return self._error(404, "NoSuchKey", "The specified key does not exist.")
        tag = f'"{md5(objects[key]).hexdigest()}"'
        dates = {"Last_Modified": "Thu, 01 Jan 2026 00:00:00 GMT"}
        return self.send_file(objects[key], fault, ETag=tag, **dates)

    def _list(self, bucket: str, objects: dict[str, bytes], query: dict[str, list[str]]) -> None:
        prefix = query.get("prefix", [""])[0]
        delimiter = query.get("delimiter", [""])[0]
        after = query.get("continuation-token", [""])[0]
        keys, folders = list[str](), list[str]()
        for key in sorted(key for key in objects if key.startswith(prefix) and key > after):
            rest = key.removeprefix(prefix)
            if delimiter and delimiter in rest:
                folder = prefix + rest.partition(delimiter)[0] + delimiter
                if folder not in folders:
                    folders.append(folder)
            else:
                keys.append(key)
        more = len(keys) > PAGE
        keys = keys[:PAGE]
        token = f"<NextContinuationToken>{escape(keys[-1])}</NextContinuationToken>" if more else ""
        items = "".join(
            f"<Contents><Key>{escape(key)}</Key><Size>{len(objects[key])}</Size>"
            f"<LastModified>2026-01-01T00:00:00.000Z</LastModified></Contents>"
            for key in keys
        )
        common = "".join(
            f"<CommonPrefixes><Prefix>{escape(folder)}</Prefix></CommonPrefixes>"
            for folder in folders
        )
        body = (
            '<?xml version="1.0" encoding="UTF-8"?>'
            f"<ListBucketResult><Name>{bucket}</Name><Prefix>{escape(prefix)}</Prefix>"
            f"<KeyCount>{len(keys) + len(folders)}</KeyCount><MaxKeys>{PAGE}</MaxKeys>"
            f"<IsTruncated>{str(more).lower()}</IsTruncated>{token}{items}{common}"
            "</ListBucketResult>"
        )
        self.answer(200, body.encode(), Content_Type="application/xml")

    def _error(self, status: int, code: str, text: str) -> None:
        body = f"<Error><Code>{code}</Code><Message>{text}</Message></Error>"
        self.answer(status, body.encode(), Content_Type="application/xml")
