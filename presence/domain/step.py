"""One thing that a visitor can do, and which of several a link takes."""

from collections.abc import Iterable
from typing import Literal, NamedTuple

from presence.domain.enquiry import Offer, When
from presence.domain.facts import ChannelRecord
from presence.domain.intervals import Instant

To = Literal["self-service", "contact", "deputy", "colleague", "mailbox", "service-point", "centre"]


class Step(NamedTuple):
    """One thing the visitor can do. `opens` and `closes`: the next change, where one is foreseen and may be told."""

    to: To
    id: str  # contact; unit for a mailbox; topic for self-service
    open: bool
    opens: When | None = None
    closes: Instant | None = None
    offers: tuple[Offer, ...] = ()
    link: str = ""


def take(steps: Iterable[Step], kind: str) -> tuple[Step, ChannelRecord] | None:
    """The first open step that has a channel of the kind. Links of self-service are offered, never taken."""
    alike = {"mobile": ("mobile", "telephone"), "telephone": ("telephone", "mobile")}.get(kind, (kind,))
    for step in steps:
        if step.open and step.to != "self-service":
            for name in alike:
                for offer in step.offers:
                    if offer.channel.kind == name and offer.open:
                        return step, offer.channel
    return None


def once(steps: Iterable[Step]) -> list[Step]:
    """The same contact is offered once, in its best place."""
    seen: dict[tuple[str, bool], Step] = {}
    for step in steps:
        seen.setdefault((step.id, step.to == "self-service"), step)
    return list(seen.values())
