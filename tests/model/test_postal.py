"""Addresses on letters: by the country's order, seen through the window, and faults that tell of nobody."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.model.postal import LINES, WIDTH_MM, address_lines, fault_of, lines_taken
from engine.model.postal.countries import COUNTRIES, name_of

BEIJING = {
    "name": "王芳", "salutation": "女士", "line": "幸福路1号", "district": "朝阳区",
    "city": "北京市", "region": "北京市", "postcode": "100020", "country": "CN",
}  # fmt: skip
COLOGNE = {
    "name": "Anna Maß", "salutation": "Frau", "line": "Hauptstr. 5",
    "city": "Köln", "postcode": "50667", "country": "DE",
}  # fmt: skip


def test_a_chinese_letter_goes_from_the_large_to_the_small_and_the_receiver_is_last() -> None:
    assert address_lines(BEIJING, locale="zh-CN", home="CN") == [
        "100020",
        "北京市朝阳区",
        "幸福路1号",
        "王芳女士 收",
    ]
    guangdong = {**BEIJING, "region": "广东省", "city": "深圳市", "line": "朝阳区幸福路1号"}
    assert address_lines(guangdong, locale="zh-CN", home="CN")[1:3] == ["广东省深圳市", "朝阳区幸福路1号"]


def test_a_letter_in_latin_script_begins_with_the_receiver() -> None:
    latin = {
        "name": "Fang Wang",
        "line": "1 Xingfu Road",
        "city": "Beijing",
        "postcode": "100020",
        "country": "CN",
    }
    assert address_lines(latin, locale="en", home="CN") == ["Fang Wang", "1 Xingfu Road", "Beijing 100020"]
    with_district = {**latin, "district": "Chaoyang"}
    assert address_lines(with_district, locale="en", home="CN")[2] == "Chaoyang, Beijing 100020"


def test_what_goes_abroad_ends_with_the_country_in_capitals_whatever_the_letters_language() -> None:
    german = ["Anna Maß", "Hauptstr. 5", "50667 Köln"]
    assert address_lines(COLOGNE, locale="zh-CN", home="CN") == [*german, "GERMANY"]
    assert address_lines(COLOGNE, locale="de", home="DE") == german
    assert address_lines(BEIJING, locale="zh-CN", home="SG")[-1] == "CHINA"
    assert address_lines({**COLOGNE, "country": "ke"}, locale="en", home="CN")[-1] == "KENYA"


@pytest.mark.parametrize(
    ("given_address", "expected"),
    [
        (
            {"city": "Springfield", "region": "il", "postcode": "62701", "country": "US"},
            ["SPRINGFIELD, IL 62701"],
        ),
        ({"city": "London", "postcode": "sw1a 1aa", "country": "GB"}, ["LONDON", "SW1A 1AA"]),
        ({"city": "Lyon", "postcode": "69001", "country": "FR"}, ["69001 LYON"]),
        ({"postcode": "238801", "country": "SG"}, ["SINGAPORE 238801"]),
        (
            {"city": "Toronto", "region": "ON", "postcode": "m5v 3l9", "country": "CA"},
            ["TORONTO ON  M5V 3L9"],
        ),
    ],
)
def test_each_country_has_its_order(given_address: dict[str, str], expected: list[str]) -> None:
    whole = {"name": "A B", "line": "1 High Street", **given_address}
    assert address_lines(whole, locale="en", home=given_address["country"])[2:] == expected
    assert fault_of(whole, locale="en", home="CN") == ""


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"name": ""}, "The address has no name."),
        ({"line": "N/A"}, "The address has no street."),
        ({"city": "不详"}, "The address has no city."),
        ({"postcode": "－"}, "The address has no postcode."),
        ({"postcode": "10002"}, "The address's postcode is none of CHINA."),
        (
            {"country": "XX"},
            "The address's country is none: it is written as two letters, such as CN (ISO 3166-1).",
        ),
    ],
)
def test_what_is_missing_or_cannot_be_is_said_without_what_stands_there(
    change: dict[str, str], said: str
) -> None:
    assert fault_of({**BEIJING, **change}, locale="zh-CN", home="CN") == said


def test_an_address_that_the_window_does_not_show_whole_is_refused() -> None:
    assert fault_of({**BEIJING, "line": "长" * 40}, locale="zh-CN", home="CN") == ""
    assert "takes 6 lines; 5 are seen" in fault_of({**BEIJING, "line": "长" * 50}, locale="zh-CN", home="CN")
    word = {**COLOGNE, "line": "Donaudampfschifffahrtsgesellschaftskapitänsstraße 1"}
    assert f"wider than the envelope's window ({WIDTH_MM:g} mm)" in fault_of(word, locale="de", home="DE")


def test_hong_kong_needs_no_postcode_and_other_countries_only_what_everybody_has() -> None:
    assert fault_of({"name": "陈", "line": "皇后大道1号", "country": "HK"}, locale="zh-CN", home="CN") == ""
    assert (
        fault_of({"name": "A", "line": "1 Road", "city": "Nairobi", "country": "KE"}, locale="en", home="CN")
        == ""
    )


@given(
    st.fixed_dictionaries({part: st.text(max_size=40) | st.none() for part in BEIJING}),
    st.sampled_from(["zh-CN", "en", "de"]),
    st.sampled_from([*COUNTRIES, None]),
)
def test_whatever_an_address_holds_its_lines_are_lines(
    address: dict[str, str], locale: str, home: str | None
) -> None:
    lines = address_lines(address, locale=locale, home=home)
    assert all(line.strip() and line.isprintable() for line in lines)
    if not fault_of(address, locale=locale, home=home):
        assert sum(lines_taken(line) or LINES + 1 for line in lines) <= LINES


def test_every_country_of_the_table_has_a_name() -> None:
    assert all((name_of(code) or "").isupper() for code in COUNTRIES)
