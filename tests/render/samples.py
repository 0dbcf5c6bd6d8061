"""A message as the decision makes it, and a project of a few lines to render it with."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from engine.language.template_files import scan
from engine.model.links import SAMPLE_KEY, Links
from engine.model.messages import Message, Status
from engine.model.policy import Policy
from engine.ports import Rendered
from engine.render import TemplateRenderer

PROJECT = Path(__file__).parents[2]
LINKS = Links("https://care.example.com", SAMPLE_KEY)
UNSUBSCRIBE = LINKS.unsubscribe("0f" * 16)
POLICY = Policy(
    zone=ZoneInfo("Asia/Shanghai"),
    locale="zh-CN",
    brand="michelin",
    channels=("letter", "email", "sms"),
    purposes={},
)

_TYRES = {
    "michelin": ("PRIMACY 4", "205/55R16"),
    "bfgoodrich": ("ALL-TERRAIN T/A KO2", "265/65R17"),
    "warrior": ("R28", "225/65R17"),
}
_WITH: dict[str, dict[str, Any]] = {
    "welcome-pack": {"gift": "tyre gauge"},
    "tyre-health": {"km": 10000},
    "alignment-check": {"km": 20000},
    "replacement": {"from_km": 40000, "until_km": 50000, "saving": 200},
}


def values(template: str = "t", brand: str = "michelin", locale: str = "zh-CN") -> dict[str, Any]:
    """What a decision puts into a message for the care plan's templates."""
    chinese = locale == "zh-CN"
    pattern, size = _TYRES.get(brand, ("P", "S"))
    return {
        "with": dict(_WITH.get(template, {})),
        "customer": {
            "name": "王芳" if chinese else "Fang Wang",
            "salutation": "女士" if chinese else "Ms",
            "address.line": "朝阳区幸福路1号" if chinese else "1 Xingfu Road",
            "address.district": None,
            "address.city": "北京市" if chinese else "Beijing",
            "address.region": None,
            "address.postcode": "100020",
        },
        "vehicle": {"plate": "京A12345", "make": "大众", "model": "帕萨特"},
        "event": {
            "time": "2025-03-08T06:20:00Z",
            "tyres": [{"brand": brand, "pattern": pattern, "size": size, "quantity": 2}],
            "vehicle.odometer_km": 43210,
        },
        "dealer": {
            "name": "驰加北京乐平店",
            "address": "北京市朝阳区乐平示范街 8 号",
            "phone": "010-5550-0101",
            "hours": "09:00–18:00",
        },
    }


def address_of(customer: dict[str, Any]) -> dict[str, Any]:
    """A letter's address, as the decision takes it from the customer's facts."""
    return {path.removeprefix("address."): value for path, value in customer.items()}


def message(
    template: str = "t",
    channel: str = "email",
    brand: str = "michelin",
    locale: str = "zh-CN",
    given: dict[str, Any] | None = None,
    **more: Any,
) -> Message:
    at = datetime(2025, 4, 8, 2, 0, tzinfo=UTC)
    members: dict[str, Any] = {
        "id": "0f" * 16,
        "journey": "j",
        "step": "s",
        "run": "r",
        "customer_id": "c",
        "customer": "+8613800000001",
        "vehicle": "京A12345",
        "template": template,
        "purpose": "care",
        "channel": channel,
        "brand": brand,
        "locale": locale,
        "status": Status.QUEUED,
        "at": at,
        "due_at": at,
        "not_after": at + timedelta(days=7),
        "values": values(template, brand, locale) if given is None else given,
        "address": address_of(values(template, brand, locale)["customer"]) if channel == "letter" else {},
    }
    return Message(**{**members, **more})


def renderer_of(project: Path = PROJECT) -> TemplateRenderer:
    index, faults = scan(project)
    assert not [one for one in faults if one.is_error]
    return TemplateRenderer(project, index, POLICY, links=LINKS)


class Project:
    """A project in a folder of its own, with one brand and a template `t`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.write(
            "brands/michelin/brand.yaml", "name: {zh-CN: 米其林, en: Michelin}\ncolours: {ink: '#123456'}"
        )

    def write(self, path: str, text: str | bytes) -> "Project":
        file = self.folder / "templates" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
        return self

    def render(self, channel: str = "email", given: dict[str, Any] | None = None, **more: Any) -> Rendered:
        return renderer_of(self.folder).render(message("t", channel, given=given, **more))

    def html(self, source: str, given: dict[str, Any] | None = None) -> str:
        """The HTML of an email with this source."""
        return self.write("t/email.zh-CN.html", source).render("email", given).html

    def text(self, source: str, given: dict[str, Any] | None = None, **more: Any) -> str:
        """The text of an SMS with this source."""
        return self.write("t/sms.zh-CN.txt", source).render("sms", given, **more).text
