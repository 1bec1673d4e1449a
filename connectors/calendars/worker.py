"""The child of the sandbox: reads calendars one after another, each within limits that the kernel keeps.

Standard input and output carry messages: four octets of length (big-endian), then msgpack.
"""

import gc
import os
import resource
import signal
import sys
from typing import BinaryIO
from zoneinfo import ZoneInfo

import msgspec

from connectors.calendars.model import Limits, Policy, Reading, Refused
from connectors.calendars.reading import read

LARGEST = 256_000_000


class Request(msgspec.Struct, frozen=True, array_like=True):
    """The arguments of `read`, the zone by name, and the CPU seconds that it may take."""

    texts: list[bytes]
    start: int
    end: int
    zone: str
    owner: list[str]
    policy: Policy
    limits: Limits
    cpu: int


class Answer(msgspec.Struct, frozen=True):
    """Exactly one of the two; `refused` is a sentence of our own."""

    reading: Reading | None = None
    refused: str | None = None


def receive(stream: BinaryIO) -> bytes | None:
    """One message, or None at the end of the stream."""
    head = stream.read(4)
    if len(head) < 4:
        return None
    body = stream.read(int.from_bytes(head, "big"))
    return body if len(body) == int.from_bytes(head, "big") else None


def framed(body: bytes) -> bytes:
    """A message as it travels."""
    return len(body).to_bytes(4, "big") + body


def confine(memory: int) -> None:
    """Bound this process: address space in octets, no core file (it would hold what was read), no new files."""
    signal.signal(signal.SIGPROF, signal.SIG_DFL)  # what `allow` sets ends it, whatever was inherited
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


def allow(cpu: int) -> None:
    """Let this process use `cpu` more seconds of CPU; the kernel ends it beyond.

    A timer, since it counts from now. RLIMIT_CPU counts by ticks from the start, which on a busy machine run seconds ahead of
    what can be asked for, so that a process of half a minute would be ended for nothing.
    """
    signal.setitimer(signal.ITIMER_PROF, cpu)


def answer(request: Request) -> Answer:
    """Read one person's calendars."""
    try:
        found = read(
            request.texts,
            request.start,
            request.end,
            ZoneInfo(request.zone),
            owner=request.owner,
            policy=request.policy,
            limits=request.limits,
        )
    except Refused as fault:
        return Answer(refused=fault.reason)
    return Answer(reading=found)


def main() -> None:
    """Serve until the input ends. A failure ends the process; the parent starts another."""
    confine(int(sys.argv[1]) if len(sys.argv) > 1 else 512_000_000)
    given, taken = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # nothing that prints can break the protocol
    gc.set_threshold(100_000, 20, 50)  # a reading makes few cycles, and many values that a collector would only walk
    requests, answers = msgspec.msgpack.Decoder(Request), msgspec.msgpack.Encoder()
    while (body := receive(given)) is not None:
        request = requests.decode(body)
        allow(request.cpu)
        taken.write(framed(answers.encode(answer(request))))
        taken.flush()


if __name__ == "__main__":
    main()
