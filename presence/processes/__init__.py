"""Processes: a parent that keeps its children alive, and a small listener that says how they fare.

It knows nothing of contacts: commands, sockets and the answers to `/readyz` and `/metrics` are handed in.
"""
