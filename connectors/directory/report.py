"""What a reading met that an operator may want to put right. Counts only: no name, no number, no value."""

from collections import Counter

import msgspec

_REMARKS = (
    "entries without an identity",
    "entries without a readable name",
    "records that could not be read",
    "values that could not be taken (not UTF-8, too long, too many)",
    "telephone numbers that cannot be dialled",
)


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

    @property
    def remarks(self) -> str:
        """For an operator, in words; empty where there is nothing to put right."""
        told = [f"{count} {words}" for words, count in zip(_REMARKS, self._counts(), strict=True) if count]
        told += [f"{count} of kind {kind} claimed by two or more entries" for kind, count in sorted(self.ambiguous.items())]
        return ", ".join(told)

    def _counts(self) -> tuple[int, ...]:
        return self.unidentified, self.nameless, self.refused_records, self.refused_values, self.refused_numbers

    def __str__(self) -> str:
        told = {name: getattr(self, name) for name in self.__struct_fields__ if name != "ambiguous"}
        told |= {f"ambiguous_{kind}": count for kind, count in sorted(self.ambiguous.items())}
        return " ".join(f"{name}={count}" for name, count in told.items() if count)
