"""The demonstration as a real service, at a moment of one's choice: what a visitor meets, for tests and for pictures."""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import resources
from pathlib import Path

from tests.journeys.service import Service, service, until

OPEN = "2026-11-24 10:15"  # a Tuesday: everybody is at work
SHUT = "2026-11-24 20:15"


def _configuration(made: Service) -> str:
    text = resources.files("connectors.demonstration").joinpath("presence.toml").read_text("utf-8")
    text = text.replace("[organisation]", f'[organisation]\naddress = "{made.address}"', 1)
    unlimited = f'operations = "127.0.0.1:{made.operations}"\nbudget = 0\nbudget_all = 0'
    return text.replace('operations = "127.0.0.1:0"', unlimited, 1)


@contextmanager
def demonstration(folder: Path) -> Iterator[Service]:
    """Björkdalens kommun by day, with every source read."""
    with service(folder, _configuration, OPEN) as running:
        everything = {"directory", "calendars", "leave", "live", "queue"}
        until(lambda: everything <= {n for n, s in running.sources().items() if s.get("age") is not None}, "all is read", 60)
        until(lambda: _reached(running) > 10, "the public sees it all")
        yield running


def _reached(running: Service) -> int:
    """Of twenty people, how many can be reached: by day half of them and more, once every source has been read."""
    found = ",".join(running.hits("anna"))
    told = running.get(f"/v1/contacts?ids={found}").data["contacts"] if found else []
    return sum(contact["availability"]["status"] == "available" for contact in told)


def in_state(running: Service, status: str) -> str:
    """The id of somebody of the demonstration who is in that state now."""
    for words in ("anna", "lars", "maria", "per", "eva", "karl", "sara", "johan", "lena", "mikael", "karin", "anders", "emma"):
        found = ",".join(running.hits(words))
        for contact in running.get(f"/v1/contacts?ids={found}").data["contacts"]:
            if contact["availability"]["status"] == status:
                return str(contact["id"])
    raise LookupError(status)
