"""What a reading met that an operator may want to put right. Counts only: no name, no number, no value."""

from collections import Counter

import msgspec


class Report(msgspec.Struct):
    """Counts of one reading."""

    entries: int = 0
    people: int = 0
    units: int = 0
    disabled: int = 0  # accounts that are switched off, left out
    unidentified: int = 0  # entries without an identity, left out
    nameless: int = 0  # entries without a readable name: what is held of them stays
    refused_values: int = 0  # not UTF-8, too long, too many
    refused_numbers: int = 0  # telephone numbers that could not be dialled
    ambiguous: Counter[str] = msgspec.field(
        default_factory=Counter
    )  # aliases by kind that two or more entries claimed: none has them
    refused_records: int = 0  # LDIF records that were no entries, or could not be read

    @property
    def skipped(self) -> int:
        """Entries that could not be read whole enough to be shown."""
        return self.unidentified + self.nameless + self.refused_records

    def __str__(self) -> str:
        told = {name: getattr(self, name) for name in self.__struct_fields__ if name != "ambiguous"}
        told |= {f"ambiguous_{kind}": count for kind, count in sorted(self.ambiguous.items())}
        return " ".join(f"{name}={count}" for name, count in told.items() if count)
