"""Where facts are kept. Every store is a compacted table behind `presence.ports.Store`; one contract test runs over all."""
