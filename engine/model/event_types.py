"""Which events there are and what their `data` must hold: one table, from which the checker of incoming
events, the names known to expressions, and the published schemas are all made.

A project's own types (`journeys/events.yaml`) are further rows of the same table.
"""

from collections.abc import Mapping
from enum import StrEnum

import msgspec


class Kind(StrEnum):
    """The type of a member, as JSON carries it; `date` and `time` are texts (ISO 8601, RFC 3339)."""

    TEXT = "text"
    NUMBER = "number"
    INTEGER = "integer"
    BOOLEAN = "boolean"
    DATE = "date"
    TIME = "time"
    LIST = "list"
    OBJECT = "object"
    ANY = "any"


class Member(msgspec.Struct, frozen=True, kw_only=True):
    """One member of an object: its kind, and what is inside it.

    `choices` are the only values there are; `usual` ones are those that are known, others are taken too.
    `identifies` is the kind of identifier that the text is. An identifier that cannot be one, or a number
    below `minimum`, does not refuse the event: the value is set aside (see `engine.intake.clean`). A number
    below `least` does.
    """

    kind: Kind
    about: str = ""
    required: bool = False
    choices: tuple[str, ...] = ()
    usual: tuple[str, ...] = ()
    identifies: str = ""
    minimum: float | None = None
    least: int | None = None
    members: Mapping[str, "Member"] = msgspec.field(default_factory=dict)  # of an object
    item: "Member | None" = None  # of a list
    at_least_one_of: tuple[str, ...] = ()  # of an object: names of which one must be there


class Subject(StrEnum):
    """Whom an event is about."""

    CUSTOMER = "customer"
    VEHICLE = "vehicle"  # perhaps with a customer
    MESSAGE = "message"  # a receipt: about the customer of the message
    TASK = "task"
    PLACE = "place"  # no person: goes to every customer that a journey's audience takes


class EventType(msgspec.Struct, frozen=True, kw_only=True):
    """A type of event. `data` is an object member."""

    name: str
    about: str
    subject: Subject
    data: Member


def text(
    about: str = "", *, required: bool = False, choices: tuple[str, ...] = (), usual: tuple[str, ...] = ()
) -> Member:
    return Member(kind=Kind.TEXT, about=about, required=required, choices=choices, usual=usual)


def identifier(kind: str, about: str) -> Member:
    return Member(kind=Kind.TEXT, about=about, identifies=kind)


def number(
    about: str = "", *, required: bool = False, minimum: float | None = None, least: int | None = None
) -> Member:
    return Member(kind=Kind.NUMBER, about=about, required=required, minimum=minimum, least=least)


def integer(about: str = "", *, required: bool = False, least: int | None = None) -> Member:
    return Member(kind=Kind.INTEGER, about=about, required=required, least=least)


def boolean(about: str = "", *, required: bool = False) -> Member:
    return Member(kind=Kind.BOOLEAN, about=about, required=required)


def day(about: str = "", *, required: bool = False) -> Member:
    return Member(kind=Kind.DATE, about=about, required=required)


def moment(about: str = "", *, required: bool = False) -> Member:
    return Member(kind=Kind.TIME, about=about, required=required)


def anything(about: str = "", *, required: bool = False) -> Member:
    return Member(kind=Kind.ANY, about=about, required=required)


def list_of(item: Member, about: str = "", *, required: bool = False) -> Member:
    return Member(kind=Kind.LIST, about=about, required=required, item=item)


def record(
    members: Mapping[str, Member],
    about: str = "",
    *,
    required: bool = False,
    at_least_one_of: tuple[str, ...] = (),
) -> Member:
    return Member(
        kind=Kind.OBJECT, about=about, required=required, members=members, at_least_one_of=at_least_one_of
    )


CHANNELS = ("letter", "email", "sms")

ADDRESS = record(
    {
        "line": text("street, house, flat"),
        "district": text("district"),
        "city": text("city"),
        "region": text("province or state"),
        "postcode": text("postcode"),
        "country": text("ISO 3166-1 alpha-2, such as CN"),
    },
    "postal address",
)

PREFERENCES = record(
    {
        "paused_until": moment(
            "until when nothing is wanted for which consent is needed; a moment that has passed ends that"
        )
    },
    "what the person wishes",
)

CUSTOMER_MEMBERS: Mapping[str, Member] = {
    "name": text("full name"),
    "salutation": text("how the person is addressed: 先生, 女士, Mr, Ms"),
    "mobile": identifier("mobile", "mobile number; cleaned to E.164"),
    "email": identifier("email", "email address; lower-cased"),
    "member": identifier("member", "member number of the programme"),
    "locale": text("language and country, such as zh-CN"),
    "address": ADDRESS,
    "birthday": day("birthday"),
    "licence_renewal": day("when the driving licence must be renewed"),
    "interests": list_of(text(), "what the person cares about"),
    "preferences": PREFERENCES,
    "preferred_channel": text("channel the person likes best", usual=CHANNELS),
    "adviser": text("the adviser at the dealer"),
    "technician": text("the technician at the dealer"),
}

VEHICLE_MEMBERS: Mapping[str, Member] = {
    "plate": identifier("plate", "number plate; cleaned: upper case, no blanks or dots"),
    "vin": identifier("vin", "vehicle identification number; cleaned likewise"),
    "make": text("make, such as 大众"),
    "model": text("model, such as 帕萨特"),
    "year": integer("model year"),
    "odometer_km": number("reading of the odometer, km", minimum=0),
    "inspection_due": day("when the annual inspection is due"),
    "insurance_due": day("when the insurance must be renewed"),
    "warranty_end": day("when the warranty ends"),
}

CONSENT = record(
    {
        "channel": text("a channel, or all", required=True, choices=(*CHANNELS, "all")),
        "purpose": text("a purpose of the policy, or all", required=True),
        "granted": boolean("true is yes", required=True),
        "proof": text("where the statement is kept"),
    },
    "a statement of consent",
)

_TYRE = record(
    {
        "brand": text("brand, such as michelin"),
        "pattern": text("tread pattern, such as PRIMACY 4"),
        "size": text("size, such as 205/55R16"),
        "quantity": integer("how many", least=0),
        "unit_price": number("price of one", least=0),
    },
    "tyres of one kind",
)


def customer(*, required: bool = False, at_least_one_of: tuple[str, ...] = ()) -> Member:
    return record(CUSTOMER_MEMBERS, "the person", required=required, at_least_one_of=at_least_one_of)


def vehicle(*, required: bool = False, must_have: tuple[str, ...] = ()) -> Member:
    members = {
        name: msgspec.structs.replace(member, required=name in must_have)
        for name, member in VEHICLE_MEMBERS.items()
    }
    return record(members, "the car", required=required)


_COMMON: Mapping[str, Member] = {
    "dealer": text("id of the dealer, such as d001"),
    "consent": list_of(CONSENT, "statements of consent"),
}

_PARTIES: Mapping[str, Member] = {"customer": customer(), "vehicle": vehicle()}
_ABOUT_A_PERSON = frozenset({Subject.CUSTOMER, Subject.VEHICLE, Subject.TASK})


def event_type(
    name: str,
    about: str,
    members: Mapping[str, Member],
    *,
    subject: Subject = Subject.CUSTOMER,
    at_least_one_of: tuple[str, ...] = (),
) -> EventType:
    """A row of the table. Whatever is about a person may name the person and the car, so that both are always
    checked and cleaned where they stand."""
    parties = _PARTIES if subject in _ABOUT_A_PERSON else {}
    members = {**_COMMON, **parties, **members}
    data = record(members, "what happened", required=True, at_least_one_of=at_least_one_of)
    return EventType(name=name, about=about, subject=subject, data=data)


def own_type(name: str, about: str, subject: Subject, members: Mapping[str, Member]) -> EventType:
    """A type of a project's own; its events name the customer, or the car, as any other's."""
    return event_type(name, about, members, subject=subject)


_SALE: Mapping[str, Member] = {
    "amount": number("what was paid, in the currency's unit", least=0),
    "currency": text("ISO 4217, such as CNY"),
}

_COMPLAINT: Mapping[str, Member] = {
    "customer": customer(required=True),
    "complaint_id": text("the complaint", required=True),
    "severity": text("an inconvenience, or a serious loss", usual=("inconvenience", "serious")),
    "mood": text("calm to furious", usual=("calm", "annoyed", "angry", "furious")),
    "wants": text("what the person wants", usual=("heard", "respected", "helped", "compensated")),
    "text": text("in the person's words"),
}


def _consent_statement(name: str, about: str) -> EventType:
    return event_type(
        name,
        about,
        {
            "customer": customer(required=True),
            "channel": text("a channel, or all", required=True, choices=(*CHANNELS, "all")),
            "purpose": text("a purpose of the policy, or all", required=True),
            "proof": text("where the statement is kept"),
            "message_id": text("the message by which the person said so, whose customer it is then"),
        },
    )


def _receipt(name: str, about: str) -> EventType:
    members = {
        "message_id": text("the message", required=True),
        "reason": text("in the provider's words"),
        "permanent": boolean(
            "of a bounce: false where the address is good and it may be tried again some day"
        ),
        "provider_id": text("what the provider calls the message"),
        "parts": integer("of how many SMS it was", least=0),
        "cost": number("what the provider takes for it", least=0),
        "currency": text("of the cost; ISO 4217, such as CNY"),
        "url": text("what was clicked"),
    }
    return event_type(name, about, members, subject=Subject.MESSAGE)


_TYPES = (
    event_type(
        "customer.registered",
        "a prospect or customer is known",
        {
            "customer": customer(required=True, at_least_one_of=("mobile", "email", "member")),
            "origin": text(
                "how the person came to be known",
                required=True,
                choices=("registration-card", "exhibition", "advertising", "website", "hotline", "referral"),
            ),
            "interest": text("brand or product of interest"),
        },
    ),
    event_type(
        "customer.updated",
        "profile, preferences, birthday, licence renewal date",
        {"customer": customer(required=True)},
    ),
    event_type(
        "purchase.recorded",
        "a purchase; with a vehicle, new tyres on it",
        {
            "customer": customer(required=True),
            "tyres": list_of(_TYRE, "tyres bought"),
            "items": list_of(
                record(
                    {
                        "brand": text("brand"),
                        "name": text("what it is"),
                        "quantity": integer("how many", least=0),
                        "unit_price": number("price of one", least=0),
                    }
                ),
                "other goods bought",
            ),
            "reason": text("why the tyres were changed, such as worn"),
            **_SALE,
        },
        at_least_one_of=("tyres", "items"),
    ),
    event_type(
        "service.visited",
        "a visit, a repair order",
        {
            "work": list_of(text(), "what was done"),
            "next_due": day("when the dealer would see the car again"),
            **_SALE,
        },
        subject=Subject.VEHICLE,
        at_least_one_of=("customer", "vehicle"),
    ),
    event_type(
        "odometer.reported",
        "a reading from anywhere else",
        {"vehicle": vehicle(required=True, must_have=("odometer_km",))},
        subject=Subject.VEHICLE,
    ),
    event_type(
        "vehicle.updated",
        "inspection, insurance and warranty dates; a new owner",
        {"vehicle": vehicle(required=True)},
        subject=Subject.VEHICLE,
    ),
    _consent_statement("consent.granted", "opt-in"),
    _consent_statement("consent.withdrawn", "opt-out"),
    event_type("complaint.opened", "a complaint came in", _COMPLAINT),
    event_type("complaint.updated", "more is known about a complaint", _COMPLAINT),
    event_type("complaint.resolved", "a complaint was settled", _COMPLAINT),
    event_type(
        "referral.made",
        "a recommendation",
        {
            "customer": customer(required=True),
            "referred": record(CUSTOMER_MEMBERS, "who was recommended to", required=True),
        },
    ),
    event_type(
        "customer.merged",
        "two customers have turned out to be one; made by the engine",
        {
            "customer": customer(required=True),
            "merged": record(CUSTOMER_MEMBERS, "who was known as another customer"),
        },
    ),
    event_type(
        "promotion.entered",
        "an entry into a draw, also made by the engine itself",
        {"customer": customer(required=True), "promotion": text("the promotion", required=True)},
    ),
    event_type(
        "weather.warning",
        "about a place, not a person",
        {
            "city": text("city"),
            "region": text("province or state"),
            "kind": text("typhoon, rainstorm, snow, …", required=True),
            "level": text("how bad, in the weather service's word", required=True),
        },
        subject=Subject.PLACE,
        at_least_one_of=("city", "region"),
    ),
    event_type(
        "survey.answered",
        "a score, a preference learned",
        {
            "customer": customer(required=True),
            "survey": text("which survey", required=True),
            "answers": anything("answers, such as by question", required=True),
            "score": number("0 to 10"),
        },
    ),
    _receipt("message.delivered", "a provider delivered a message"),
    _receipt("message.bounced", "a message came back"),
    _receipt("message.opened", "a message was opened"),
    _receipt("message.clicked", "a link in a message was followed"),
    _receipt("message.complained", "a message was reported as spam"),
    _receipt("message.failed", "a provider could not deliver a message"),
    event_type(
        "task.done",
        "a person finished a task",
        {
            "task_id": text("the task", required=True),
            "outcome": text("what came of it", required=True),
        },
        subject=Subject.TASK,
    ),
    event_type("customer.forgotten", "erase", {"customer": customer(required=True)}),
)

COMMON_MEMBERS = frozenset({*_COMMON, *_PARTIES})
"""Members that every type has, or may have, so that a project's own cannot be called so."""

TASK_DONE = "task.done"

EVENT_TYPES: Mapping[str, EventType] = {one.name: one for one in _TYPES}
