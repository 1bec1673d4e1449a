"""Reports of rows that were not taken. They hold lines, names of columns, codes and sentences of ours; never a cell."""

import csv
import io
import json
from collections.abc import Sequence

from presence.ports import Rejected

COLUMNS = ("line", "column", "code", "text")


def as_csv(rejected: Sequence[Rejected]) -> str:
    """With semicolons, as Excel opens it in Sweden; to be written as UTF-8 with its mark."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=";")
    writer.writerow(COLUMNS)
    writer.writerows((each.line, each.column, each.code, each.text) for each in rejected)
    return out.getvalue()


def as_json(rejected: Sequence[Rejected]) -> str:
    return json.dumps([{name: getattr(each, name) for name in COLUMNS} for each in rejected], ensure_ascii=False, indent=2) + "\n"


def as_text(rejected: Sequence[Rejected]) -> str:
    return "".join(f"{line(each)}\n" for each in rejected)


def line(each: Rejected, width: int = 0) -> str:
    """`line 412  Datum tom: not a date; write 2026-11-24  (bad-date)`; `width`: of the longest number."""
    column = f"{each.column}: " if each.column else ""
    return f"line {each.line:{width}}  {column}{each.text}  ({each.code})"
