"""HTTP: the public face, the source routes and the operations listener."""
