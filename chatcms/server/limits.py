"""How long a request may take to arrive, and how large the parts may be that do not depend on its route."""

from __future__ import annotations

from typing import Final

from django.conf import settings

KB: Final = 1024

# --- the head ------------------------------------------------------------------------------------------
HEAD_SECONDS: Final[float] = settings.REQUEST_HEAD_SECONDS
MAX_HEADERS: Final = 100
MAX_HEAD_BYTES: Final = 64 * KB
# Connections that wait for a head, per process; the oldest makes room for the next.
MAX_HALF_OPEN: Final = 1000

# --- the body ------------------------------------------------------------------------------------------
# A body may pause this long, and in all take this long and one second more for each MIN_BYTES_PER_SECOND of it.
BODY_SECONDS: Final[float] = settings.REQUEST_BODY_SECONDS
MIN_BYTES_PER_SECOND: Final = 8 * KB
# What anybody may send. For more the door asks for a credential first.
OPEN_BYTES: Final = 64 * KB
# The boundaries, names and small fields around a file.
FORM_BYTES: Final = 64 * KB

# Admitted bodies that lie here at once: those of one tenant together are no more than its largest one, and all
# tenants' no more than this many of the largest. The next one waits its turn, so long, before it is told to come again.
LARGEST_AT_ONCE: Final = 8
TURN_SECONDS: Final[float] = settings.UPLOAD_TURN_SECONDS
TURN_RETRY_SECONDS: Final = 5
# That wait, of one tenant and in all; each holds what anybody may send.
MAX_WAITING_OF_ONE: Final = 32
MAX_WAITING: Final = 256

# --- the answer ------------------------------------------------------------------------------------------
# A reader who takes less than this in so long is not waited for.
READ_SECONDS: Final[float] = settings.RESPONSE_READ_SECONDS
MIN_READ_BYTES: Final = 4 * KB

# --- the connection --------------------------------------------------------------------------------------
# Requests that a client may send ahead without waiting for the answer to the first.
MAX_SENT_AHEAD: Final = 128

# --- after an early answer -------------------------------------------------------------------------------
# The rest of the body is read and dropped, since closing on a sender would lose the answer.
MAX_UNREAD_BYTES: Final = 512 * KB * KB
LINGER_SECONDS: Final = 2.0
