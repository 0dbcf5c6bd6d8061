"""The messages of the care plan, word for word. After a wanted change run the tests once with
`MILEPOST_GOLDEN=write`, and read the difference."""

import io
import os
import re
import unicodedata
from itertools import product
from pathlib import Path

import pypdf
import pytest

from engine.render import TemplateRenderer, segments
from tests.render.samples import UNSUBSCRIBE, message

GOLDEN = Path(__file__).parent / "golden"
BRANDS = ("michelin", "bfgoodrich", "warrior")
LOCALES = ("zh-CN", "en")
CARE = ("welcome-pack", "tyre-health", "alignment-check", "replacement")
MIXED = (
    ("welcome-pack", "michelin", "zh-CN"),
    ("welcome-pack", "warrior", "zh-CN"),
    ("tyre-health", "bfgoodrich", "en"),
    ("alignment-check", "warrior", "en"),
    ("replacement", "bfgoodrich", "zh-CN"),
    ("replacement", "michelin", "en"),
)


def agrees(name: str, text: str) -> None:
    path = GOLDEN / name
    if os.environ.get("MILEPOST_GOLDEN") == "write":
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


def text_of(pdf: bytes) -> str:
    """A letter's text, one line a line; characters that fonts write alike are made one (NFKC)."""
    pages = pypdf.PdfReader(io.BytesIO(pdf)).pages
    assert len(pages) == 1
    lines = unicodedata.normalize("NFKC", pages[0].extract_text()).replace("\u2010", "-").splitlines()
    return "\n".join(line for raw in lines if (line := re.sub(r"\s+", " ", raw).strip())) + "\n"


def test_sms(renderer: TemplateRenderer) -> None:
    lines = []
    for template, brand, locale in product(CARE, BRANDS, LOCALES):
        text = renderer.render(message(template, "sms", brand, locale)).text
        parts = segments(text)
        lines.append(f"{template} {brand} {locale} ({parts.parts} × {parts.encoding})\n{text}\n")
        assert parts.parts == (1 if locale == "zh-CN" else 2)  # plate and dealer are Chinese in English, too
    agrees("sms.txt", "\n".join(lines))


@pytest.mark.parametrize(
    ("template", "brand", "locale"), [*MIXED, ("newsletter/2026-q1", "warrior", "zh-CN")]
)
def test_email(renderer: TemplateRenderer, template: str, brand: str, locale: str) -> None:
    email = renderer.render(message(template, "email", brand, locale))
    name = f"{template.replace('/', '-')}.{brand}.{locale}"
    head = f"Subject: {email.subject}\nPreheader: {email.preheader}\nFrom: {email.sender}\n\n"
    agrees(f"email.{name}.txt", head + email.text)
    agrees(f"email.{name}.html", email.html)


@pytest.mark.parametrize(("template", "brand", "locale"), MIXED)
def test_letter(renderer: TemplateRenderer, template: str, brand: str, locale: str) -> None:
    letter = renderer.render(message(template, "letter", brand, locale))
    agrees(f"letter.{template}.{brand}.{locale}.txt", text_of(letter.pdf))


@pytest.mark.parametrize(("template", "brand", "locale"), list(product(CARE, BRANDS, LOCALES)))
@pytest.mark.parametrize("channel", ["letter", "email", "sms"])
def test_every_message_says_from_whom_to_whom_about_what_and_how_to_stop(
    renderer: TemplateRenderer, template: str, brand: str, locale: str, channel: str
) -> None:
    rendered = renderer.render(message(template, channel, brand, locale))
    texts = [text_of(rendered.pdf)] if channel == "letter" else [rendered.text]
    if channel == "email":
        texts.append(rendered.html)
    names = {"michelin": "米其林", "bfgoodrich": "百路驰", "warrior": "回力"}
    for text in texts:
        assert (names[brand] if locale == "zh-CN" else brand) in (text if locale == "zh-CN" else text.lower())
        assert "驰加北京乐平店" in text
        assert "010-5550-0101" in text
        assert "京A12345" in text
        assert "回T退订" in text or "Reply T to stop" in text or UNSUBSCRIBE in text
    if channel != "sms":
        assert message(template, channel, brand, locale).values["event"]["tyres"][0]["size"] in texts[0]


@pytest.mark.parametrize(("template", "locale"), list(product(CARE, LOCALES)))
@pytest.mark.parametrize("channel", ["letter", "email", "sms"])
def test_nothing_is_printed_of_what_is_not_known(
    renderer: TemplateRenderer, template: str, locale: str, channel: str
) -> None:
    known = message(template, channel, "michelin", locale)
    unknown = {
        root: dict.fromkeys(members) if root in ("customer", "vehicle", "dealer") else members
        for root, members in known.values.items()
    }
    rendered = renderer.render(message(template, channel, "michelin", locale, unknown))
    text = text_of(rendered.pdf) if channel == "letter" else rendered.text
    assert "None" not in text
    assert "none" not in text.lower().split()
    assert " ," not in text
    assert "，，" not in text
    assert "  " not in text.strip()


@pytest.mark.parametrize(("locale", "gift"), [("zh-CN", "一次免费洗车"), ("en", "a car wash")])
@pytest.mark.parametrize("brand", BRANDS)
@pytest.mark.parametrize("channel", ["letter", "email", "sms"])
def test_a_gift_of_any_kind_is_welcome(
    renderer: TemplateRenderer, brand: str, channel: str, locale: str, gift: str
) -> None:
    """No word around it says that it is a thing to be counted in sticks."""
    sound = message("welcome-pack", channel, brand, locale)
    values = {**sound.values, "with": {"gift": gift}}
    rendered = renderer.render(message("welcome-pack", channel, brand, locale, values))
    text = text_of(rendered.pdf) if channel == "letter" else rendered.text
    assert gift in text.replace("\n", "")
    assert "支" not in text
