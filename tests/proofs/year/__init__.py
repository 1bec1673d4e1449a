"""A year of invented staff: what is true of each, the files in which sources say so, and what must be answered."""
