"""Who reads a mail in time: the contact, the mailbox of a function, or the centre."""

from collections.abc import Iterator
from datetime import timedelta

from presence.domain import directory
from presence.domain.directory import Contact
from presence.domain.enquiry import Asking, Offer
from presence.domain.intervals import FOREVER, Status
from presence.domain.step import Step, To


class Mailboxes(Asking):
    """See the module."""

    def _mail_first(self, contact: Contact) -> To | None:
        """Who gets the mail, where the contact will be away for more than one working day yet."""
        if not self._away_for_long(contact):
            return None
        return next((s.to for s in self._readers(contact)), None)

    def _readers(self, contact: Contact) -> Iterator[Step]:
        """Of the mailboxes those that take mail: a centre may have a postal address alone."""
        return (step for step in self._mailboxes(contact) if any(o.channel.kind == "e-mail" for o in step.offers))

    def _away_for_long(self, contact: Contact) -> bool:
        """Whether, once it is open again, the contact is away, and stays so for more than one working day from now."""
        state = self.availability(contact)
        if not self._is_away(contact, state.status):
            return False
        days = self.picture.calendar_days()
        tomorrow = days.instant(days.day(self.t) + timedelta(days=1))
        self._until(tomorrow)
        return state.until is None or days.day(state.until) > days.working_day_after(self.t, 1)

    def _is_away(self, contact: Contact, status: Status) -> bool:
        if status is not Status.CLOSED:
            return status is Status.AWAY
        hours = self.picture.hours(contact)
        opens = hours.opens(self.t) if hours else None
        return opens is not None and self.picture.foreseen(contact, opens) is Status.AWAY

    def _mailbox(self, unit: str, but: str = "") -> Iterator[Step]:
        """The function mailbox of the unit, or of the nearest above it that has one: its own, else that of the only function
        in it that has one."""
        for level in directory.lineage(self.picture.units, unit):
            mail = tuple(Offer(c, True, FOREVER) for c in level.channels if c.kind == "e-mail")
            if mail:
                yield Step("mailbox", level.id, open=True, offers=mail)
                return
            functions = [step for name in self.picture.functions.get(level.id, ()) for step in self._function(name, level.id)]
            if len(functions) == 1 and functions[0].id != but:  # of several nobody has said which it is
                yield functions[0]
                return

    def _function(self, name: str, unit: str) -> Iterator[Step]:
        """A function as a mailbox of a unit of which the public may know that it is there."""
        function = self.public(name)
        if function and any(post.unit == unit for post in self.posts(function)):
            mail = tuple(o for o in self.offers(function) if o.channel.kind == "e-mail")
            if mail:
                yield Step("mailbox", name, open=True, offers=mail)

    def _mailboxes(self, contact: Contact | None) -> Iterator[Step]:
        """The function mailbox of the nearest unit that has one, then the centre's."""
        for post in self.posts(contact)[:1] if contact else ():
            yield from self._mailbox(post.unit, contact.id if contact else "")
        centre = self.centre()
        if centre and (contact is None or centre.id != contact.id):
            written = tuple(o for o in self.offers(centre) if not self._live(o.channel.kind))
            if written:
                yield Step("centre", centre.id, open=True, offers=written)
