"""Personal identity numbers, as the service knows them, for whatever reads leave."""

from presence.domain.personal import HIDDEN, is_personal, masked

__all__ = ["HIDDEN", "is_personal", "masked"]
