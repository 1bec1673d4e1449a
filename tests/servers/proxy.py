"""A TCP proxy that spoils a connection: cut, stall or throttle what the server sends, after so many bytes."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Literal

Fault = Literal["none", "cut", "stall", "throttle"]


class Proxy:
    """Forwards to `port` on this machine. The fault begins after `after` bytes from the server, counted over each connection."""

    def __init__(self, port: int, fault: Fault = "none", after: int = 0) -> None:
        self.fault: Fault = fault
        self.after = after
        self.passed = 0  # bytes from the server, of the connection last made
        self._to = port
        self._ended = threading.Event()
        self._open: list[socket.socket] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._ended.set()
        for held in (self._listener, *self._open):
            with suppress(OSError):
                held.shutdown(socket.SHUT_RDWR)
            held.close()

    def _accept(self) -> None:
        while not self._ended.is_set():
            try:
                client, _ = self._listener.accept()
                server = socket.create_connection(("127.0.0.1", self._to), 5)
            except OSError:
                return
            self._open += [client, server]
            self.passed = 0
            threading.Thread(target=self._upwards, args=(client, server), daemon=True).start()
            threading.Thread(target=self._downwards, args=(server, client), daemon=True).start()

    def _upwards(self, client: socket.socket, server: socket.socket) -> None:
        with suppress(OSError):
            while data := client.recv(65536):
                server.sendall(data)
        with suppress(OSError):
            server.shutdown(socket.SHUT_WR)

    def _downwards(self, server: socket.socket, client: socket.socket) -> None:
        with suppress(OSError):
            while data := server.recv(65536):
                room = len(data) if self.fault == "none" else max(0, self.after - self.passed)
                client.sendall(data[:room])
                self.passed += min(room, len(data))
                if room < len(data) and not self._spoil(data[room:], client):
                    return
        with suppress(OSError):
            client.shutdown(socket.SHUT_RDWR)

    def _spoil(self, rest: bytes, client: socket.socket) -> bool:
        """Whether to go on after the fault has begun."""
        if self.fault == "cut":
            client.shutdown(socket.SHUT_RDWR)
            return False
        if self.fault == "stall":
            self._ended.wait()
            return False
        for at in range(len(rest)):  # throttle: some ten bytes a second, for ever
            if self._ended.is_set():
                return False
            client.sendall(rest[at : at + 1])
            self.passed += 1
            time.sleep(0.1)
        return True


@contextmanager
def proxy(port: int, fault: Fault = "none", after: int = 0) -> Iterator[Proxy]:
    """A proxy for the length of a `with`."""
    made = Proxy(port, fault, after)
    try:
        yield made
    finally:
        made.close()
