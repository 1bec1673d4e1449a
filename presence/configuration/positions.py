"""On which line of a TOML document each key stands. The standard library's reader does not say.

The document has been read by `tomllib` before, so it is well formed and this needs to understand its shape only: tables,
arrays of tables, dotted keys, inline tables and arrays over several lines.
"""

import re
import tomllib
from bisect import bisect_left

Path = tuple[str | int, ...]
"""Keys from the top, array positions as numbers: `("centre", "channels", 0, "kind")`."""

_BARE = re.compile(r"[A-Za-z0-9_-]+")
_SCALAR = re.compile(r"[^,\]}\n#]+")
_STRING = re.compile(
    r'"""(?:[^\\]|\\.)*?"""+' r"|'''.*?'''+" r'|"(?:[^"\\\n]|\\.)*"' r"|'[^'\n]*'",
    re.DOTALL,
)
_GAP = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")


def positions(text: str) -> dict[Path, int]:
    """Lines, counted from 1, by path. An array's item stands where it begins."""
    return _Scanner(text).document()


def line_of(found: dict[Path, int], path: Path) -> int:
    """The line of a key, or of the nearest table around it that is written down; 1 when there is none."""
    while path and path not in found:
        path = path[:-1]
    return found.get(path, 1)


class _Scanner:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.found: dict[Path, int] = {}
        self.ends = [match.start() for match in re.finditer("\n", text)]
        self.counts: dict[Path, int] = {}  # how many items each array of tables has so far

    def document(self) -> dict[Path, int]:
        table: Path = ()
        while self.gap():
            if self.text[self.at] == "[":
                table = self.header()
            else:
                self.pair(table)
        return self.found

    def gap(self) -> bool:
        """Skip space, line ends and comments; false at the end."""
        match = _GAP.match(self.text, self.at)
        self.at = match.end() if match else self.at
        return self.at < len(self.text)

    def peek(self) -> str:
        self.gap()
        return self.text[self.at : self.at + 1]

    def mark(self, path: Path, at: int) -> None:
        self.found.setdefault(path, bisect_left(self.ends, at) + 1)

    def header(self) -> Path:
        start, array = self.at, self.text.startswith("[[", self.at)
        self.at += 2 if array else 1
        names = self.names()
        self.at = self.text.index("]", self.at) + (2 if array else 1)
        path = (*self.resolve(names[:-1]), names[-1])
        for length in range(1, len(names)):
            self.mark(self.resolve(names[:length]), start)  # tables that only headers of others name
        if array:
            count = self.counts.get(path, 0)
            self.counts[path] = count + 1
            self.mark(path, start)
            path += (count,)
        else:
            path = self.resolve(names)
        self.mark(path, start)
        return path

    def resolve(self, names: list[str]) -> Path:
        """A header that goes through an array of tables means its last item."""
        path: Path = ()
        for name in names:
            path += (name,)
            if path in self.counts:
                path += (self.counts[path] - 1,)
        return path

    def names(self) -> list[str]:
        found = [self.name()]
        while self.peek() == ".":
            self.at += 1
            found.append(self.name())
        return found

    def name(self) -> str:
        self.gap()
        if bare := _BARE.match(self.text, self.at):
            self.at = bare.end()
            return bare.group()
        quoted = self.string()
        return str(tomllib.loads(f"name = {quoted}")["name"])

    def string(self) -> str:
        match = _STRING.match(self.text, self.at)
        if match is None:
            raise ValueError(f"no key at {self.at}")
        self.at = match.end()
        return match.group()

    def pair(self, table: Path) -> None:
        self.gap()
        start = self.at
        path = table
        for name in self.names():
            path += (name,)
            self.mark(path, start)
        self.gap()
        self.at += 1  # the "="
        self.value(path)

    def value(self, path: Path) -> None:
        first = self.peek()
        if first == "[":
            self.items(path)
        elif first == "{":
            self.inline(path)
        elif first in ('"', "'"):
            self.string()
        elif match := _SCALAR.match(self.text, self.at):
            self.at = match.end()

    def items(self, path: Path) -> None:
        self.at += 1
        number = 0
        while self.peek() != "]":
            self.mark((*path, number), self.at)
            self.value((*path, number))
            number += 1
            if self.peek() == ",":
                self.at += 1
        self.at += 1

    def inline(self, path: Path) -> None:
        self.at += 1
        while self.peek() != "}":
            self.pair(path)
            if self.peek() == ",":
                self.at += 1
        self.at += 1
