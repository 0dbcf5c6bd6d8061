"""Whom an event is about: the contract's 'Who is it?'."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from engine.intake.identify import Identification
from engine.model.customer import Customer, Stated, Vehicle
from engine.model.events import Event
from engine.model.identity import Contradiction, Identified, Identifier
from engine.model.ids import derive

WHO = Identification()
START = datetime(2025, 3, 8, tzinfo=UTC)
MA, MB = ("mobile", "+8613800000001"), ("mobile", "+8613800000002")
EA, EB = ("email", "a@example.cn"), ("email", "b@example.cn")
PLATE, OTHER_PLATE, VIN, OTHER_VIN = (
    ("plate", "京A1"),
    ("plate", "京A2"),
    ("vin", "V1V1V1"),
    ("vin", "V2V2V2"),
)
CAR_KINDS = ("plate", "vin")


def event(
    *identifiers: Identifier, name: str | None = None, number: int = 1, kind: str = "service.visited"
) -> Event:
    customer = {kind: value for kind, value in identifiers if kind not in CAR_KINDS}
    vehicle = {kind: value for kind, value in identifiers if kind in CAR_KINDS}
    data: dict[str, Any] = {}
    if customer or name:
        data["customer"] = customer | ({"name": name} if name else {})
    if vehicle:
        data["vehicle"] = vehicle
    return Event(
        source="/dealers/d001", id=str(number), type=kind, time=START + timedelta(days=number), data=data
    )


def customer(one: str, *vehicles: Vehicle, known: bool = True, **profile: str) -> Customer:
    stated = {path: Stated(value, START) for path, value in profile.items()}
    return Customer(id=one, known=known, profile=stated, vehicles={car.id: car for car in vehicles})


CAR = Vehicle(id="京A1", plate="京A1", vin="V1V1V1")


def test_nobody_known_is_a_new_customer_whose_id_is_the_event_s() -> None:
    found = WHO.identify(event(MA, EA, PLATE), {})
    new = derive("customer", "/dealers/d001", "1")
    assert (found.customer_id, found.known, found.holder_id) == (new, True, None)
    assert found.learn == {MA: new, EA: new, PLATE: new}


def test_any_known_identifier_leads_to_the_customer_and_the_others_are_learned() -> None:
    for known in (MA, EA, ("member", "7")):
        found = WHO.identify(event(MA, EA, ("member", "7")), {known: "A"})
        assert found.customer_id == "A"
        assert found.learn == {one: "A" for one in (MA, EA, ("member", "7")) if one != known}


TWO = {"A": customer("A", name="王芳"), "B": customer("B", name="李伟")}


def test_of_contradicting_identifiers_the_mobile_counts_and_the_other_reaches_no_profile() -> None:
    said = event(MA, EB)
    found = WHO.identify(said, {MA: "A", EB: "B"}, TWO)
    assert (found.customer_id, found.learn, found.same) == ("A", {}, {})
    assert found.contradictions == (Contradiction(kept=MA, refused=EB, between=("A", "B")),)
    assert found.event.data == {"customer": {"mobile": MA[1]}, "unusable": {"customer.email": EB[1]}}
    assert found.event.key == said.key
    assert said.data == {"customer": {"mobile": MA[1], "email": EB[1]}}


@pytest.mark.parametrize(
    ("one", "other"),
    [("王芳", None), (None, "王芳"), (None, None), ("王芳", "王 芳"), ("WANG fang", "Wang Fang")],
)
def test_two_whom_an_event_names_together_are_one_unless_their_names_differ(
    one: str | None, other: str | None
) -> None:
    known = {
        "A": customer("A", **({"name": one} if one else {})),
        "B": customer("B", **({"name": other} if other else {})),
    }
    found = WHO.identify(event(MA, EB), {MA: "A", EB: "B"}, known)
    assert (found.customer_id, found.same, found.contradictions) == ("A", {"B": EB}, ())


def test_two_whom_a_person_has_told_apart_stay_two_whatever_their_names() -> None:
    for apart in ({"A": ("B",)}, {"B": ("A",)}, {"B": ("old",)}):
        known = {
            "A": replace(customer("A"), apart=apart.get("A", ()), aliases=("old",)),
            "B": replace(customer("B"), apart=apart.get("B", ())),
        }
        found = WHO.identify(event(MA, EB), {MA: "A", EB: "B"}, known)
        assert not found.same
        assert found.contradictions == (Contradiction(kept=MA, refused=EB, between=("A", "B")),)


def test_of_one_who_is_not_met_yet_nobody_can_tell() -> None:
    found = WHO.identify(event(MA, EB), {MA: "A", EB: "B"}, {"A": TWO["A"]})
    assert found.contradictions == (Contradiction(kept=MA, refused=EB, between=("A", "B"), unmet=True),)
    assert not found.same


def test_of_three_whom_an_event_names_the_name_of_two_who_are_one_decides_on_the_third() -> None:
    known = {"A": customer("A"), "B": customer("B", name="王芳"), "C": customer("C", name="李伟")}
    said, owners = event(MA, EB, ("member", "7")), {MA: "A", EB: "B", ("member", "7"): "C"}
    assert WHO.identify(said, owners, known).same == {"B": EB}
    after = WHO.identify(said, {**owners, EB: "A"}, {**known, "A": customer("A", name="王芳")})
    assert [one.between for one in after.contradictions] == [("A", "C")]


def test_a_person_who_says_that_two_are_one_is_believed_and_nobody_else_is() -> None:
    data = {"customer": {"mobile": MA[1]}, "merged": {"email": EB[1]}}
    said = Event(source="/identities", id="1", type="customer.merged", time=START, data=data)
    assert set(WHO.identifiers(said)) == {MA, EB}
    assert WHO.identify(said, {MA: "A", EB: "B"}, TWO).same == {"B": EB}
    by_a_dealer = replace(said, source="/dealers/d001")
    assert not WHO.identify(by_a_dealer, {MA: "A", EB: "B"}, TWO).same


def test_what_could_not_be_used_is_told_by_its_place() -> None:
    said = event(PLATE)
    said.data["unusable"] = {"customer.mobile": "12345", "vehicle.odometer_km": -1}
    assert WHO.identify(said, {PLATE: "A"}).unusable == ("customer.mobile", "vehicle.odometer_km")
    assert WHO.identify(event(PLATE), {PLATE: "A"}).unusable == ()


def test_only_a_car_named_leads_to_the_one_who_has_it() -> None:
    for one in (PLATE, VIN):
        found = WHO.identify(event(one), {one: "A"}, {"A": customer("A", CAR)})
        assert (found.customer_id, found.holder_id, found.known) == ("A", "A", True)


def test_a_car_nobody_is_known_to_own_gets_a_keeper_until_somebody_comes_with_it() -> None:
    first = WHO.identify(event(PLATE), {})
    assert first.known is False
    keeper = first.customer_id
    assert keeper is not None
    assert first.learn == {PLATE: keeper}
    documents = {keeper: customer(keeper, Vehicle(id="京A1", plate="京A1"), known=False)}
    again = WHO.identify(event(PLATE, number=2), first.learn, documents)
    assert (again.customer_id, again.known, again.learn) == (keeper, False, {})
    owner = WHO.identify(event(MA, PLATE, VIN, number=3), first.learn, documents)
    new = derive("customer", "/dealers/d001", "3")
    assert (owner.customer_id, owner.holder_id) == (new, keeper)
    assert owner.learn == {MA: new, PLATE: new, VIN: new}


def test_a_car_that_another_has_stays_theirs_until_the_runtime_says_otherwise() -> None:
    found = WHO.identify(event(MB, PLATE, VIN, kind="purchase.recorded"), {MB: "B", PLATE: "A"})
    assert (found.customer_id, found.holder_id) == ("B", "A")
    assert found.learn == {}


def test_new_details_with_a_known_car_are_its_owner_s_if_the_name_is() -> None:
    documents = {"A": customer("A", CAR, mobile=MA[1], name="王 芳")}
    owners = {MA: "A", PLATE: "A", VIN: "A"}
    same = WHO.identify(event(MB, PLATE, name="王芳"), owners, documents)
    assert (same.customer_id, same.learn) == ("A", {MB: "A"})
    other = WHO.identify(event(MB, PLATE, name="李伟"), owners, documents)
    assert other.customer_id not in ("A", None)
    assert other.holder_id == "A"
    assert other.learn == {MB: other.customer_id}


def test_without_names_new_details_are_the_owner_s_unless_they_have_another_of_that_kind() -> None:
    documents = {"A": customer("A", CAR, mobile=MA[1])}
    owners = {MA: "A", PLATE: "A", VIN: "A"}
    assert WHO.identify(event(EA, PLATE), owners, documents).customer_id == "A"
    assert WHO.identify(event(MB, PLATE), owners, documents).customer_id != "A"
    assert WHO.identify(event(EA, PLATE), owners).customer_id != "A"  # nothing to compare: careful


def test_the_other_identifier_of_a_known_car_is_learned() -> None:
    bare = {"A": customer("A", Vehicle(id="京A1", plate="京A1"), mobile=MA[1])}
    assert WHO.identify(event(MA, PLATE, VIN), {MA: "A", PLATE: "A"}, bare).learn == {VIN: "A"}
    renamed = WHO.identify(
        event(MA, OTHER_PLATE, VIN), {MA: "A", PLATE: "A", VIN: "A"}, {"A": customer("A", CAR)}
    )
    assert renamed.learn == {OTHER_PLATE: "A"}
    assert renamed.contradictions == ()


def test_of_two_cars_the_plate_s_counts() -> None:
    other = Vehicle(id="V2V2V2", vin="V2V2V2")
    for owners, documents in (
        ({PLATE: "A", OTHER_VIN: "B"}, {"A": customer("A", CAR), "B": customer("B", other)}),
        ({PLATE: "A", OTHER_VIN: "A"}, {"A": customer("A", CAR, other)}),
        ({PLATE: "A", OTHER_VIN: "A"}, {"A": customer("A", Vehicle(id="京A1", plate="京A1"), other)}),
        ({PLATE: "A"}, {"A": customer("A", CAR)}),  # the plate's car is known to have another VIN
    ):
        found = WHO.identify(event(PLATE, OTHER_VIN), owners, documents)
        assert (found.customer_id, found.learn) == ("A", {})
        assert found.contradictions == (Contradiction(kept=PLATE, refused=OTHER_VIN),)
        assert found.event.data["vehicle"] == {"plate": PLATE[1]}


def test_of_two_cars_the_person_s_own_counts() -> None:
    documents = {"A": customer("A", CAR), "B": customer("B", Vehicle(id="V2V2V2", vin="V2V2V2"))}
    found = WHO.identify(event(MB, PLATE, OTHER_VIN), {MB: "B", PLATE: "A", OTHER_VIN: "B"}, documents)
    assert (found.customer_id, found.holder_id) == ("B", "B")
    assert found.contradictions == (Contradiction(kept=OTHER_VIN, refused=PLATE),)


def test_a_plate_that_leads_to_somebody_who_no_longer_has_the_car_is_anybody_s() -> None:
    found = WHO.identify(event(MB, PLATE), {MB: "B", PLATE: "A"}, {"A": customer("A"), "B": customer("B")})
    assert (found.holder_id, found.learn) == (None, {PLATE: "B"})


def test_an_event_about_a_place_is_about_nobody() -> None:
    warning = event(kind="weather.warning")
    assert WHO.identifiers(warning) == ()
    assert WHO.identify(warning, {}) == Identified(event=warning, customer_id=None)


# Properties

KINDS = {"mobile": 3, "email": 3, "member": 2, "plate": 3, "vin": 3}
IDENTIFIERS = [(kind, f"{kind[0]}{n}{n}") for kind, count in KINDS.items() for n in range(count)]
HISTORIES = st.lists(
    st.tuples(
        st.lists(st.sampled_from(IDENTIFIERS), unique_by=lambda one: one[0], min_size=1),
        st.none() | st.sampled_from(["王芳", "李伟"]),
        st.booleans(),
    ),
    max_size=12,
)


class World:
    """What a runtime keeps between events, at its plainest: a car moves when its holder is a keeper, or when
    the event says that it does."""

    def __init__(self) -> None:
        self.owners: dict[Identifier, str] = {}
        self.customers: dict[str, Customer] = {}
        self.aliases: dict[str, str] = {}

    def take(self, said: Event, *, moves: bool, with_documents: bool) -> Identified:
        found = WHO.identify(said, self.owners, self.customers if with_documents else {})
        assert found.customer_id is not None
        while found.same:
            for other_id in found.same:
                self._merge(found.customer_id, other_id)
            found = WHO.identify(said, self.owners, self.customers)
            assert found.customer_id is not None
        self.owners.update(found.learn)
        person = self.customers.setdefault(found.customer_id, customer(found.customer_id, known=found.known))
        told = found.event.data.get("customer", {})
        profile = person.profile | {path: Stated(value, said.time) for path, value in told.items()}
        self.customers[person.id] = Customer(
            id=person.id, known=person.known, profile=profile, vehicles=person.vehicles
        )
        if car := found.event.data.get("vehicle"):
            self._drive(found, car, moves=moves)
        return found

    def _merge(self, into: str, old: str) -> None:
        one, other = self.customers[into], self.customers.pop(old)
        united = {**one.vehicles, **other.vehicles}
        self.customers[into] = replace(one, profile={**other.profile, **one.profile}, vehicles=united)
        self.owners = {name: into if owner == old else owner for name, owner in self.owners.items()}
        self.aliases[old] = into

    def living(self, customer_id: str) -> str:
        while customer_id in self.aliases:
            customer_id = self.aliases[customer_id]
        return customer_id

    def _drive(self, found: Identified, car: dict[str, str], *, moves: bool) -> None:
        assert found.customer_id is not None
        holder = self.customers.get(found.holder_id or found.customer_id)
        assert holder is not None
        held = next((one for one in holder.vehicles.values() if _is(one, car)), None)
        if holder.id != found.customer_id and (moves or not holder.known):
            if held is not None:
                del holder.vehicles[held.id]
                self.owners |= {(k, v): found.customer_id for k in CAR_KINDS if (v := getattr(held, k))}
            self.owners |= dict.fromkeys(car.items(), found.customer_id)
            holder = self.customers[found.customer_id]
        elif holder.id != found.customer_id:
            return
        told = {k: car.get(k) or (getattr(held, k) if held else None) for k in CAR_KINDS}
        one = held.id if held else next(iter(car.values()))
        holder.vehicles[one] = Vehicle(id=one, plate=told["plate"], vin=told["vin"])


def _is(vehicle: Vehicle, told: dict[str, str]) -> bool:
    return any(getattr(vehicle, kind) == value for kind, value in told.items())


@given(HISTORIES, st.booleans())
def test_an_identifier_of_a_person_leads_to_one_customer_for_ever(
    history: list[tuple[list[Identifier], str | None, bool]], with_documents: bool
) -> None:
    world = World()
    for number, (identifiers, name, moves) in enumerate(history):
        before = dict(world.owners)
        found = world.take(
            event(*identifiers, name=name, number=number), moves=moves, with_documents=with_documents
        )
        for one, owner in before.items():
            assert world.owners[one] == world.living(owner) or one[0] in CAR_KINDS
        for one in WHO.identifiers(found.event):
            if one[0] not in CAR_KINDS:
                assert world.owners[one] == found.customer_id
        for refused in (one.refused for one in found.contradictions):
            assert refused not in WHO.identifiers(found.event)
            assert refused not in found.learn


@given(HISTORIES)
def test_a_car_is_never_two_customers_and_no_profile_holds_what_leads_elsewhere(
    history: list[tuple[list[Identifier], str | None, bool]],
) -> None:
    world = World()
    for number, (identifiers, name, moves) in enumerate(history):
        world.take(event(*identifiers, name=name, number=number), moves=moves, with_documents=True)
        cars = [car for one in world.customers.values() for car in one.vehicles.values()]
        for named in ([car.plate for car in cars if car.plate], [car.vin for car in cars if car.vin]):
            assert len(named) == len(set(named))
        for one in world.customers.values():
            for kind in ("mobile", "email", "member"):
                value = one.fact(kind)
                assert value is None or world.owners[kind, value] == one.id


@given(
    st.permutations(IDENTIFIERS),
    st.integers(0, 8),
    st.dictionaries(st.sampled_from(IDENTIFIERS), st.sampled_from("ABC")),
)
def test_the_order_in_which_identifiers_stand_does_not_matter(
    shuffled: list[Identifier], count: int, owners: dict[Identifier, str]
) -> None:
    some: dict[str, Identifier] = {one[0]: one for one in shuffled[:count]}
    forwards = event(*some.values(), number=1)
    backwards = event(*reversed(some.values()), number=1)
    found, again = WHO.identify(forwards, owners), WHO.identify(backwards, owners)
    assert (found.customer_id, found.holder_id, found.learn, found.contradictions) == (
        again.customer_id,
        again.holder_id,
        again.learn,
        again.contradictions,
    )
