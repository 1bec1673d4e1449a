"""CPU microseconds a request, side by side in one run: `python -m tests.bench.http`.

Requests a second mean little on a machine with neighbours, so what is compared is the CPU time of the server process for a
request. Slices of a second, one case after the other, several rounds; the median of the rounds' ratios to the bare server of the
same round. Servers run on one core, the load on the other.
"""

import os
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from tests.bench.cases import CASES, CONTACTS, contact_id

ROUNDS = int(os.environ.get("BENCH_ROUNDS", "7"))
SECONDS = 1
_TICKS = os.sysconf("SC_CLK_TCK")

_RANDOM = """
local ids = {} ; local tags = {}
for line in io.lines(os.getenv("BENCH_IDS")) do
  local id, tag = line:match("(%S+) (%S+)") ; ids[#ids + 1] = id ; tags[#tags + 1] = tag
end
math.randomseed(7)
request = function()
  local n = math.random(#ids)
  local headers = {}
  if os.getenv("BENCH_CONDITIONAL") then headers["If-None-Match"] = tags[n] end
  return wrk.format("GET", "/v1/contacts/" .. ids[n], headers)
end
"""


class Row(NamedTuple):
    name: str
    micros: float  # CPU a request, median
    ratio: float  # bare over this, median over rounds
    rate: float  # requests a second, best


class Server(NamedTuple):
    process: subprocess.Popen[bytes]
    port: int

    def cpu(self) -> float:
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICKS


def run() -> list[Row]:
    """All cases. Raises RuntimeError where wrk or a server is missing."""
    if not shutil.which("wrk"):
        raise RuntimeError("wrk is not installed: apt-get install wrk")
    with tempfile.TemporaryDirectory() as folder, _redis(Path(folder)) as redis:
        names = [name for name in CASES if name != "litestar-redis" or redis]
        servers = {name: _start(name, redis) for name in names}
        try:
            for server in servers.values():
                _wait(server)
            script, ids = Path(folder) / "random.lua", Path(folder) / "ids"
            script.write_text(_RANDOM)
            ids.write_text("".join(f"{i} {t}\n" for i, t in _tags(servers["lookup"].port)))
            return _measure(servers, script, ids)
        finally:
            for server in servers.values():
                server.process.kill()
                server.process.wait()


def _measure(servers: dict[str, Server], script: Path, ids: Path) -> list[Row]:
    cases = [("bare", "bare", False), ("lookup", "lookup", False), ("304", "lookup", True)]
    cases += [(name, name, False) for name in servers if name.startswith("litestar")]
    micros: dict[str, list[float]] = {name: [] for name, _, _ in cases}
    rates: dict[str, list[float]] = {name: [] for name, _, _ in cases}
    for round_ in range(ROUNDS + 1):
        for name, server, conditional in cases:
            cpu, count = _slice(servers[server], script, ids, conditional)
            if round_:  # the first warms up
                micros[name].append(cpu / count * 1e6)
                rates[name].append(count / SECONDS)
    bare = micros["bare"]
    return [
        Row(n, statistics.median(m), statistics.median(b / x for b, x in zip(bare, m, strict=True)), max(rates[n]))
        for n, m in micros.items()
    ]


def _slice(server: Server, script: Path, ids: Path, conditional: bool) -> tuple[float, int]:
    environment = {**os.environ, "BENCH_IDS": str(ids)} | ({"BENCH_CONDITIONAL": "1"} if conditional else {})
    command = ["wrk", "-t1", "-c32", f"-d{SECONDS}s", "-s", str(script), f"http://127.0.0.1:{server.port}"]
    if cores := _cores():
        command = ["taskset", "-c", str(cores[1]), *command]
    before = server.cpu()
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    if "Non-2xx" in done.stdout and not conditional:
        raise RuntimeError(done.stdout)
    found = re.search(r"(\d+) requests in", done.stdout)
    return server.cpu() - before, int(found[1]) if found else 1


def _start(name: str, redis: int | None) -> Server:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(512)
        command = [sys.executable, "-m", "tests.bench.cases", name, str(listening.fileno())]
        if cores := _cores():
            command = ["taskset", "-c", str(cores[0]), *command]
        environment = {**os.environ, "REDIS_PORT": str(redis)}
        process = subprocess.Popen(command, pass_fds=(listening.fileno(),), env=environment, stdin=subprocess.DEVNULL)
        return Server(process, listening.getsockname()[1])


def _wait(server: Server) -> None:
    deadline = time.monotonic() + 120
    while True:
        with suppress(OSError):
            urllib.request.urlopen(f"http://127.0.0.1:{server.port}/v1/contacts/{contact_id(1)}", timeout=60).read()
            return
        if time.monotonic() > deadline or server.process.poll() is not None:
            raise RuntimeError("a server of the benchmark did not start")
        time.sleep(0.2)


def _tags(port: int) -> Iterator[tuple[str, str]]:
    import http.client

    connection = http.client.HTTPConnection("127.0.0.1", port)
    for n in range(CONTACTS):
        connection.request("GET", f"/v1/contacts/{contact_id(n)}")
        answer = connection.getresponse()
        answer.read()
        yield contact_id(n), answer.headers["etag"]


def _cores() -> list[int] | None:
    """Two cores to keep server and load apart, where there are two and `taskset`."""
    allowed = sorted(os.sched_getaffinity(0))
    return allowed[:2] if len(allowed) > 1 and shutil.which("taskset") else None


@contextmanager
def _redis(folder: Path) -> Iterator[int | None]:
    """A Redis for the comparison; None where there is none, and then that row is missing."""
    binary = shutil.which("redis-server")
    if not binary:
        yield None
        return
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [binary, "--port", str(port), "--bind", "127.0.0.1", "--dir", str(folder), "--save", "", "--appendonly", "no"]
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    try:
        time.sleep(0.3)
        yield port
    finally:
        process.kill()
        process.wait()


if __name__ == "__main__":
    for row in run():
        print(f"{row.name:16} {row.micros:7.1f} us/request  {row.ratio:5.2f} of bare  {row.rate:9.0f}/s")
