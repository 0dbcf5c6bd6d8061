"""The login of a dealer's staff, over HTTP."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from engine.model.errors import UsageError
from engine.model.staff import Role
from engine.store.memory import MemoryStore
from engine.wiring.staffing import GUESSES_PER_NAME, NotLoggedIn, Staffing
from tests.support import milepost, write_project
from tests.web.gateways import JOURNEY, Gateway, Site

PASSWORD = "tyres and coffee"
NAMES = {"wang": ("--dealer", "d001"), "chief": ("--role", "headquarters")}


def hire(site: Site, name: str, *options: str, password: str = PASSWORD) -> None:
    milepost("staff", "add", name, *options, cwd=site.project, stdin=password + "\n", **site.settings)


def log_in(http: httpx.Client, name: str = "wang", password: str = PASSWORD, **more: str) -> httpx.Response:
    return http.post("/login", data={"name": name, "password": password}, headers=more)


def csrf(page: str) -> str:
    found = re.search(r'name="csrf" value="(\w+)"', page)
    assert found is not None
    return found[1]


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    folder = tmp_path_factory.mktemp("desk")
    write_project(folder, {"hello": JOURNEY}, files={"journeys/dealers.yaml": "d001: {name: 乐平店}\n"})
    site = Site(folder, MILEPOST_PUBLIC_URL="http://127.0.0.1")
    for name, options in NAMES.items():
        hire(site, name, *options)
    with site.gateway() as running:
        yield running


@pytest.fixture
def http(desk: Gateway) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=desk.url, timeout=30, headers={"accept-language": "zh-CN"}) as client:
        yield client


def test_whoever_is_not_logged_in_is_led_to_the_login_and_back(http: httpx.Client) -> None:
    lost = http.get("/home")
    assert (lost.status_code, lost.headers["location"]) == (303, "./login?to=home")
    page = http.get("/login?to=home")
    assert page.status_code == 200
    assert 'action="./login?to=home"' in page.text
    came = http.post("/login?to=home", data={"name": "Wang ", "password": PASSWORD})
    assert (came.status_code, came.headers["location"]) == (303, "./home")
    home = http.get("/home")
    assert home.status_code == 200
    assert "wang · 乐平店" in home.text


@pytest.mark.parametrize("to", ["https://evil.example", "//evil.example", "a b", "../x", "reception?x=1"])
def test_the_way_back_leads_nowhere_else(http: httpx.Client, to: str) -> None:
    came = http.post("/login", params={"to": to}, data={"name": "wang", "password": PASSWORD})
    assert came.status_code == 303
    assert "evil" not in came.headers["location"]
    assert re.fullmatch(r"\./\w+", came.headers["location"])


def test_the_cookie_is_kept_from_scripts_and_other_sites(http: httpx.Client) -> None:
    cookie = log_in(http).headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert "max-age=43200" in cookie


@pytest.mark.parametrize(("name", "password"), [("wang", "wrong password"), ("nobody", PASSWORD), ("", "")])
def test_a_wrong_name_and_a_wrong_password_are_told_alike(
    http: httpx.Client, name: str, password: str
) -> None:
    answer = log_in(http, name, password)
    assert answer.status_code == 401
    assert "用户名或密码不正确" in answer.text
    assert "set-cookie" not in answer.headers
    assert log_in(http).status_code == 303  # and the count begins anew


def test_too_many_guesses_end_in_a_wait_even_for_who_knows_it(http: httpx.Client) -> None:
    for _ in range(GUESSES_PER_NAME):
        assert log_in(http, "chief", "wrong password").status_code == 401
    assert log_in(http, "chief").status_code == 429
    assert log_in(http).status_code == 303


def test_who_logs_out_is_out(http: httpx.Client) -> None:
    log_in(http)
    page = http.get("/home")
    kept = dict(http.cookies)
    out = http.post("/logout", data={"csrf": csrf(page.text)})
    assert (out.status_code, out.headers["location"]) == (303, "./login")
    http.cookies.update(kept)
    assert http.get("/home").status_code == 303


def test_forms_of_other_pages_are_refused(http: httpx.Client) -> None:
    assert log_in(http, **{"sec-fetch-site": "cross-site"}).status_code == 403
    assert log_in(http, origin="https://evil.example").status_code == 403
    log_in(http)
    assert http.post("/logout").status_code == 403
    assert http.post("/logout", data={"csrf": "0" * 64}).status_code == 403
    assert http.get("/home").status_code == 200


def test_the_log_tells_neither_names_nor_passwords(desk: Gateway, http: httpx.Client) -> None:
    log_in(http, "wang", "wrong password")
    log = desk.log.read_text("utf-8")
    assert "/login" in log
    assert "wang" not in log
    assert "wrong password" not in log


# Sessions, by a clock that is set


class Clock:
    def __init__(self) -> None:
        self.at = datetime(2025, 3, 8, 8, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def staffing(clock: Clock) -> Staffing:
    made = Staffing(MemoryStore(), clock)
    made.add("wang", Role.RECEPTION, "d001", PASSWORD, ())
    return made


def token_of(staffing: Staffing) -> str:
    token = staffing.log_in("wang", PASSWORD, "here")
    assert not isinstance(token, NotLoggedIn)
    return token


def test_a_session_lasts_twelve_hours_with_no_pause_of_two(staffing: Staffing, clock: Clock) -> None:
    token = token_of(staffing)
    for _ in range(6):
        clock.at += timedelta(hours=1, minutes=59)
        assert staffing.session(token) is not None
    clock.at += timedelta(minutes=10)
    assert staffing.session(token) is None
    token = token_of(staffing)
    clock.at += timedelta(hours=2)
    assert staffing.session(token) is None


def test_the_wait_after_wrong_guesses_is_over_in_a_quarter_of_an_hour(
    staffing: Staffing, clock: Clock
) -> None:
    for _ in range(GUESSES_PER_NAME):
        assert staffing.log_in("wang", "wrong password", "there") is NotLoggedIn.WRONG
    assert staffing.log_in("wang", PASSWORD, "here") is NotLoggedIn.TOO_OFTEN
    clock.at += timedelta(minutes=16)
    token_of(staffing)


def test_a_new_password_ends_sessions_and_the_wait(staffing: Staffing) -> None:
    token = token_of(staffing)
    for _ in range(GUESSES_PER_NAME):
        staffing.log_in("wang", "wrong password", "there")
    staffing.set_password("wang", "another password")
    assert staffing.session(token) is None
    assert staffing.log_in("wang", PASSWORD, "here") is NotLoggedIn.WRONG
    assert not isinstance(staffing.log_in("wang", "another password", "here"), NotLoggedIn)


def test_of_two_dealers_in_a_project_a_third_is_unknown(staffing: Staffing) -> None:
    with pytest.raises(UsageError, match="no dealer 'd009'"):
        staffing.add("li", Role.RECEPTION, "d009", PASSWORD, ("d001", "d002"))
