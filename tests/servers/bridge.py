"""Copies bytes between sockets: `python bridge.py unix:/path=tcp:389`; the left one is listened on, the right one connected to.

A Unix socket crosses network namespaces, so a server that insists on its own port can have it in a namespace of its own.
"""

import asyncio
import contextlib
import sys


async def copy(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await source.read(65536):
            sink.write(data)
            await sink.drain()
    sink.close()


async def bridge(left: str, right: str) -> None:
    kind, _, place = right.partition(":")

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            opened = asyncio.open_connection("127.0.0.1", int(place)) if kind == "tcp" else asyncio.open_unix_connection(place)
            far_reader, far_writer = await opened
        except OSError:
            writer.close()
            return
        await asyncio.gather(copy(reader, far_writer), copy(far_reader, writer))

    if left.startswith("tcp:"):
        listener = await asyncio.start_server(serve, "127.0.0.1", int(left.removeprefix("tcp:")))
    else:
        listener = await asyncio.start_unix_server(serve, left.removeprefix("unix:"))
    await listener.serve_forever()


async def main() -> None:
    await asyncio.gather(*(bridge(*pair.split("=", 1)) for pair in sys.argv[1:]))


if __name__ == "__main__":
    asyncio.run(main())
