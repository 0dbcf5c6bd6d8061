"""The texts of messages, checked for the journeys that send them.

Laws
1. A template is looked at as each `send` would send it: with that journey's event, values and brands.
2. The same walk that finds unknown names finds which values the texts use; a message carries those, no more.
3. What is said of a text stands at its place in the file, front matter or not.

`pieces` reads and parses files, `statements` and `values` walk them, `brandnames` knows `brand`, `presence`
asks whether there is a text for every channel, brand and locale, `senders` whether emails have an address to come
from, `registered` whether SMS have the codes of their texts, `pictures` whether those of emails are there, `check` goes
through the sends.
"""

from engine.language.texts.check import check_texts
from engine.language.texts.pictures import check_pictures
from engine.language.texts.pieces import Pieces
from engine.language.texts.registered import check_registered
from engine.language.texts.senders import check_senders

__all__ = ["Pieces", "check_pictures", "check_registered", "check_senders", "check_texts"]
