"""The messages of the journeys beside the care plan: whatever is known of the customer, they can be sent."""

import re
from itertools import product
from typing import Any

import pytest

from engine.render import TemplateRenderer, segments
from tests.render.samples import UNSUBSCRIBE, message
from tests.render.test_golden import BRANDS, LOCALES, text_of

REMINDERS = ("annual-inspection", "licence-renewal", "insurance-renewal")
COMPLAINTS = ("complaint-received", "complaint-settled", "complaint-follow-up")
VISITS = ("after-visit", "after-visit-sorry")
WITH: dict[str, list[dict[str, Any]]] = {
    **{one: [{"reminder": 1}, {"reminder": 2}] for one in REMINDERS},
    "complaint-received": [{"hours": 24}],
    "win-back": [{"saving": 100, "until": "2025-12-28"}],
}
MESSAGES = [
    (template, given)
    for template in (*VISITS, *REMINDERS, *COMPLAINTS, "win-back")
    for given in WITH.get(template, [{}])
]
BY_LETTER = [one for one in MESSAGES if one[0] in (*REMINDERS, "win-back")]
NAMES = {"michelin": "米其林", "bfgoodrich": "百路驰", "warrior": "回力"}


def values(template: str, given: dict[str, Any], brand: str, locale: str) -> dict[str, Any]:
    """Everything that there is to be known, with dates that are long when written."""
    sound = message(template, "sms", brand, locale).values
    event = {"time": "2025-12-28T06:20:00Z"}
    if template in VISITS:
        event["next_due"] = "2026-12-28"
    if template in COMPLAINTS:
        event |= {"complaint_id": "d001-3cf5a8", "text": "方向盘抖动"}
    return {
        **sound,
        "with": given,
        "event": event,
        "customer": {**sound["customer"], "licence_renewal": "2025-12-28"},
        "vehicle": {**sound["vehicle"], "inspection_due": "2025-12-28", "insurance_due": "2025-12-28"},
    }


def unknown(known: dict[str, Any]) -> dict[str, Any]:
    """As little as there can be: what began the journey, and nothing else."""
    dates = ("licence_renewal", "inspection_due", "insurance_due")
    return {
        root: {name: value if name in dates else None for name, value in members.items()}
        if root in ("customer", "vehicle", "dealer")
        else members
        for root, members in known.items()
    }


@pytest.mark.parametrize(("template", "given"), MESSAGES)
@pytest.mark.parametrize(("brand", "locale"), list(product(BRANDS, LOCALES)))
def test_an_sms_takes_two_parts_at_most_and_says_how_to_stop(
    renderer: TemplateRenderer, template: str, given: dict[str, Any], brand: str, locale: str
) -> None:
    known = values(template, given, brand, locale)
    text = renderer.render(message(template, "sms", brand, locale, known)).text
    assert segments(text).parts <= 2
    assert "回T退订" in text or "Reply T to stop" in text
    assert text.startswith(f"【{NAMES[brand]}】") or text.lower().startswith(f"{brand}:")


@pytest.mark.parametrize(("template", "given"), MESSAGES)
@pytest.mark.parametrize(("brand", "locale"), list(product(BRANDS, LOCALES)))
def test_an_email_has_a_subject_a_plain_part_and_a_way_out(
    renderer: TemplateRenderer, template: str, given: dict[str, Any], brand: str, locale: str
) -> None:
    known = values(template, given, brand, locale)
    email = renderer.render(message(template, "email", brand, locale, known))
    assert 4 < len(email.subject) < 60
    assert email.subject[0] == email.subject[0].upper()
    for text in (email.text, email.html):
        assert UNSUBSCRIBE in text
        assert "驰加北京乐平店" in text
    agreed = "您在登记时同意" if locale == "zh-CN" else "You agreed"
    assert (agreed in email.text) == (template not in (*VISITS, *COMPLAINTS))


@pytest.mark.parametrize(("template", "given"), BY_LETTER)
@pytest.mark.parametrize(("brand", "locale"), list(product(BRANDS, LOCALES)))
def test_a_letter_is_one_page(
    renderer: TemplateRenderer, template: str, given: dict[str, Any], brand: str, locale: str
) -> None:
    known = values(template, given, brand, locale)
    text = text_of(renderer.render(message(template, "letter", brand, locale, known)).pdf)
    assert "驰加北京乐平店" in text


@pytest.mark.parametrize(
    ("template", "given", "channel"),
    [
        (*one, channel)
        for one in MESSAGES
        for channel in ("letter", "email", "sms")
        if channel != "letter" or one in BY_LETTER
    ],
)
@pytest.mark.parametrize(("brand", "locale"), list(product(BRANDS, LOCALES)))
def test_it_reads_well_where_hardly_anything_is_known(
    renderer: TemplateRenderer, template: str, given: dict[str, Any], brand: str, locale: str, channel: str
) -> None:
    known = unknown(values(template, given, brand, locale))
    rendered = renderer.render(message(template, channel, brand, locale, known))
    text = text_of(rendered.pdf) if channel == "letter" else f"{rendered.subject}\n{rendered.text}"
    assert "none" not in re.findall(r"\w+", text.lower())
    assert not re.search(r" [,.;:]|，，|。。|，。|：，|】，|\(\)|（）|[^\S\n]{2,}", text.strip()), text
    assert not re.search(r"([.!?] +|\n\n)[a-z]", text) or locale == "zh-CN", text
