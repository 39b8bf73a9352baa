"""Reads Word documents straight from their XML, which holds more than libraries for Word show.

`package` finds the parts, `parsing` follows their XML as it is unpacked, `story` writes their lines, and `reader` puts
these together. Nothing keeps a tree: a document takes the memory of its text, whatever its XML takes.
"""

from datasets.ingestion.readers.docx.reader import read

__all__ = ["read"]
