"""`make bench`: runs the benchmarks, prints their tables, and writes them to docs/benchmarks.md with machine and date."""

import contextlib
import io
import os
import platform
import sys
from datetime import UTC, datetime
from pathlib import Path

from tests.bench import calendars, http, search

PAGE = Path(__file__).resolve().parents[2] / "docs" / "benchmarks.md"

HEAD = """# Benchmarks

Written by `make bench`. Figures of one run, side by side, on one machine; only ratios carry over to another.

{machine}, Python {python}, {date}. Load of the machine at the end of the run: {load}.
"""

HTTP = """
## A look-up over HTTP

CPU microseconds of the server process a request, random ids among 20,000 contacts, one uvicorn worker on one core, wrk with
32 connections on the other; slices of a second, case after case, {rounds} rounds, medians. *bare* is an ASGI application that
answers a constant of the same size with two headers.

| case | CPU a request | bare over this | best requests/s |
|---|---|---|---|
{rows}

*lookup* is `GET /v1/contacts/{{id}}` with ETag, Expires, CORS and budget, out of the whole board.
*litestar* is the framework's own way (a path
parameter and a struct from a dictionary), *litestar-redis* the same with the contact fetched from Redis.
"""

CALENDARS = """
## A calendar

```
{table}
```
"""


SEARCH = """
## Search

```
{table}
```
"""


def main() -> None:
    rows = http.run()
    table = "\n".join(f"| {r.name} | {r.micros:.1f} µs | {r.ratio:.2f} | {r.rate:,.0f} |" for r in rows)
    page = HTTP.format(rounds=http.ROUNDS, rows=table)
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        calendars.main()
    page += CALENDARS.format(table=said.getvalue().strip())
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        search.main()
    page += SEARCH.format(table=said.getvalue().strip())
    machine = f"{platform.machine()}, {os.cpu_count()} cores, {platform.system()} {platform.release().split('-')[0]}"
    load = ", ".join(f"{each:.1f}" for each in os.getloadavg())
    head = HEAD.format(machine=machine, python=platform.python_version(), date=datetime.now(UTC).date(), load=load)
    PAGE.write_text(head + page, "utf-8")
    sys.stdout.write(head + page)


if __name__ == "__main__":
    main()
