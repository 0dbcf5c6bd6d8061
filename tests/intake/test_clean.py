"""Identifiers are compared clean; what cannot be one is set aside and costs nothing but itself."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from phonenumbers import PhoneNumberType, example_number_for_type

from engine.intake.clean import (
    Unusable,
    clean_contact,
    clean_email,
    clean_member,
    clean_plate,
    clean_vin,
    unusable,
)
from engine.intake.phone import by_library, mobile_cleaner
from tests.intake.lines import accepted, of_type, purchase

IN_CHINA = mobile_cleaner("CN")
E164 = "+8613800000001"
REGIONS = ["CN", "DE", "US", "GB", "FR", "IT", "JP", "BR", "IN", "AU", "SG", "MX", "AR", "RU", "HU"]
CLEANERS = {one: mobile_cleaner(one) for one in REGIONS}


@pytest.mark.parametrize(
    "written",
    [
        "13800000001",
        " 138 0000 0001 ",
        "138-0000-0001",
        "(138)00000001",
        "+86 138 0000 0001",
        "+8613800000001",
        "0086 13800000001",
        "１３８００００００００１".replace("００００００００", "０００００００"),
        "＋８６ 13800000001",
        "86-13800000001",
    ],
)
def test_a_mobile_however_written_is_the_same(written: str) -> None:
    assert IN_CHINA(written) == E164


@pytest.mark.parametrize(
    "written",
    ["12345", "", " ", "无", "010-65001234", "23800000001", "138000000011", "13800000001x9", "+1", "a@b.cn"],
)
def test_what_is_no_mobile(written: str) -> None:
    assert IN_CHINA(written) is None


def test_a_number_of_another_country_says_so() -> None:
    assert IN_CHINA("+49 1512 3456789") == "+4915123456789"
    assert mobile_cleaner(None)("+49 1512 3456789") == "+4915123456789"
    assert mobile_cleaner(None)("13800000001") is None
    assert mobile_cleaner("XX")("13800000001") is None


EXAMPLES = {one: str(example_number_for_type(one, PhoneNumberType.MOBILE).national_number) for one in REGIONS}


@given(
    st.sampled_from(REGIONS),
    st.sampled_from(["", "", "", "", "0", "1", "00", "011", "15", "+", "86", "49"]),
    st.integers(0, 8),
    st.text("0123456789", min_size=8, max_size=9),
)
@settings(max_examples=300)
def test_the_short_way_and_the_library_read_the_same(
    region: str, prefix: str, kept: int, others: str
) -> None:
    example = EXAMPLES[region]
    digits = prefix + (example[:kept] + others)[: len(example)]
    assert CLEANERS[region](digits) == by_library(digits, region)


@given(st.text(max_size=20))
def test_a_cleaned_mobile_is_e164_and_stays_as_it_is(raw: str) -> None:
    cleaned = IN_CHINA(raw)
    assert cleaned is None or (re.fullmatch(r"\+[1-9]\d{6,14}", cleaned) and IN_CHINA(cleaned) == cleaned)


@pytest.mark.parametrize(
    ("written", "cleaned"),
    [
        ("w@example.cn", "w@example.cn"),
        (" W.Fang+1@Example.CN ", "w.fang+1@example.cn"),
        ("ｗ＠ｅｘａｍｐｌｅ．ｃｎ", "w@example.cn"),
        ("王芳@例子.公司", "王芳@例子.公司"),
        ("w@mail.example-1.com.cn", "w@mail.example-1.com.cn"),
        ("w#example.cn", None),
        ("w@example", None),
        ("w@.cn", None),
        ("w@example..cn", None),
        ("w@-example.cn", None),
        ("a@b.cn,c@d.cn", None),
        ("w@example.cn\r\nBcc: x@y.cn", None),
        ("a b@example.cn", None),
        ("x" * 250 + "@example.cn", None),
        ("无", None),
    ],
)
def test_emails(written: str, cleaned: str | None) -> None:
    assert clean_email(written) == cleaned


@pytest.mark.parametrize(
    ("written", "cleaned"),
    [
        ("京A12345", "京A12345"),
        ("京A·12345", "京A12345"),
        (" 京a 12-345 ", "京A12345"),
        ("京Ａ１２３４５", "京A12345"),
        ("京AD12345", "京AD12345"),
        ("B-MW 1234", "BMW1234"),
        ("MY CAR", "MYCAR"),
        ("无牌", None),
        ("临时", None),
        ("-", None),
        ("", None),
        ("A" * 30, None),
    ],
)
def test_plates(written: str, cleaned: str | None) -> None:
    assert clean_plate(written) == cleaned


@pytest.mark.parametrize(
    ("written", "cleaned"),
    [
        ("lsvaa4182e2184847", "LSVAA4182E2184847"),
        ("LSVAA 4182 E2184847", "LSVAA4182E2184847"),
        ("ＬＳＶＡＡ4182E2184847", "LSVAA4182E2184847"),
        ("无", None),
        ("00000000000000000", None),
        ("123", None),
    ],
)
def test_vins(written: str, cleaned: str | None) -> None:
    assert clean_vin(written) == cleaned


def test_member_numbers_only_lose_their_blanks() -> None:
    assert clean_member(" m-００1 ") == "m-001"
    assert clean_member("--") is None


@pytest.mark.parametrize("clean", [clean_email, clean_plate, clean_vin, clean_member])
@given(raw=st.text(max_size=24))
def test_cleaning_twice_changes_nothing(clean, raw: str) -> None:  # type: ignore[no-untyped-def]
    cleaned = clean(raw)
    assert cleaned is None or clean(cleaned) == cleaned


def test_an_event_s_identifiers_are_cleaned_in_their_places() -> None:
    event = accepted(
        purchase(
            customer={"mobile": "138 0000 0001", "email": "W@Example.CN", "member": " 7 "},
            vehicle={"plate": "京a·12345", "vin": "lsvaa4182e2184847", "odometer_km": 0},
        )
    )
    assert event.data["customer"] == {"mobile": E164, "email": "w@example.cn", "member": "7"}
    assert event.data["vehicle"] == {"plate": "京A12345", "vin": "LSVAA4182E2184847", "odometer_km": 0}
    assert unusable(event) == ()


def test_what_cannot_be_used_is_set_aside_and_told() -> None:
    event = accepted(
        purchase(
            customer={"mobile": "12345", "email": "w@example.cn"},
            vehicle={"plate": "无牌", "odometer_km": -3},
        )
    )
    assert event.data["customer"] == {"email": "w@example.cn"}
    assert event.data["vehicle"] == {}
    assert event.data["unusable"] == {
        "customer.mobile": "12345",
        "vehicle.plate": "无牌",
        "vehicle.odometer_km": -3,
    }
    assert unusable(event) == (
        Unusable("data.customer.mobile", "is no valid mobile number"),
        Unusable("data.vehicle.plate", "is no number plate"),
        Unusable("data.vehicle.odometer_km", "cannot be a reading of an odometer"),
    )


@pytest.mark.parametrize("mine", [{"note": 1}, "mine", [1]])
def test_a_member_of_that_name_is_not_lost(mine: object) -> None:
    kept = accepted(purchase(unusable=mine, customer={"mobile": "1"})).data["unusable"]
    assert kept["customer.mobile"] == "1"
    assert kept["note"] == 1 if isinstance(mine, dict) else kept["unusable"] == mine


@pytest.mark.parametrize("mine", [{"wang.fang": 1, "13800000001.mobile": 1, "note": 1}, ["customer.mobile"]])
def test_only_what_was_set_aside_is_told(mine: object) -> None:
    """What a sender calls its own members may be personal."""
    told = unusable(accepted(purchase(unusable=mine, customer={"mobile": "1"})))
    assert [one.field for one in told] == ["data.customer.mobile"]


def test_who_was_recommended_to_is_cleaned_too() -> None:
    referral = of_type(
        "referral.made", customer={"mobile": "13800000001"}, referred={"mobile": "138 0000 0002"}
    )
    assert accepted(referral).data["referred"] == {"mobile": "+8613800000002"}


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("138 0000 0001", ("mobile", E164)),
        ("京a·12345", ("plate", "京A12345")),
        ("W@example.cn", ("email", "w@example.cn")),
        ("LSVAA4182E2184847", ("vin", "LSVAA4182E2184847")),
    ],
)
def test_what_a_receptionist_types_is_understood(typed: str, meant: tuple[str, str]) -> None:
    assert meant in clean_contact(typed, "CN")
