"""Sentences of errors: English by themselves, with all that a page needs to say them in another language."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Self

_SPOKEN = "%(text)s"


class ErrorText(str):
    """An English text that knows its entry in the catalogues (`msgid`) and the values that fill it.

    It is a plain string to JSON, logs and the database. A value may be a sentence itself. Adapters use it without
    Django: `chatcms.core.pages.refusals` knows the reader's language.
    """

    msgid: str
    values: dict[str, Any]

    def __new__(cls, msgid: str, /, **values: Any) -> Self:
        """Fill `msgid`, whose places are written as `%(name)s`."""
        made = super().__new__(cls, msgid % values if values else msgid)
        made.msgid, made.values = msgid, values
        return made

    @classmethod
    def of(cls, text: str) -> Self:
        """Return `text` itself if it is one, else the text whose entry it is."""
        return text if isinstance(text, cls) else cls(text)

    @classmethod
    def spoken(cls, text: str) -> Self:
        """Return a text that is in the reader's language already, or in nobody's: Django's, a vendor's, a line's."""
        return cls(_SPOKEN, text=text)

    def __reduce__(self) -> tuple[Any, ...]:
        """Keep the values in a copy or a pickle."""
        return (_made, (self.msgid, self.values))

    def said(self, gettext: Callable[[str], str]) -> str:
        """Return the sentence as `gettext` translates it, with the sentences among its values."""
        if self.msgid == _SPOKEN:
            return str(_said(self.values["text"], gettext))
        text = gettext(self.msgid)
        return text % {name: _said(value, gettext) for name, value in self.values.items()} if self.values else text


def _said(value: Any, gettext: Callable[[str], str]) -> Any:
    return value.said(gettext) if isinstance(value, ErrorText) else value


def _made(msgid: str, values: dict[str, Any]) -> ErrorText:
    return ErrorText(msgid, **values)
