"""Forms of the pages about bots."""

from bots.forms.access import AccessForm
from bots.forms.answers import CuratedAnswerForm
from bots.forms.look import LookForm
from bots.forms.making import KeyNameForm, NameForm, NewBotForm, NoteForm
from bots.forms.settings import BotForm

__all__ = [
    "AccessForm",
    "BotForm",
    "CuratedAnswerForm",
    "KeyNameForm",
    "LookForm",
    "NameForm",
    "NewBotForm",
    "NoteForm",
]
