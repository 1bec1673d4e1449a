"""What the directory connectors share: entries, their mapping to people and units, and the one module that speaks LDAP."""
