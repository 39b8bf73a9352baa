"""Tells schemathesis what our formats look like where the standards allow more than is of use to anybody."""

from __future__ import annotations

import schemathesis
from hypothesis import strategies as st

# Addresses of things on the web as people have them; the standard's may lack a host or be of any scheme.
schemathesis.openapi.format(
    "uri",
    st.builds(
        "https://{}.example.com/{}".format,
        st.from_regex(r"[a-z][a-z0-9]{0,20}", fullmatch=True),
        st.from_regex(r"[a-z0-9/_.-]{0,20}", fullmatch=True),
    ),
)
# The standard's may have quotes, comments and IP addresses in them.
schemathesis.openapi.format(
    "email",
    st.builds(
        "{}@{}.example".format,
        st.from_regex(r"[a-z][a-z0-9.]{0,10}[a-z]", fullmatch=True).filter(lambda text: ".." not in text),
        st.from_regex(r"[a-z]{1,10}", fullmatch=True),
    ),
)
