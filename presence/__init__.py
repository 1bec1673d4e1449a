"""presence: tells whether a named official can be reached now, and otherwise where to turn."""

__version__ = "0.1.0"
