"""The two names every template knows: `brand` and `message`."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from engine.language.template_files import Brand, canonical_locale, email_sender, fallbacks
from engine.model.links import Links
from engine.model.messages import Message
from engine.model.postal import address_lines
from engine.render.sandbox import Members

OPTIONAL = frozenset({"senders", "colours", "fonts", "links"})
"""What a `brand.yaml` may leave out; it is none then."""


class Part(Members):
    """A mapping of `brand.yaml` with members; what is not there is none."""

    __slots__ = ("_members",)

    def __init__(self, members: Mapping[str, Any]) -> None:
        self._members = members

    def __getitem__(self, name: str) -> Any:
        value = self._members.get(name)
        return Part(value) if isinstance(value, Mapping) else value

    def __bool__(self) -> bool:
        return bool(self._members)


class BrandView(Members):
    """`brand`: `id`, `name` in the locale, `letter` and `email` (its layouts), and what `brand.yaml` says,
    texts given by locale in the message's. A member that nobody wrote down is an error."""

    __slots__ = ("_members",)

    def __init__(self, brand: Brand, locale: str) -> None:
        said = {key: localised(value, locale) for key, value in brand.data.items()}
        self._members: dict[str, Any] = {
            **dict.fromkeys(OPTIONAL),
            **said,
            **brand.layouts,
            "id": brand.id,
            "name": brand.name(locale),
        }

    def __getitem__(self, name: str) -> Any:
        value = self._members[name]
        return Part(value) if isinstance(value, Mapping) else value

    def __str__(self) -> str:
        return str(self._members["name"])


def sender_of(brand: BrandView, channel: str) -> dict[str, str]:
    """What the brand's sender of a channel is called: `name`, `email`, `signature`, …; texts only. Emails
    without a sender's name come from the brand."""
    senders = brand["senders"]
    given = senders[channel] if isinstance(senders, Part) else None
    members = given._members if isinstance(given, Part) else given
    if channel == "email":
        sender = email_sender(members)
        return sender if sender.get("name") else {**sender, "name": str(brand)}
    if isinstance(members, str):
        return {"name": members}
    return {key: value for key, value in (members or {}).items() if isinstance(value, str)}


def localised(value: Any, locale: str) -> Any:
    """`value` with every mapping from locales to texts replaced by the text for `locale`."""
    if isinstance(value, list):
        return [localised(one, locale) for one in value]
    if not isinstance(value, Mapping):
        return value
    if not value or not all(_is_locale(key) for key in value):
        return {key: localised(one, locale) for key, one in value.items()}
    by_locale = {canonical_locale(key): one for key, one in value.items()}
    for one in fallbacks(locale):
        if one in by_locale:
            return localised(by_locale[one], locale)
    language = locale.partition("-")[0]
    alike = (one for key, one in by_locale.items() if key.partition("-")[0] == language)
    return localised(next(alike, next(iter(by_locale.values()))), locale)


def _is_locale(key: str) -> bool:
    language, _, region = key.replace("_", "-").partition("-")
    return len(language) == 2 and language.isalpha() and language.islower() and len(region) in (0, 2, 3, 4, 7)


class MessageView(Members):
    """`message`: `id`, `date` (the local day on which it was decided), `channel`, `locale`, `address_lines` (a
    letter's), and `unsubscribe_url` and `preferences_url`, which hold the signed id and nothing else."""

    __slots__ = ("_links", "_members")

    def __init__(self, members: dict[str, Any], links: Links) -> None:
        self._members = members
        self._links = links

    def __getitem__(self, name: str) -> Any:
        if name == "preferences_url":
            return self._links.preferences(self._members["id"])
        return self._members[name]


def message_view(
    message: Message, locale: str, at: datetime, links: Links, home: str | None = None
) -> MessageView:
    """`at` is the moment of the message in the policy's zone; `home` the country that letters are posted in."""
    is_letter = message.channel == "letter"
    members = {
        "id": message.id,
        "date": at.date(),
        "channel": message.channel or "",
        "locale": locale,
        "unsubscribe_url": links.unsubscribe(message.id),
        "address_lines": address_lines(message.address, locale=locale, home=home) if is_letter else [],
    }
    return MessageView(members, links)
