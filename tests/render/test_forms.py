"""Forms: what is filled in is what would have been rendered whole, whatever the values."""

from itertools import product
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.language.template_files import scan
from engine.model.errors import TemplateError
from engine.model.messages import Message
from engine.ports import Rendered
from engine.render import TemplateRenderer
from tests.render.samples import PROJECT, message, renderer_of, values

BRANDS = ("michelin", "bfgoodrich", "warrior")
LOCALES = ("zh-CN", "en")
INDEX, _ = scan(PROJECT)
EMAILS = sorted({file.template for file in INDEX.files if file.channel == "email"})
GIVEN: dict[str, Any] = {
    "days": 30, "from_km": 40000, "until_km": 50000, "gift": "tyre gauge", "hours": 24, "km": 20000,
    "reminder": 1, "reward": 100, "saving": 200, "until": "2025-12-28",
}  # fmt: skip
EVENT: dict[str, Any] = {
    "time": "2025-12-28T06:20:00Z", "amount": 1560.5, "city": "北京", "claim_by": "2026-01-31",
    "complaint_id": "d001-3cf5a8", "entries": 3, "entry": "A7", "friend": "李雷", "kind": "typhoon",
    "level": "red", "next_due": "2026-12-28", "origin": "referral", "prize": "a journey", "region": "华北",
    "referred.name": "韩梅梅", "result_url": "https://care.example.com/draw?a=1&b=2", "text": "方向盘抖动",
    "tyres": [{"brand": "michelin", "pattern": "PRIMACY 4", "size": "205/55R16", "quantity": 2}],
    "valid_until": "2026-03-31", "vehicle.odometer_km": 43210, "voucher": "V-1",
}  # fmt: skip
HOSTILE: tuple[Any, ...] = (
    *("", None, " ", "-", "- a", "a-", "-v0-", "-m3.", "~m0.", "\x020\x03", "\x02", "\ue0000\ue001"),
    *(
        "a\nb",
        "a\n\n\n- b",
        "a\r\nBcc: x@y.example",
        " a",
        "a ",
        "a  b",
        "a\u00a0b",
        "\u3000a",
        "a\u3000b",
        "a\tb",
    ),
    *("a\u200cb", "\u200fשלום", "שלום", "👩\u200d👧", "😀", "\x00", "\u2028", "a\u2028b", "\x85", "\ud7ff"),
    *(
        "<b>x</b>",
        "</p>",
        "<",
        "&",
        "&amp;",
        "&lt;b&gt;",
        "amp;",
        "copy",
        "#38;",
        "\"'",
        "' onclick='x",
        "-->",
    ),
    *(
        "%s",
        "%(x)s",
        "{{ x }}",
        "{% x %}",
        "http",
        "https://care.example.com",
        "mailto:a@b.example",
        "display:none",
    ),
    *("x" * 20_000, "王" * 300, 0, 1.5, True, [], ["a", "b"], {"a": 1}),
)


class _NoForms:
    def of(self, *_: object) -> None:
        return None


def whole_renderer() -> TemplateRenderer:
    """One that knows no forms."""
    renderer = renderer_of()
    renderer._emails.forms = _NoForms()  # type: ignore[assignment]
    return renderer


@pytest.fixture(scope="module")
def slow() -> TemplateRenderer:
    return whole_renderer()


def outcome(renderer: TemplateRenderer, one: Message, **how: bool) -> Rendered | str:
    try:
        return renderer.render(one, **how).whole()
    except TemplateError as error:
        return f"{error}"


def agree(quick: TemplateRenderer, slow: TemplateRenderer, one: Message) -> Rendered | str:
    expected = outcome(slow, one)
    assert outcome(quick, one, as_form=True) == expected
    assert outcome(quick, one) == expected
    return expected


def known(brand: str, locale: str) -> dict[str, Any]:
    sound = values("t", brand, locale)
    dates = {"licence_renewal": "2025-12-28"}
    due = {"inspection_due": "2025-12-28", "insurance_due": "2025-12-28"}
    return {
        **sound,
        "with": GIVEN,
        "event": EVENT,
        "customer": sound["customer"] | dates,
        "vehicle": sound["vehicle"] | due,
    }


@pytest.mark.parametrize("template", EMAILS)
@pytest.mark.parametrize(("brand", "locale"), list(product(BRANDS, LOCALES)))
def test_every_email_that_is_shipped_is_a_form(
    renderer: TemplateRenderer, slow: TemplateRenderer, template: str, brand: str, locale: str
) -> None:
    given = known(brand, locale)
    one = message(template, "email", brand, locale, given)
    rendered = renderer.render(one, as_form=True)
    assert rendered.form is not None
    assert (rendered.subject, rendered.preheader, rendered.html, rendered.text) == ("", "", "", "")
    assert agree(renderer, slow, one) == rendered.whole()
    again = message(
        template, "email", brand, locale, {**given, "customer": {**given["customer"], "name": "李雷"}}
    )
    assert renderer.render(again, as_form=True).form is rendered.form
    agree(renderer, slow, again)


_ANY = st.sampled_from(HOSTILE) | st.text(max_size=8)
_VALUES = st.dictionaries(
    st.sampled_from(
        [f"customer.{one}" for one in ("name", "salutation", "licence_renewal")]
        + [f"dealer.{one}" for one in ("name", "address", "hours", "phone")]
        + [f"vehicle.{one}" for one in ("plate", "make", "model", "inspection_due")]
        + [f"event.{one}" for one in EVENT]
        + [f"with.{one}" for one in GIVEN]
    ),
    _ANY,
    max_size=6,
)


@given(
    template=st.sampled_from(EMAILS),
    brand=st.sampled_from(BRANDS),
    locale=st.sampled_from(LOCALES),
    other=_VALUES,
)
@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_whatever_the_values_a_form_filled_in_is_the_message_as_a_whole(
    renderer: TemplateRenderer,
    slow: TemplateRenderer,
    template: str,
    brand: str,
    locale: str,
    other: dict[str, Any],
) -> None:
    given = {root: dict(members) for root, members in known(brand, locale).items()}
    for path, value in other.items():
        root, _, name = path.partition(".")
        given[root][name] = value
    agree(renderer, slow, message(template, "email", brand, locale, given))
