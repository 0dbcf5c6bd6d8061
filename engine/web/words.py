"""What pages say, in the languages that they speak: `texts/<language>.json`, one name for one text. `{brand}` and the
like are filled in by `say`; every language says the same things (a test looks)."""

from datetime import datetime
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec
from babel.dates import format_date

from engine.language.template_files import fallbacks
from engine.model.policy import Purpose

CHINESE, ENGLISH = "zh-CN", "en"
TEXTS = Path(__file__).parent / "texts"


@cache
def texts_of(language: str) -> dict[str, str]:
    return msgspec.json.decode((TEXTS / f"{language}.json").read_bytes(), type=dict[str, str])


def language_of(locale: str | None) -> str:
    """The one of ours that comes nearest."""
    return CHINESE if (locale or "").lower().startswith("zh") else ENGLISH


class Words:
    """What is said in one language: `say("stop.text", brand="Michelin")`."""

    def __init__(self, locale: str | None, zone: ZoneInfo) -> None:
        self.locale = locale or ENGLISH
        self.language = language_of(locale)
        self._words = texts_of(self.language)
        self._zone = zone

    def say(self, key: str, **values: str) -> str:
        return self._words[key].format(**values)

    def channels(self, channel: str) -> str:
        """Several messages on a channel: `emails`."""
        return self._words[f"{channel}s"]

    def channel(self, channel: str) -> str:
        """A channel as a choice: `Email`."""
        word = self._words[channel]
        return word[0].upper() + word[1:]

    def day(self, moment: datetime) -> str:
        locale = "zh_CN" if self.language == CHINESE else "en_GB"
        return format_date(moment.astimezone(self._zone), "long", locale)

    def topic(self, name: str, purpose: Purpose | None) -> str:
        """The policy's title in the locale, else in the language; else ours; else the purpose's name."""
        titles = purpose.titles if purpose is not None else {}
        for one in fallbacks(self.locale):
            if one in titles:
                return titles[one]
        alike = [title for locale, title in titles.items() if language_of(locale) == self.language]
        if alike:
            return alike[0]
        return self._words.get(f"topic.{name}") or next(iter(titles.values()), name)

    @property
    def comma(self) -> str:
        return "，" if self.language == CHINESE else ", "

    @property
    def colon(self) -> str:
        return "：" if self.language == CHINESE else ": "

    def word(self, name: str) -> str:
        """A channel in a sentence; as it is, where it is none of ours."""
        return self._words.get(name, name)

    def journey(self, name: str, title: str) -> str:
        """What a journey is about, for who mentions it: ours; else its title, if that is in the language; else that
        there is something."""
        own = self._words.get(f"mention.{name}")
        if own is not None:
            return own
        is_chinese = any("一" <= sign <= "鿿" for sign in title)
        return title if is_chinese is (self.language == CHINESE) else self._words["mention"]

    def work(self, name: str) -> str:
        """Work that was done: ours, else as the dealer calls it."""
        return self._words.get(f"work.{name}", name)

    def about(self, name: str) -> str:
        """What a purpose is about, empty where it is not one of those that we know."""
        return self._words.get(f"topic.{name}.about", "")
