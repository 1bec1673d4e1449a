"""What goes out: the public views, and the one for staff.

They are positive lists of fields: there is no source, no activity, no "since", no certainty, no reason in them, so none can get
out. A missing thing is a missing key, never null. `presence.domain.audience` alone makes them.
"""

import msgspec
from msgspec import UNSET, UnsetType

from presence.domain.availability import Explanation
from presence.domain.intervals import Status


class View(msgspec.Struct, frozen=True, omit_defaults=True):
    """Base of what goes out."""


class UnitRef(View, frozen=True):
    id: str
    path: tuple[str, ...]


class PublicPost(View, frozen=True, omit_defaults=True):
    title: str = ""
    unit: UnitRef | UnsetType = UNSET


class PublicChannel(View, frozen=True):
    """`value` as data (E.164, address, URL), `display` as people write it; `href` leads where the enquiry should go now."""

    kind: str
    label: str
    value: str
    display: str
    open: bool
    href: str
    hours: str | UnsetType = UNSET
    cost: str | UnsetType = UNSET
    reply: str | UnsetType = UNSET


class PublicAvailability(View, frozen=True):
    """`until`: ISO 8601, an instant today or a date; absent where nothing may or can be said."""

    status: Status
    text: str
    until: str | UnsetType = UNSET


class PublicStep(View, frozen=True):
    to: str
    id: str
    name: str
    open: bool
    text: str
    opens: str | UnsetType = UNSET
    closes: str | UnsetType = UNSET
    channels: tuple[PublicChannel, ...] = ()
    href: str | UnsetType = UNSET


class PublicReferral(View, frozen=True):
    text: str
    steps: tuple[PublicStep, ...] = ()


class PublicException(View, frozen=True):
    """Other hours than usual on a coming day."""

    date: str
    open: tuple[str, ...]
    text: str


class PublicContact(View, frozen=True):
    id: str
    name: str
    posts: tuple[PublicPost, ...]
    channels: tuple[PublicChannel, ...]
    availability: PublicAvailability
    office_address: str | UnsetType = UNSET
    postal_address: str | UnsetType = UNSET
    room: str | UnsetType = UNSET
    hours: str | UnsetType = UNSET
    referral: PublicReferral | UnsetType = UNSET


class PublicUnit(View, frozen=True):
    id: str
    name: str
    path: tuple[str, ...]
    reachable: bool
    text: str
    referral: PublicReferral
    hours: str | UnsetType = UNSET
    exceptions: tuple[PublicException, ...] = ()


class PublicTopic(View, frozen=True):
    id: str
    name: str
    words: tuple[str, ...]
    reachable: bool
    text: str
    referral: PublicReferral
    link: str | UnsetType = UNSET
    hours: str | UnsetType = UNSET
    exceptions: tuple[PublicException, ...] = ()


class PublicHit(View, frozen=True):
    """A contact found: enough to tell people of one name apart. No availability: ask for the few that are shown."""

    id: str
    name: str
    posts: tuple[PublicPost, ...]
    instead: bool | UnsetType = UNSET  # the centre, where nothing fits


class UnitHit(View, frozen=True):
    id: str
    name: str
    path: tuple[str, ...]
    meant: bool | UnsetType = UNSET  # asked for by its name, while no contact was: shown before the contacts


class TopicHit(View, frozen=True):
    id: str
    name: str
    link: str | UnsetType = UNSET


class PublicHits(View, frozen=True):
    """Topics first where they fit; no total."""

    contacts: tuple[PublicHit, ...]
    units: tuple[UnitHit, ...]
    topics: tuple[TopicHit, ...]


class PublicCentre(View, frozen=True):
    id: str
    name: str
    open: bool
    text: str
    channels: tuple[PublicChannel, ...]
    hours: str | UnsetType = UNSET
    opens: str | UnsetType = UNSET
    closes: str | UnsetType = UNSET
    waiting: int | UnsetType = UNSET
    office_address: str | UnsetType = UNSET
    postal_address: str | UnsetType = UNSET
    exceptions: tuple[PublicException, ...] = ()


class StaffContact(View, frozen=True):
    """The same contact for staff: the instant status, what decided and how old it is; still no reason, for there is none."""

    id: str
    name: str
    status: Status
    explanation: Explanation
    until: str | UnsetType = UNSET
