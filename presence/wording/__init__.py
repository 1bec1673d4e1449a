"""What people read: `Wording` holds everything that the domain has to say, in one language.

`Wording.at(now)` implements `presence.domain.audience.Speaker`. It is told a status, hours and channels, never more, so it
cannot say why somebody is away; an end that is open, unknown or too far ahead to be told is the same None here and gives the
same sentence.
"""

from presence.wording.catalogue import BUILT_IN, OWN, BadCatalogue, languages, problems
from presence.wording.wording import Wording, load

__all__ = ["BUILT_IN", "OWN", "BadCatalogue", "Wording", "languages", "load", "problems"]
