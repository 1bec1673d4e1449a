"""Sockets to listen on."""

import os
import socket


class CannotListen(Exception):
    """An address that cannot be listened on; the message says which and why."""


def listen(host: str, port: int, backlog: int = 2048) -> socket.socket:
    """A listening socket, bound once and inherited by all that answer on it. Port 0: any that is free.

    Raises `CannotListen`.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        opened = socket.socket(family, kind, protocol)
    except OSError as error:
        raise CannotListen(f"{host}:{port} is no address to listen on: {error.strerror}") from None
    try:
        if os.name == "posix":
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        opened.bind(address)
        opened.listen(backlog)
        opened.setblocking(False)
    except OSError as error:
        opened.close()
        raise CannotListen(f"{host}:{port} cannot be listened on: {(error.strerror or str(error)).lower()}") from None
    return opened


def address_of(opened: socket.socket) -> str:
    """`host:port`, as it was bound."""
    host, port = opened.getsockname()[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def locally(address: str) -> str:
    """The URL under which this machine reaches `host:port`: an address that stands for all of its own is "localhost"."""
    host, _, port = address.rpartition(":")
    return f"http://{'localhost' if host in ('', '0.0.0.0', '[::]', '::') else host}:{port}"  # noqa: S104  # read, not bound
