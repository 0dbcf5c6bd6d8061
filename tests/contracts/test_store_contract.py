"""What every store promises of its units of work (`engine/ports/store.py`)."""

import threading

import pytest
from msgspec.structs import replace

from engine.model.customer import Customer
from engine.ports import AlreadyLogged, FanOut, MessageFilter, Store, Unit
from tests.contracts.samples import customer, customer_id, day, event, logged, message, rejection


class StoppedError(Exception):
    """Ends a unit."""


def everything(unit: Unit, n: int) -> None:
    """Writes one of each."""
    unit.log([logged(n, customer_id(n))])
    unit.learn({("mobile", f"+{n}"): customer_id(n)})
    unit.put([customer(n, day(n))])
    unit.add_messages([message(n)])
    unit.add_rejections([rejection(n)])
    unit.put_fan_out(FanOut(id=f"f{n}", journey="newsletter", at=day(n)))
    unit.set("clock", f"{n}")


def all_there_is(store: Store) -> list[object]:
    with store.unit() as unit:
        return [
            unit.seen([event(n).key for n in range(10)]),
            unit.owners([("mobile", f"+{n}") for n in range(10)]),
            unit.customers([customer_id(n) for n in range(10)]),
            unit.due(day(1000), 10),
            unit.after("", 10),
            unit.fan_outs(),
            unit.get("clock"),
            list(store.messages(MessageFilter())),
            list(store.rejections()),
            store.events_of(customer_id(1)),
        ]


# Whole or nothing


def test_what_a_unit_writes_is_there_afterwards(store: Store) -> None:
    with store.unit() as unit:
        everything(unit, 1)
    with store.unit() as unit:
        assert unit.seen([event(1).key, event(2).key]) == {event(1).key}
        assert unit.owners([("mobile", "+1"), ("mobile", "+2")]) == {("mobile", "+1"): customer_id(1)}
        assert unit.customers([customer_id(1), customer_id(2)]) == {customer_id(1): customer(1, day(1))}
        assert unit.fan_outs() == [FanOut(id="f1", journey="newsletter", at=day(1))]
        assert unit.get("clock") == "1"
    assert [row.message for row in store.messages(MessageFilter())] == [message(1)]
    assert list(store.rejections()) == [rejection(1)]
    assert store.events_of(customer_id(1)) == [logged(1, customer_id(1))]


def test_a_unit_that_ends_by_an_exception_leaves_nothing(store: Store) -> None:
    with pytest.raises(StoppedError), store.unit() as unit:
        everything(unit, 1)
        raise StoppedError
    assert all_there_is(store) == [set(), {}, {}, [], [], [], None, [], [], []]


def test_nor_does_it_leave_changes_to_what_was_there(store: Store) -> None:
    with store.unit() as unit:
        everything(unit, 1)
        everything(unit, 2)
    before = all_there_is(store)
    with pytest.raises(StoppedError), store.unit() as unit:
        unit.put([customer(1, day(500)), customer(2, None), customer(3, day(1))])
        unit.put([customer(1, None), customer(2, day(700))])
        unit.learn({("mobile", "+1"): customer_id(9)})
        unit.put_fan_out(FanOut(id="f1", journey="newsletter", at=day(1), cursor="c9", done=True))
        unit.retried([rejection(1).id])
        unit.set("clock", "later")
        unit.log([logged(3)])
        raise StoppedError
    assert all_there_is(store) == before


def test_a_unit_sees_its_own_writes(store: Store) -> None:
    with store.unit() as unit:
        everything(unit, 1)
        assert unit.seen([event(1).key]) == {event(1).key}
        assert unit.owners([("mobile", "+1")]) == {("mobile", "+1"): customer_id(1)}
        assert unit.customers([customer_id(1)]) == {customer_id(1): customer(1, day(1))}
        assert unit.due(day(1), 10) == [customer(1, day(1))]
        assert unit.after("", 10) == [customer(1, day(1))]
        assert unit.fan_outs() == [FanOut(id="f1", journey="newsletter", at=day(1))]
        assert unit.get("clock") == "1"


def test_a_unit_inside_another_is_an_error_and_ends_both(store: Store) -> None:
    with pytest.raises(RuntimeError, match="inside another"), store.unit() as unit:
        unit.set("clock", "1")
        with store.unit():
            pass
    with store.unit() as unit:
        assert unit.get("clock") is None


def test_units_of_several_threads_lose_no_update(store: Store) -> None:
    with store.unit() as unit:
        unit.put([customer(1, arrivals=0)])

    def work() -> None:
        for _ in range(25):
            with store.unit() as unit:
                present = unit.customers([customer_id(1)])[customer_id(1)]
                unit.put([customer(1, arrivals=present.arrivals + 1)])

    threads = [threading.Thread(target=work) for _ in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    with store.unit() as unit:
        assert unit.customers([customer_id(1)])[customer_id(1)].arrivals == 4 * 25


# Events


def test_an_event_is_seen_for_ever_and_no_other_is(store: Store) -> None:
    with store.unit() as unit:
        unit.log(logged(n) for n in range(0, 1000, 2))
    with store.unit() as unit:
        asked = [event(n).key for n in range(1000)]
        assert unit.seen(asked) == {event(n).key for n in range(0, 1000, 2)}
        assert unit.seen([]) == set()


def test_to_log_an_event_twice_is_an_error(store: Store) -> None:
    with store.unit() as unit:
        unit.log([logged(1)])
    with pytest.raises(AlreadyLogged), store.unit() as unit:
        unit.log([logged(2), logged(1)])
    with pytest.raises(AlreadyLogged), store.unit() as unit:
        unit.log([logged(3), logged(3)])
    with store.unit() as unit:
        assert unit.seen([event(n).key for n in (1, 2, 3)]) == {event(1).key}


def test_events_of_a_customer_come_by_time_and_then_as_they_came(store: Store) -> None:
    with store.unit() as unit:
        unit.log([logged(1, "c1", day(3)), logged(2, "c1", day(1)), logged(3, "c2"), logged(4, None)])
        unit.log([logged(5, "c1", day(1)), logged(6, "c1", day(2))])
    found = store.events_of("c1")
    assert [one.event.id for one in found] == ["e-2", "e-5", "e-6", "e-1"]
    assert found[0] == logged(2, "c1", day(1))
    assert [one.event.id for one in store.events_of("c1", limit=2)] == ["e-6", "e-1"]
    assert store.events_of("c1", limit=0) == []
    assert store.events_of("nobody") == []


def test_events_of_several_customers_come_as_they_were_taken_in(store: Store) -> None:
    with store.unit() as unit:
        unit.log([logged(1, "c1", day(3)), logged(2, "c2", day(1)), logged(3, "c3"), logged(4, None)])
        unit.log([logged(5, "c1", day(1))])
    found = store.arrivals(["c1", "c2"])
    assert found == [logged(1, "c1", day(3)), logged(2, "c2", day(1)), logged(5, "c1", day(1))]
    assert store.arrivals([]) == []


def test_events_that_are_brought_to_all_are_told_also_when_that_is_done(store: Store) -> None:
    one = FanOut(id="f2", journey="storm", at=day(1), event=event(1))
    with store.unit() as unit:
        unit.put_fan_out(FanOut(id="f0", journey="newsletter", at=day(0)))
        unit.put_fan_out(FanOut(id="f1", journey="storm", at=day(2), event=event(2)))
        unit.fan_out_everywhere(one)
    with store.unit() as unit:
        unit.put_fan_out(replace(one, done=True))
    somebody = customer(1)
    with store.unit() as unit:
        unit.put([somebody])
    assert [(told.id, told.at, told.event) for told in store.fan_outs_to(somebody.id)] == [
        ("f2", day(1), event(1)),
        ("f1", day(2), event(2)),
    ]


# Customers


def test_a_document_comes_back_as_it_was_put(store: Store) -> None:
    documents = [customer(1, day(1)), Customer(id="bare"), customer(2, known=False)]
    with store.unit() as unit:
        unit.put(documents)
    ids = [one.id for one in documents]
    with store.unit() as unit:
        assert unit.customers(ids) == {one.id: one for one in documents}
        assert unit.customers([]) == {}
    assert store.customers([*ids, "nobody"]) == {one.id: one for one in documents}
    asked = store.consents_of([*ids, "nobody"])
    assert {one: (of.id, of.profile, of.consents, of.standing) for one, of in asked.items()} == {
        one.id: (one.id, one.profile, one.consents, one.standing) for one in documents
    }
    assert store.consents_of([]) == {}


def test_five_hundred_are_read_and_written_at_once(store: Store) -> None:
    documents = {customer_id(n): customer(n, day(n)) for n in range(500)}
    leading = {(kind, str(n)): customer_id(n) for n in range(500) for kind in ("mobile", "plate")}
    with store.unit() as unit:
        unit.put(documents.values())
        unit.learn(leading)
    with store.unit() as unit:
        assert unit.customers(list(documents)) == documents
        assert unit.owners(list(leading)) == leading


def test_an_identifier_leads_to_one_customer_and_may_change_hands(store: Store) -> None:
    plate = ("plate", "京A12345")
    with store.unit() as unit:
        unit.learn({plate: "c1", ("vin", "京A12345"): "c3"})
        assert unit.owners([plate]) == {plate: "c1"}
        unit.learn({plate: "c2"})
    with store.unit() as unit:
        assert unit.owners([plate]) == {plate: "c2"}
        assert unit.owners([("mobile", "京A12345")]) == {}
        assert unit.owners([]) == {}


def test_people_are_found_by_any_of_their_identifiers_once_each(store: Store) -> None:
    with store.unit() as unit:
        unit.put([customer(1), customer(2), customer(3)])
        unit.learn({("mobile", "+1"): customer_id(1), ("email", "a@b"): customer_id(1), ("vin", "V"): "gone"})
        unit.learn({("plate", "京A2"): customer_id(2)})
    wanted = [("plate", "京A2"), ("mobile", "+1"), ("email", "a@b"), ("vin", "V"), ("vin", "X")]
    assert store.find(wanted) == [customer(1), customer(2)]
    assert store.find([]) == []


def test_customers_come_in_order_of_id_and_keepers_of_cars_do_not(store: Store) -> None:
    with store.unit() as unit:
        unit.put([customer(3), customer(1), customer(4, known=False), customer(2)])
    with store.unit() as unit:
        assert unit.after("", 2) == [customer(1), customer(2)]
        assert unit.after(customer_id(2), 2) == [customer(3)]
        unit.put([customer(5)])
        assert unit.after(customer_id(3), 2) == [customer(5)]
        assert unit.after(customer_id(5), 2) == []


# Timers


def ids_due(unit: Unit, until: float, limit: int = 100, *, before: bool = False) -> list[str]:
    return [one.id for one in unit.due(day(until), limit, before=before)]


def test_those_due_come_earliest_first_then_by_id(store: Store) -> None:
    with store.unit() as unit:
        unit.put(
            [customer(2, day(5)), customer(1, day(5)), customer(3, day(4)), customer(4), customer(5, day(6))]
        )
    with store.unit() as unit:
        assert ids_due(unit, 5) == [customer_id(n) for n in (3, 1, 2)]
        assert ids_due(unit, 5, before=True) == [customer_id(3)]
        assert ids_due(unit, 5, 2) == [customer_id(3), customer_id(1)]
        assert ids_due(unit, 3) == []
        assert ids_due(unit, 5) == [customer_id(n) for n in (3, 1, 2)]  # asking takes nobody away


def test_a_microsecond_is_told_apart(store: Store) -> None:
    moment = day(5)
    with store.unit() as unit:
        unit.put([customer(1, moment)])
        assert unit.due(moment, 1) == [customer(1, moment)]
        assert unit.due(moment, 1, before=True) == []
        assert unit.due(moment.replace(microsecond=1), 1, before=True) == [customer(1, moment)]


def test_who_is_due_follows_what_is_put(store: Store) -> None:
    with store.unit() as unit:
        unit.put([customer(1, day(1)), customer(2, day(2)), customer(3, day(3))])
    with store.unit() as unit:
        unit.put([customer(1, day(9)), customer(2, None)])
        assert ids_due(unit, 5) == [customer_id(3)]
    with store.unit() as unit:
        unit.put([customer(1, day(1)), customer(2, day(4))])
        unit.put([customer(2, day(2))])
        assert ids_due(unit, 5) == [customer_id(n) for n in (1, 2, 3)]
    with store.unit() as unit:
        for n in range(30):  # over and over: nobody comes up twice, nobody gets lost
            unit.put([customer(1, day(6 + n % 7))])
        unit.put([customer(1, day(7))])
        assert ids_due(unit, 1000) == [customer_id(n) for n in (2, 3, 1)]


# The rest


def test_a_refused_input_is_kept_once(store: Store) -> None:
    with store.unit() as unit:
        unit.add_rejections([rejection(2), rejection(1), rejection(2, line=6)])
        unit.add_rejections([rejection(2, file="again.jsonl", line=7)])
    assert list(store.rejections()) == [rejection(2), rejection(1)]


def test_what_was_sent_in_again_leaves_the_list_and_does_not_come_back(store: Store) -> None:
    with store.unit() as unit:
        unit.add_rejections([rejection(1), rejection(2), rejection(3), rejection(4, status="dismissed")])
        unit.retried([])
        unit.retried([rejection(n).id for n in (3, 2, 4, 5)])
        unit.add_rejections([rejection(2)])
    assert list(store.rejections()) == [rejection(1)]
    assert list(store.rejections("retried")) == [rejection(n, status="retried") for n in (2, 3)]
    assert list(store.rejections("dismissed")) == [rejection(4, status="dismissed")]


def test_all_refused_inputs_are_told_however_many(store: Store) -> None:
    with store.unit() as unit:
        unit.add_rejections(rejection(n) for n in range(1234))
    assert [row.line for row in store.rejections()] == list(range(1234))


def test_fan_outs_not_done_come_earliest_first(store: Store) -> None:
    late, early = FanOut(id="a", journey="j", at=day(2)), FanOut(id="b", journey="j", at=day(1))
    with store.unit() as unit:
        unit.put_fan_out(late)
        unit.put_fan_out(early)
        assert unit.fan_outs() == [early, late]
    with store.unit() as unit:
        unit.put_fan_out(FanOut(id="b", journey="j", at=day(1), cursor="c00077"))
        assert [one.cursor for one in unit.fan_outs()] == ["c00077", ""]
        unit.put_fan_out(FanOut(id="b", journey="j", at=day(1), cursor="c00099", done=True))
        assert unit.fan_outs() == [late]


def test_a_fact_is_what_was_set_last(store: Store) -> None:
    with store.unit() as unit:
        assert unit.get("clock") is None
        unit.set("clock", "1")
        unit.set("clock", "2")
    with store.unit() as unit:
        assert unit.get("clock") == "2"
        assert unit.get("schedule:newsletter") is None
