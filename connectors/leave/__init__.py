"""Leave as HR systems tell it: CSV, JSON lines and iCalendar in, who is away and when out. Never why.

The connectors for files and for what is sent share this package.
"""

from connectors.leave.format import Columns, Format
from connectors.leave.reading import kind_of, read, read_strictly
from connectors.leave.refusal import Unreadable, Wrong

__all__ = ["Columns", "Format", "Unreadable", "Wrong", "kind_of", "read", "read_strictly"]
