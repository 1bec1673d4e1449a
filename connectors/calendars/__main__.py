"""`python -m connectors.calendars`: the batch on standard input and output."""

import sys

from connectors.calendars.batch import batch

for answer in batch(sys.stdin):
    sys.stdout.write(answer + "\n")
