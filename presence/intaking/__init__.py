"""How what sources say becomes facts. The entry is `presence.intake`; here is one noun a file, pure but for `mirror`."""
