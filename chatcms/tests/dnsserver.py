"""A DNS server on a free port, for tests: it answers over UDP what it was told, and nothing else exists there."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset


class Zone:
    """The TXT records of a test, by name, and where they are asked for."""

    def __init__(self, port: int) -> None:
        self.address = ("127.0.0.1", port)
        self.records: dict[str, list[str]] = {}
        self.is_broken = False

    def reply(self, query: dns.message.Message) -> dns.message.Message:
        """Return what the server says to a question."""
        answer = dns.message.make_response(query)
        answer.flags |= dns.flags.AA
        (question,) = query.question
        texts = self.records.get(question.name.to_text(omit_final_dot=True).lower())
        if self.is_broken:
            answer.set_rcode(dns.rcode.SERVFAIL)
        elif texts is None:
            answer.set_rcode(dns.rcode.NXDOMAIN)
        elif question.rdtype == dns.rdatatype.TXT:
            quoted = [f'"{text}"' for text in texts]
            answer.answer.append(dns.rrset.from_text(question.name, 60, "IN", "TXT", *quoted))
        return answer


@contextmanager
def dns_server() -> Iterator[Zone]:
    """Serve an empty zone until the block ends."""

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            data, sock = self.request
            sock.sendto(zone.reply(dns.message.from_wire(data)).to_wire(), self.client_address)

    with socketserver.ThreadingUDPServer(("127.0.0.1", 0), Handler) as server:
        zone = Zone(server.server_address[1])
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield zone
        finally:
            server.shutdown()
            thread.join()
