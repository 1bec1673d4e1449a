"""A real HTTP server process that serves the calendars of a folder, and can be told by path to misbehave.

What it should do wrong with `anna.ics` stands in `anna.ics.fault` (JSON, see `Faults`), and is read anew for each request; what
it was asked stands in `requests.jsonl`. So it is steered and observed without any channel that a client could notice.
"""

import asyncio
import contextlib
import gzip
import hashlib
import json
import socket
import ssl
import sys
import zlib
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from email.utils import formatdate
from pathlib import Path
from typing import Any

from tests.servers import free_port, launch, stop
from tests.servers.certificates import Certificate

LOGIN = b"<!DOCTYPE html><html><head><title>Logga in</title></head><body><form method=post></form></body></html>"


class Origin:
    """A running server and its folder."""

    def __init__(self, folder: Path, root: str, log: Path) -> None:
        self.folder = folder
        self.root = root
        self.log = log
        self.port = int(root.split(":")[2].partition("/")[0])

    def within(self, name: str) -> "Origin":
        """A new folder of the same server, for one test."""
        (self.folder / name).mkdir()
        return Origin(self.folder / name, f"{self.root}/{name}", self.log)

    def url(self, name: str) -> str:
        return f"{self.root}/{name}"

    def put(self, name: str, body: bytes) -> str:
        """Publish a calendar, whole at once; gives its address."""
        draft = self.folder / f"{name}.draft"
        draft.write_bytes(body)
        draft.rename(self.folder / name)
        return self.url(name)

    def fault(self, name: str, kind: str, **more: Any) -> str:
        """From now on, answer like this under that name."""
        (self.folder / f"{name}.fault").write_text(json.dumps({"kind": kind, **more}))
        return self.url(name)

    def mend(self, name: str) -> None:
        (self.folder / f"{name}.fault").unlink()

    def requests(self, name: str = "") -> list[dict[str, Any]]:
        """`{"path", "headers"}` of each request so far, of one name or all."""
        found = [json.loads(line) for line in self.log.read_text().splitlines()]
        path = "/" + self.url(name).split("/", 3)[3]
        return [each for each in found if each["path"] == path or (not name and each["path"].startswith(path))]


@contextmanager
def origin(folder: Path, tls: Certificate | None = None, host: str = "127.0.0.1") -> Iterator[Origin]:
    """A server process on a free port, over TLS with a certificate."""
    folder.mkdir(parents=True, exist_ok=True)
    port = free_port()

    def ready() -> bool:
        with contextlib.suppress(OSError), socket.create_connection((host, port), 1):
            return True
        return False

    command = [sys.executable, "-m", "tests.servers.origin", str(folder), host, str(port)]
    process = launch([*command, *((str(tls.certificate), str(tls.key)) if tls else ())], folder / "server.log", ready)
    try:
        yield Origin(folder, f"{'https' if tls else 'http'}://{host}:{port}", folder / "requests.jsonl")
    finally:
        stop(process)


class Faults:
    """Each writes a whole wrong answer, and gives its status. `more` is what the test said beside `kind`."""

    def __init__(self, folder: Path, writer: asyncio.StreamWriter) -> None:
        self.folder = folder
        self.writer = writer

    async def status(self, body: bytes, more: dict[str, Any]) -> int:
        return await self.send(more["status"], more.get("headers", {}), more.get("body", "").encode())

    async def login(self, body: bytes, more: dict[str, Any]) -> int:
        return await self.send(200, {"Content-Type": "text/html"}, LOGIN)

    async def redirect(self, body: bytes, more: dict[str, Any]) -> int:
        return await self.send(more.get("status", 302), {"Location": more["to"]}, b"elsewhere")

    async def short(self, body: bytes, more: dict[str, Any]) -> int:
        """Content-Length says more than comes."""
        return await self.send(200, {"Content-Length": str(len(body) + 100)}, body)

    async def half(self, body: bytes, more: dict[str, Any]) -> int:
        """Without a length, closed in the middle, just after an event."""
        cut = body.rfind(b"END:VEVENT\r\n") + len(b"END:VEVENT\r\n")
        return await self.send(200, {"Content-Length": ""}, body[:cut])

    async def drip(self, body: bytes, more: dict[str, Any]) -> int:
        await self.send(200, {}, b"", len(body))
        for at in range(len(body)):
            await self.write(body[at : at + 1])
            await asyncio.sleep(more.get("every", 1.0))
        return 200

    async def slow_headers(self, body: bytes, more: dict[str, Any]) -> int:
        for octet in b"HTTP/1.1 200 OK\r\nX-Slow: " + b"x" * 10_000:
            await self.write(bytes((octet,)))
            await asyncio.sleep(more.get("every", 1.0))
        return 200

    async def endless_headers(self, body: bytes, more: dict[str, Any]) -> int:
        await self.write(b"HTTP/1.1 200 OK\r\n")
        for number in range(100_000):
            await self.write(b"X-%d: %s\r\n" % (number, b"x" * 1_000))
        return 200

    async def silence(self, body: bytes, more: dict[str, Any]) -> int:
        await asyncio.sleep(3_600)
        return 0

    async def garbage(self, body: bytes, more: dict[str, Any]) -> int:
        await self.write(b"220 mail.kommun.example ESMTP\r\n")
        return 0

    async def gzip(self, body: bytes, more: dict[str, Any]) -> int:
        return await self.send(200, {"Content-Encoding": "gzip"}, gzip.compress(body))

    async def gzip_cut(self, body: bytes, more: dict[str, Any]) -> int:
        return await self.send(200, {"Content-Encoding": "gzip"}, gzip.compress(body)[:-9])

    async def gzip_followed(self, body: bytes, more: dict[str, Any]) -> int:
        return await self.send(200, {"Content-Encoding": "gzip"}, gzip.compress(body) + gzip.compress(body))

    async def gzip_not(self, body: bytes, more: dict[str, Any]) -> int:
        return await self.send(200, {"Content-Encoding": "gzip"}, body)

    async def bomb(self, body: bytes, more: dict[str, Any]) -> int:
        """A hundred megabytes of nothing in one tenth of a megabyte."""
        return await self.send(200, {"Content-Encoding": "gzip"}, _packed_nothing(100))

    async def double(self, body: bytes, more: dict[str, Any]) -> int:
        """The same, packed twice: some hundred bytes."""
        return await self.send(200, {"Content-Encoding": "gzip, gzip"}, gzip.compress(_packed_nothing(100)))

    async def huge(self, body: bytes, more: dict[str, Any]) -> int:
        """Never ends, and does not say how long it is."""
        await self.send(200, {"Content-Length": ""}, b"")
        while True:
            await self.write(b"X" * 65_536)

    async def unasked_304(self, body: bytes, more: dict[str, Any]) -> int:
        return await self.send(304, {}, b"")

    async def forgetful(self, body: bytes, more: dict[str, Any]) -> int:
        """The same again, whatever the client has."""
        return await self.send(200, {"Set-Cookie": "track=1; Path=/"}, body)

    async def send(self, status: int, headers: dict[str, str], body: bytes, length: int | None = None) -> int:
        """An answer; a header of no value is left out."""
        lines = {"Content-Length": str(len(body) if length is None else length), "Connection": "close", **headers}
        text = f"HTTP/1.1 {status} Told\r\n" + "".join(f"{name}: {value}\r\n" for name, value in lines.items() if value)
        await self.write(text.encode("latin-1") + b"\r\n" + body)
        return status

    async def write(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()


def _packed_nothing(megabytes: int) -> bytes:
    packer = zlib.compressobj(9, wbits=16 + zlib.MAX_WBITS)
    nothing = bytes(1_000_000)
    return b"".join([*(packer.compress(nothing) for _ in range(megabytes)), packer.flush()])


async def _asked(reader: asyncio.StreamReader) -> AsyncIterator[tuple[str, dict[str, str]]]:
    """The requests of one connection."""
    while line := await reader.readline():
        headers = {}
        while (header := await reader.readline()).strip():
            name, _, value = header.decode("latin-1").partition(":")
            headers[name.strip().lower()] = value.strip()
        yield line.split()[1].decode("latin-1"), headers


async def _serve(folder: Path, host: str, port: int, tls: ssl.SSLContext | None) -> None:
    log = (folder / "requests.jsonl").open("a")

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async for path, headers in _asked(reader):
                print(json.dumps({"path": path, "headers": headers}), file=log, flush=True)
                if not await _answer(folder, path, headers, writer):
                    break
        except (OSError, ssl.SSLError):
            pass  # the client had enough
        finally:
            writer.close()

    server = await asyncio.start_server(serve, host, port, ssl=tls)
    async with server:
        await server.serve_forever()


async def _answer(folder: Path, path: str, headers: dict[str, str], writer: asyncio.StreamWriter) -> bool:
    """Whether the connection may go on."""
    file = folder / path.partition("?")[0].lstrip("/")
    faults = Faults(folder, writer)
    body = file.read_bytes() if file.is_file() else b""
    told = file.with_name(f"{file.name}.fault")
    if told.exists():
        more = json.loads(told.read_text())
        await getattr(faults, more["kind"])(body, more)
        return False
    if not file.is_file():
        await faults.send(404, {"Connection": ""}, b"no such calendar")
        return True
    marks = {"ETag": f'"{hashlib.sha256(body).hexdigest()[:16]}"', "Last-Modified": formatdate(file.stat().st_mtime, usegmt=True)}
    known = headers["if-none-match"] == marks["ETag"] if "if-none-match" in headers else False
    if known or ("if-none-match" not in headers and headers.get("if-modified-since") == marks["Last-Modified"]):
        await faults.send(304, {**marks, "Connection": "", "Content-Length": ""}, b"")
        return True
    await faults.send(200, {**marks, "Connection": "", "Content-Type": "text/calendar; charset=utf-8"}, body)
    return True


def main(folder: str, host: str, port: str, *tls: str) -> None:
    context = None
    if tls:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*tls)
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_serve(Path(folder), host, int(port), context))


if __name__ == "__main__":
    main(*sys.argv[1:])
