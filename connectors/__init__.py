"""Connectors: one small file per system. They read a source, drop every reason at the door, and yield batches."""
