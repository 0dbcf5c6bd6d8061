"""Texts in every language, and colours that can be read."""

import re
from zoneinfo import ZoneInfo

import pytest

from engine.language.template_files import Brand, scan
from engine.model.policy import Purpose
from engine.web.looks import contrast, css_of, look_of, readable_on
from engine.web.words import CHINESE, ENGLISH, Words, texts_of
from tests.support import ROOT

ZONE = ZoneInfo("Asia/Shanghai")


def test_every_language_says_the_same_things() -> None:
    def said(language: str) -> dict[str, set[str]]:
        return {key: set(re.findall(r"{(\w+)}", text)) for key, text in texts_of(language).items()}

    chinese, english = said(CHINESE), said(ENGLISH)
    assert set(chinese) == set(english)
    assert {key: names for key, names in chinese.items() if names - {"channels"}} == {
        key: names for key, names in english.items() if names - {"channels"}
    }


@pytest.mark.parametrize(
    ("locale", "language"),
    [
        ("zh-CN", CHINESE),
        ("zh-TW", CHINESE),
        ("zh", CHINESE),
        ("en-GB", ENGLISH),
        ("de", ENGLISH),
        (None, ENGLISH),
    ],
)
def test_a_locale_is_told_in_the_nearest_language(locale: str | None, language: str) -> None:
    assert Words(locale, ZONE).language == language


def test_a_topic_is_called_as_the_policy_says_else_as_we_say_else_by_its_name() -> None:
    words = Words("zh-CN", ZONE)
    assert words.topic("care", Purpose(True, titles={"zh": "养护", "en": "Care"})) == "养护"
    assert words.topic("club", Purpose(True, titles={"zh-TW": "會員"})) == "會員"
    assert words.topic("club", Purpose(True, titles={"en": "The club"})) == "The club"
    assert words.topic("care", Purpose(True)) == "养护提醒"
    assert words.topic("club", None) == "club"


@pytest.mark.parametrize("brand", ["michelin", "bfgoodrich", "warrior"])
def test_the_shipped_brands_can_be_read(brand: str) -> None:
    index, _ = scan(ROOT)
    css = css_of(index.brands[brand], ROOT)
    colours = dict(re.findall(r"--([\w-]+): (#[0-9a-f]+);", css))
    assert contrast(colours["on-primary"], colours["primary"]) >= 4.5
    for text in ("ink", "muted", "link"):
        assert contrast(colours[text], colours["tint"]) >= 4.5
        assert contrast(colours[text], "#ffffff") >= 4.5
    assert look_of(index.brands[brand], "zh-CN").programme


def test_a_brand_of_which_little_is_said_can_be_read_too() -> None:
    bare = Brand(
        id="acme",
        names={"": "Acme"},
        data={"colours": {"primary": "#ffe000", "ink": "red;}", "muted": "#eee"}},
    )
    css = css_of(bare, ROOT)
    colours = dict(re.findall(r"--([\w-]+): (#[0-9a-f]+);", css))
    assert colours["on-primary"] == readable_on("#ffe000") == "#111111"
    assert contrast(colours["link"], "#ffffff") >= 4.5
    assert contrast(colours["muted"], colours["tint"]) >= 4.5
    assert "red" not in css
    assert look_of(bare, "en").name == "Acme"
