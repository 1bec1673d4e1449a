"""What the calendars of one person say about "can this person be reached": whether and until when, never why.

The connectors for files, CalDAV, leave and webhooks share this package. Only a whitelist of properties is ever decoded; the
text of an event (subject, description, place, category, other people) does not get past the scanner.
"""

from connectors.calendars.batch import batch
from connectors.calendars.model import Limits, Policy, Reading, Reason, Refused, Says, Skipped
from connectors.calendars.reading import read

__all__ = ["Limits", "Policy", "Reading", "Reason", "Refused", "Says", "Skipped", "batch", "read"]
