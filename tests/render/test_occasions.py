"""Greetings, warnings, referrals, the draw and prospects: whatever is known of the customer, they can be sent."""

import re
from itertools import product
from typing import Any

import pytest

from engine.render import TemplateRenderer, segments
from tests.render.samples import UNSUBSCRIBE, message
from tests.render.test_golden import BRANDS, LOCALES, text_of
from tests.render.test_library import NAMES, unknown

TYRES = [{"pattern": "PRIMACY 4", "size": "205/55R16", "quantity": 2}]
VOUCHER = {"friend": "欧阳建国", "amount": 100, "voucher": "F-20817", "valid_until": "2025-12-28"}
PRIZE = {
    "entry": "5f1c20d46b",
    "prize": "双人五日云南自驾之旅",
    "claim_by": "2025-12-28",
    "promotion": "tyre-draw-2027",
}
WARNINGS = [
    {"city": "呼和浩特市", "kind": kind, "level": level}
    for kind in ("typhoon", "暴雨", "snow", "道路结冰", "雷暴")
    for level in ("orange", "红色")
]
MESSAGES: list[tuple[str, str, dict[str, Any], dict[str, Any]]] = [
    ("birthday", "sms email", {}, {}),
    ("spring-festival", "sms email", {}, {}),
    *[("storm-warning", "sms email", {}, one) for one in WARNINGS],
    ("referral-thanks", "sms email", {"reward": 100, "saving": 100}, {"referred": {"name": "欧阳建国"}}),
    ("referral-reward", "sms email letter", {}, VOUCHER),
    ("referral-welcome", "sms email", {"saving": 100, "days": 90}, {"origin": "referral"}),
    ("referral-first-purchase", "sms email", {}, {"origin": "referral"}),
    ("tyre-draw", "sms email", {}, {"tyres": TYRES}),
    ("tyre-draw-announcement", "email letter", {}, {}),
    ("tyre-draw-result", "email", {}, {"entries": 12043, "result_url": "https://www.example.com/draw"}),
    ("tyre-draw-winner", "sms email letter", {}, PRIZE),
    ("tyre-draw-reminder", "sms email", {}, PRIZE),
    *[
        (f"prospect-{one}", "sms email", {"saving": 100, "days": 60}, {"origin": origin})
        for one in ("advice", "invitation", "guide", "offer")
        for origin in ("exhibition", "website")
    ],
]
ASKED_FOR = ("storm", "referral-thanks", "referral-reward", "tyre-draw-winner", "tyre-draw-reminder")


def sent(channel: str) -> list[tuple[str, dict[str, Any], dict[str, Any], str, str]]:
    """Each message on the channel, by brand and language: template, `with`, event, brand, locale."""
    return [
        (template, given, event, brand, locale)
        for template, channels, given, event in MESSAGES
        if channel in channels.split()
        for brand, locale in product(BRANDS, LOCALES)
    ]


def values(given: dict[str, Any], event: dict[str, Any], brand: str, locale: str) -> dict[str, Any]:
    known = message("t", "sms", brand, locale).values
    return {**known, "with": given, "event": {"time": "2025-12-28T06:20:00Z", **event}}


@pytest.mark.parametrize(("template", "given", "event", "brand", "locale"), sent("sms"))
def test_an_sms_takes_two_parts_at_most_and_says_how_to_stop(
    renderer: TemplateRenderer, template: str, given: Any, event: Any, brand: str, locale: str
) -> None:
    one = message(template, "sms", brand, locale, values(given, event, brand, locale))
    text = renderer.render(one).text
    assert segments(text).parts <= 2, text
    assert "回T退订" in text or "Reply T to stop" in text
    assert text.startswith(f"【{NAMES[brand]}】") or text.lower().startswith(f"{brand}:")


@pytest.mark.parametrize(("template", "given", "event", "brand", "locale"), sent("email"))
def test_an_email_has_a_subject_a_plain_part_and_a_way_out(
    renderer: TemplateRenderer, template: str, given: Any, event: Any, brand: str, locale: str
) -> None:
    email = renderer.render(message(template, "email", brand, locale, values(given, event, brand, locale)))
    assert 4 < len(email.subject) < 90
    for text in (email.text, email.html):
        assert UNSUBSCRIBE in text
    if template.startswith(ASKED_FOR):
        assert "同意接收" not in email.text
        assert "You agreed" not in email.text


@pytest.mark.parametrize(("template", "given", "event", "brand", "locale"), sent("letter"))
def test_a_letter_is_one_page(
    renderer: TemplateRenderer, template: str, given: Any, event: Any, brand: str, locale: str
) -> None:
    one = message(template, "letter", brand, locale, values(given, event, brand, locale))
    assert "驰加北京乐平店" in text_of(renderer.render(one).pdf)


@pytest.mark.parametrize("channel", ["letter", "email", "sms"])
def test_it_reads_well_where_hardly_anything_is_known(renderer: TemplateRenderer, channel: str) -> None:
    for template, given, event, brand, locale in sent(channel):
        known = unknown(values(given, event, brand, locale))
        rendered = renderer.render(message(template, channel, brand, locale, known))
        text = text_of(rendered.pdf) if channel == "letter" else f"{rendered.subject}\n{rendered.text}"
        assert "none" not in re.findall(r"\w+", text.lower()), text
        assert not re.search(r" [,.;:]|，，|。。|，。|：，|】，|\(\)|（）|[^\S\n]{2,}", text.strip()), text
        assert not re.search(r"([.!?] +|\n\n)[a-z]", text) or locale == "zh-CN", text


def test_the_new_year_is_called_by_its_animal(renderer: TemplateRenderer) -> None:
    at = message("spring-festival", "sms").at
    animals = []
    for year in range(2026, 2038):
        day = at.replace(year=year, month=2, day=17)
        text = renderer.render(message("spring-festival", "sms", at=day, due_at=day)).text
        found = re.search(r"(.)年吉祥", text)
        animals.append(found[1] if found else "")
    assert "".join(animals) == "马羊猴鸡狗猪鼠牛虎兔龙蛇"
