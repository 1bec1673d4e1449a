"""What a file of leave costs: a dry run, a first run and a second one, each a process of its own, with CPU time and memory.

python -m tests.bench.leave [ROWS]
"""

import json
import os
import random
import sys
import tempfile
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import NamedTuple

SETTINGS = """
[organisation]
name = "Björkdalens kommun"
hours = "Mo-Fr 08:00-17:00"
[centre]
name = "Servicecenter"
channels = [{ kind = "telephone", value = "019-21 10 00" }]
[publication]
protected = "none"
[sources.people]
connector = "connectors.ldif:Ldif"
kind = "directory"
path = "people.ldif"
base = "dc=example,dc=se"
[sources.hr]
connector = "connectors.hr:Hr"
kind = "leave"
columns = { person = "Anst.nr", start = "Datum from", end = "Datum tom", extent = "Omfattning" }
never_read = ["Frånvaroorsak", "Personnummer"]
[server]
operations = ""
"""
REASONS = ("Sjuk", "Vård av barn", "Föräldraledig", "Semester", "Tjänstledig; studier", "Fackligt uppdrag")
HEADING = "Anst.nr;Namn;Personnummer;Frånvaroorsak;Datum from;Datum tom;Omfattning\r\n"


class Cost(NamedTuple):
    """Of one process: seconds of the clock and of CPU, MB at its peak."""

    code: int
    wall: float
    cpu: float
    peak: float
    told: str


def entry(number: int) -> str:
    return (
        f"\ndn: uid=u{number},dc=example,dc=se\nobjectClass: inetOrgPerson\nuid: u{number}\ncn: Anna Berg {number}\nsn: Berg\n"
        f"employeeNumber: {10_000 + number}\nmail: u{number}@example.se\nentryUUID: 3f8c7a52-0001-4000-8000-{number:012}\n"
    )


def row(number: int, dice: random.Random, today: date) -> str:
    start = today + timedelta(days=dice.randint(-60, 300))
    is_open = dice.random() < 0.05
    end = dice.choice(["TV", "", "9999-12-31"]) if is_open else str(start + timedelta(days=dice.randint(60, 200)))
    extent = dice.choice(["1,00", "1,00", "0,50", "100", "50 %"])
    return f'{10_000 + number};"Berg, Anna";19121212-1212;{dice.choice(REASONS[:4])};{start};{end};{extent}\r\n'


def rows(count: int, people: int, today: date, seed: int = 1) -> Iterator[str]:
    dice = random.Random(seed)
    yield from (row(n % (people + people // 50), dice, today) for n in range(count))


def write(folder: Path, count: int, people: int, today: date) -> Path:
    """An installation with so many people, and a file with so many rows, as Excel saves it."""
    (folder / "presence.toml").write_text(SETTINGS, "utf-8")
    (folder / "people.ldif").write_text("version: 1\n" + "".join(map(entry, range(people))), "utf-8")
    file = folder / "franvaro.csv"
    file.write_bytes((HEADING + "".join(rows(count, people, today))).encode("cp1252"))
    return file


_MEASURED = """
import atexit, re, sys
from pathlib import Path
peak, status = Path(sys.argv.pop(1)).absolute(), Path("/proc/self/status")
atexit.register(lambda: peak.write_text(re.search(r"VmHWM:\\s+(\\d+)", status.read_text())[1]))
from presence.cli import main
main()
"""
"""The most memory that it held itself: what wait(2) tells of a child holds that of the process it was forked from, too."""


def run(folder: Path, *arguments: str) -> Cost:
    """`presence …` in a process of its own."""
    out = folder / "out"
    began = os.times()
    pid = os.fork()
    if pid == 0:
        os.chdir(folder)
        with out.open("wb") as to:
            os.dup2(to.fileno(), 1)
        with (folder / "err").open("wb") as to:
            os.dup2(to.fileno(), 2)
        os.environ["PYTHONPATH"] = str(Path(__file__).parents[2])
        os.execv(sys.executable, [sys.executable, "-c", _MEASURED, str(folder / "peak"), *arguments])
    _, status, usage = os.wait4(pid, 0)
    wall = os.times().elapsed - began.elapsed
    code = os.waitstatus_to_exitcode(status)
    peak = int((folder / "peak").read_text()) / 1024
    return Cost(code, wall, usage.ru_utime + usage.ru_stime, peak, out.read_text("utf-8"))


def main(count: int) -> str:
    lines = [f"{count} rows, {count + count // 5} people in the directory"]
    lines.append(f"{'run':12} {'wall s':>7} {'CPU s':>7} {'peak MB':>8}  what")
    with tempfile.TemporaryDirectory(prefix="presence-bench-") as name:
        folder = Path(name)
        write(folder, count, count + count // 5, date(2026, 11, 22))
        run(folder, "sync", "people")
        for title, more in (("dry run", ["--dry-run"]), ("first", []), ("second", []), ("dry again", ["--dry-run"])):
            cost = run(folder, "hr", "sync", "franvaro.csv", "--json", *more)
            told = json.loads(cost.told)
            what = ", ".join(f"{key} {told[key]}" for key in ("added", "changed", "removed", "unchanged", "written"))
            lines.append(f"{title:12} {cost.wall:7.2f} {cost.cpu:7.2f} {cost.peak:8.1f}  exit {cost.code}: {what}")
    return "\n".join(lines)


if __name__ == "__main__":
    print(main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000))
