"""`choose`, `split`, `set`, `tag` and `untag`."""

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import pytest

from engine.intake.identify import Identification
from engine.model.customer import Customer
from engine.model.events import Event
from engine.model.messages import Message
from engine.sim import Simulation
from tests.support import event, local, program_of, purchase, simulated, told, visit, write_project

START = "purpose: care\nstart: {on: purchase.recorded, per: vehicle, again: restart}\n"
END = "2027-01-01 00:00"


def run(folder: Path, *journeys: str, events: Iterable[Event]) -> tuple[list[Message], Customer]:
    """What is sent, and the customer in the end."""
    named = {f"journey-{place}": text for place, text in enumerate(journeys, start=1)}
    messages: list[Message] = []
    simulation = Simulation(program_of(write_project(folder, named)), Identification(), messages.append)
    for one in events:
        simulation.event(one)
    simulation.run_until(local(END))
    return messages, simulation.customers[0]


CHOOSE = START + (
    "steps:\n  - choose:\n"
    "      - when: event.tyre_count >= 4\n        do: [{send: hello, by: letter, id: four}]\n"
    "      - when: event.tyre_count >= 2\n        do: [{send: hello, by: email, id: two}]\n"
    "{rest}  - send: hello\n    by: sms\n    id: all\n"
)


@pytest.mark.parametrize(
    ("bought", "rest", "steps"),
    [
        (4, "", ["four letter", "all sms"]),
        (2, "", ["two email", "all sms"]),
        (1, "", ["all sms"]),
        (1, "      - else: [{send: hello, by: sms, id: one}]\n", ["one sms", "all sms"]),
        (1, "      - else: [end]\n", []),
    ],
)
def test_choose_takes_the_first_branch_that_fits(
    tmp_path: Path, bought: int, rest: str, steps: list[str]
) -> None:
    tyres = [{"brand": "michelin", "quantity": bought}]
    messages, _ = run(
        tmp_path, CHOOSE.replace("{rest}", rest), events=[purchase("2025-03-01 10:00", tyres=tyres)]
    )
    assert [one[17:] for one in told(messages)] == steps


SPLIT = START + (
    "steps:\n  - split:\n"
    "      - {share: 25%, name: a, do: [{send: hello, by: sms, id: a}]}\n"
    "      - {share: 75%, name: b, do: [{wait: 1 day}, {send: hello, by: sms, id: b}]}\n"
)


def test_split_is_by_lot_and_always_the_same_for_the_same_run(tmp_path: Path) -> None:
    program = program_of(write_project(tmp_path, {"lots": SPLIT}))
    events = [
        purchase("2025-03-01 10:00", mobile=f"+861380000{n:04}", plate=None, customer={"email": f"{n}@e.cn"})
        for n in range(1, 9)
    ]
    cars = [purchase(f"2025-03-01 10:{n // 60:02}", plate=f"京A{n:05}", name=f"{n}") for n in range(400)]
    once, again = (simulated(program, [*events, *cars], END) for _ in range(2))
    assert once == again
    counts = Counter(one.step for one in once)
    assert counts["a"] + counts["b"] == 400
    assert 70 <= counts["a"] <= 130  # 100 expected, with a standard deviation of 8.7


def test_a_share_without_steps_goes_on_behind(tmp_path: Path) -> None:
    journey = START + "steps:\n  - split: [{share: 100%, name: nothing}]\n  - send: hello\n    by: sms\n"
    messages, _ = run(tmp_path, journey, events=[purchase("2025-03-01 10:00")])
    assert [one.step for one in messages] == ["hello"]


def test_what_is_set_is_remembered_and_known_to_other_journeys(tmp_path: Path) -> None:
    sets = START + (
        "steps:\n  - set:\n      customer.last_bought: event.tyre_count\n      customer.birthday: event.time\n"
        "      customer.address.city: \"'上海市'\"\n"
    )
    asks = (
        "purpose: care\nstart: {on: service.visited, when: customer.last_bought == 2 and customer.birthday}\n"
        "steps:\n  - send: hello\n    by: sms\n    with: {city: '{{ customer.address.city }}'}\n"
    )
    messages, customer = run(
        tmp_path, sets, asks, events=[purchase("2025-03-01 23:00"), visit("2025-03-02 10:00")]
    )
    assert [one.values["with"] for one in messages] == [{"city": "上海市"}]
    assert customer.fact("birthday") == "2025-03-01"  # the day on the policy's clock, as events write it
    assert customer.profile["last_bought"].at == local("2025-03-01 23:00")


def test_a_later_statement_by_the_customer_counts_more_than_a_set(tmp_path: Path) -> None:
    sets = START + "steps:\n  - wait: 3 days\n  - set: {customer.adviser: \"'Li'\"}\n"
    later = event("customer.updated", "2025-03-10 10:00", plate=None, customer={"adviser": "Wu"})
    _, customer = run(tmp_path, sets, events=[purchase("2025-03-01 10:00"), later])
    assert customer.fact("adviser") == "Wu"


def test_none_forgets_what_was_set(tmp_path: Path) -> None:
    sets = (
        START
        + "steps:\n  - set: {customer.adviser: \"'Li'\"}\n  - wait: 1 day\n  - set: {customer.adviser: none}\n"
    )
    _, customer = run(tmp_path, sets, events=[purchase("2025-03-01 10:00")])
    assert customer.fact("adviser") is None


def test_what_is_set_moves_waits_that_hang_on_it(tmp_path: Path) -> None:
    waits = START + "steps:\n  - wait: until customer.birthday\n  - send: hello\n    by: sms\n"
    sets = START + 'steps:\n  - wait: 1 day\n  - set: {customer.birthday: "today"}\n'
    bought = purchase("2025-03-01 11:00", customer={"birthday": "2025-06-01"})
    messages, _ = run(tmp_path, waits, sets, events=[bought])
    assert told(messages) == ["2025-03-02 11:00 hello sms"]


def test_tags_come_and_go(tmp_path: Path) -> None:
    tags = START + (
        "steps:\n  - tag: winter\n  - tag: 'from-{{ event.dealer }}'\n  - wait: 10 days\n  - untag: winter\n"
    )
    asks = (
        "purpose: care\nstart: {on: service.visited, when: \"'winter' in customer.tags\"}\n"
        "steps:\n  - send: hello\n    by: sms\n"
    )
    visits = [visit("2025-03-05 10:00"), visit("2025-03-20 10:00")]
    messages, customer = run(tmp_path, tags, asks, events=[purchase("2025-03-01 10:00"), *visits])
    assert told(messages) == ["2025-03-05 10:00 hello sms"]
    assert list(customer.tags) == ["from-d001"]


def test_a_tag_that_was_taken_off_later_stays_off(tmp_path: Path) -> None:
    """The run that tags counts from a purchase that arrives long after the visit that takes the tag off."""
    tags = START + "steps:\n  - tag: winter\n"
    untags = "purpose: care\nstart: {on: service.visited}\nsteps:\n  - untag: winter\n"
    late = purchase("2025-03-01 10:00", recorded="2025-03-09 10:00")
    _, customer = run(tmp_path, tags, untags, events=[visit("2025-03-05 10:00"), late])
    assert customer.tags == {}
