"""Whether an address answers with a page: exit 0 once it does."""

import sys
from urllib.error import URLError
from urllib.request import urlopen

try:
    with urlopen(sys.argv[1], timeout=5) as answer:  # noqa: S310  # the demo on this machine
        sys.exit(0 if answer.status == 200 and b"<html" in answer.read().lower() else 1)
except (URLError, OSError):
    sys.exit(1)
