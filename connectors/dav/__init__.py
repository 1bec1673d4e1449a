"""CalDAV as a client that reads only: what is asked, what is answered, and what is kept between (RFC 4918, 4791, 6578, 6638)."""
