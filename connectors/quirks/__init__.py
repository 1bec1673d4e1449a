"""Known defects of other products, each in one place: what it does, in which product and version, and what we read instead."""
