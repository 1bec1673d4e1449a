"""Settings: which attribute holds what, and where units and protection marks come from."""

from typing import Annotated, Literal

import msgspec

from connectors.directory.numbers import Plan

Names = str | list[str] | None
"""One attribute, or several of which the first that has a value counts; an empty list turns the field off; None: as the preset
has it."""
Path = Annotated[str, msgspec.Meta(extra={"format": "path"})]


class Attributes(
    msgspec.Struct, forbid_unknown_fields=True, kw_only=True, frozen=True, rename={"text_telephone": "text-telephone"}
):
    """The attribute of each field; what is not said here is as the preset has it.

    `identity` may be "dn" where nothing better exists: then whoever moves is somebody else.
    """

    identity: Names = None
    name: Names = None
    given: Names = None
    family: Names = None
    nicknames: Names = None
    title: Names = None
    telephone: Names = None
    mobile: Names = None
    text_telephone: Names = None
    fax: Names = None
    mail: Names = None
    office_address: Names = None
    postal_address: Names = None
    room: Names = None
    keywords: Names = None
    languages: Names = None
    hours: Names = None
    schedule: Names = None
    deputy: Names = None
    employee: Names = None
    employment: Names = None
    upn: Names = None
    oid: Names = None
    sip: Names = None
    extension: Names = None
    uid: Names = None
    proxies: Names = None  # proxyAddresses: smtp: and sip: values become aliases


PRESETS: dict[str, dict[str, tuple[str, ...]]] = {
    # Home telephone and home address are in neither preset on purpose; so is preferredLanguage, which tells of the
    # person's own tongue and not of the languages the office serves in.
    "inetorgperson": {
        "identity": ("entryUUID",),
        "name": ("displayName", "cn"),
        "given": ("givenName",),
        "family": ("sn",),
        "title": ("title",),
        "telephone": ("telephoneNumber",),
        "mobile": ("mobile",),
        "fax": ("facsimileTelephoneNumber",),
        "mail": ("mail",),
        "office_address": ("street",),
        "postal_address": ("postalAddress",),
        "room": ("roomNumber",),
        "keywords": ("businessCategory",),
        "deputy": ("secretary",),
        "employee": ("employeeNumber",),
        "uid": ("uid",),
    },
    "active_directory": {
        "identity": ("objectGUID",),
        "name": ("displayName", "cn"),
        "given": ("givenName",),
        "family": ("sn",),
        "title": ("title",),
        "telephone": ("telephoneNumber",),
        "mobile": ("mobile",),
        "fax": ("facsimileTelephoneNumber",),
        "mail": ("mail",),
        "office_address": ("streetAddress",),
        "postal_address": ("postalAddress",),
        "room": ("physicalDeliveryOfficeName", "roomNumber"),
        "deputy": ("secretary", "assistant"),
        "employee": ("employeeNumber", "employeeID"),
        "upn": ("userPrincipalName",),
        "oid": ("msDS-ExternalDirectoryObjectId",),
        "sip": ("msRTCSIP-PrimaryUserAddress",),
        "extension": ("ipPhone",),
        "uid": ("sAMAccountName",),
        "proxies": ("proxyAddresses",),
    },
}
_UNITS = {"inetorgperson": "dn", "active_directory": "department"}


class Marks(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """Who is protected: by a value of an attribute, by being a member of a group, by a list; any of them will do."""

    attribute: str = ""
    values: list[str] = []  # compared without regard to case
    group: str = ""  # distinguished name of a group; groups in it count
    list_file: Path = ""  # identities or aliases ("mail:…"), one a line; # starts a comment

    def __post_init__(self) -> None:
        if bool(self.attribute) != bool(self.values):
            raise ValueError("marks need an attribute and the values that protect")
        if not (self.attribute or self.group or self.list_file):
            raise ValueError("marks need an attribute with values, a group or a list_file")


class Mapping(msgspec.Struct, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """What every directory connector can be told."""

    preset: Literal["inetorgperson", "active_directory"] = "inetorgperson"
    attributes: Attributes = Attributes()
    units: str = ""  # "dn", or an attribute such as "ou" or "department", or "none"; empty: as the preset has it
    unit_separator: str = "/"  # between the levels in a unit attribute; empty: each value is one unit
    skip_units: list[str] = []  # names of organisational units that only order accounts, such as "Users"
    base: str = ""
    language: str = "sv"  # of values given in several languages (;lang-sv)
    region: str = "SE"  # left out, as [organisation] phone_region says; so with the next three
    area_code: str = ""
    extension_length: int = 0
    switchboard: str = ""  # the number by which people with an extension alone are reached
    marks: Marks | None = None

    def names(self, field: str) -> tuple[str, ...]:
        """Candidate attributes of a field, as configured."""
        said: Names = getattr(self.attributes, field)
        if said is None:
            return PRESETS[self.preset].get(field, ())
        return (said,) if isinstance(said, str) else tuple(said)

    @property
    def units_from(self) -> str:
        return self.units or _UNITS[self.preset]

    @property
    def plan(self) -> Plan:
        return Plan(self.region, self.area_code, self.extension_length, self.switchboard)

    @property
    def direct(self) -> Plan:
        """Of what nobody is asked for at a switchboard: a fax, a mobile."""
        return Plan(self.region, self.area_code, self.extension_length)

    def asked(self) -> list[str]:
        """Every attribute that a reading of people asks for: those named, and never all."""
        wanted = {name for field in Attributes.__struct_fields__ for name in self.names(field)}
        if self.units_from not in ("dn", "none"):
            wanted.add(self.units_from)
        if self.preset == "active_directory":
            wanted.add("userAccountControl")
        return sorted(wanted - {"dn"})
