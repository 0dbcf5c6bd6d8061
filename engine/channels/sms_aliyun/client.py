"""The `alibabacloud_dysmsapi20170525` library: one client, its connections kept open, shared by threads.

What it raises names the whole address, and in that stand the number and the values of the text; so nothing of it goes
further than this module.
"""

import logging
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from alibabacloud_dysmsapi20170525 import models
from alibabacloud_dysmsapi20170525.client import Client
from alibabacloud_tea_openapi.exceptions import AlibabaCloudException
from alibabacloud_tea_openapi.utils_models import Config
from darabonba.runtime import RuntimeOptions
from requests.exceptions import ConnectTimeout, ProxyError, SSLError
from urllib3.exceptions import NewConnectionError

from engine.channels.sms.http import CONNECT_S, NoAnswer, NotReached

ENDPOINT = "dysmsapi.aliyuncs.com"
_NEVER_SENT = (ConnectTimeout, ProxyError, SSLError, NewConnectionError)

_PAGE, _MOST_PAGES = 50, 40
_APPROVED = "AUDIT_STATE_PASS"

T = TypeVar("T")


class RefusedByAliyun(Exception):  # noqa: N818 - named for what is so
    """`status` is HTTP's; `retry_after_s` where it was told."""

    def __init__(self, code: str, status: int = 200, retry_after_s: float | None = None) -> None:
        super().__init__(f"HTTP {status}, code {code}")
        self.code = code
        self.status = status
        self.retry_after_s = retry_after_s


class Aliyun:
    """The calls that are needed. Each raises `NotReached`, `NoAnswer` or `RefusedByAliyun`. An `endpoint` that begins
    with `http://` is called without TLS."""

    def __init__(
        self, key_id: str, key_secret: str, endpoint: str, connections: int, answer_s: float
    ) -> None:
        protocol, _, host = endpoint.rpartition("://")
        self._client = Client(
            Config(
                access_key_id=key_id,
                access_key_secret=key_secret,
                endpoint=host.rstrip("/"),
                protocol=protocol or "https",
            )
        )
        self._options = RuntimeOptions(
            connect_timeout=int(CONNECT_S * 1000),
            read_timeout=int(answer_s * 1000),
            max_idle_conns=connections,
        )
        _hush()

    def send(self, mobile: str, signature: str, code: str, params: str, message_id: str) -> str:
        """Its id at Alibaba Cloud. `params` is JSON."""
        request = models.SendSmsRequest(
            phone_numbers=mobile,
            sign_name=signature,
            template_code=code,
            template_param=params,
            out_id=message_id,
        )
        body = self._call(lambda: self._client.send_sms_with_options(request, self._options))
        return str(body.biz_id or "")

    def sent(self, mobile: str, day: str, page: int) -> tuple[list[str], int]:
        """The ids of the messages sent to that number on a day (`yyyymmdd`), latest first, a page of 50; and how many
        there are in all."""
        request = models.QuerySendDetailsRequest(
            phone_number=mobile, send_date=day, page_size=50, current_page=page
        )
        body = self._call(lambda: self._client.query_send_details_with_options(request, self._options))
        details = getattr(body.sms_send_detail_dtos, "sms_send_detail_dto", None) or []
        return [str(one.out_id or "") for one in details], int(body.total_count or 0)

    def signatures(self) -> list[str]:
        """Those that may be used."""

        def page(number: int) -> list[Any]:
            request = models.QuerySmsSignListRequest(page_index=number, page_size=_PAGE)
            body = self._call(lambda: self._client.query_sms_sign_list_with_options(request, self._options))
            return body.sms_sign_list or []

        return [str(one.sign_name) for one in _all(page) if one.audit_status == _APPROVED]

    def texts(self) -> list[str]:
        """The codes of the registered texts that may be used."""

        def page(number: int) -> list[Any]:
            request = models.QuerySmsTemplateListRequest(page_index=number, page_size=_PAGE)
            body = self._call(
                lambda: self._client.query_sms_template_list_with_options(request, self._options)
            )
            return body.sms_template_list or []

        return [str(one.template_code) for one in _all(page) if one.audit_status == _APPROVED]

    def _call(self, call: Callable[[], Any]) -> Any:
        try:
            body = call().body
        except AlibabaCloudException as error:
            raise _refused(error) from None
        except Exception as error:
            kind = _cause(error)
            raise (NotReached if isinstance(kind, _NEVER_SENT) else NoAnswer)(type(kind).__name__) from None
        if body is None or not body.code:
            raise NoAnswer("an answer without a code")
        if body.code != "OK":
            raise RefusedByAliyun(str(body.code))
        return body


def _all(page: Callable[[int], list[Any]]) -> Iterator[Any]:
    """What stands on the pages, from the first to one that is not full."""
    for number in range(1, _MOST_PAGES + 1):
        found = page(number)
        yield from found
        if len(found) < _PAGE:
            break


def _refused(error: AlibabaCloudException) -> RefusedByAliyun:
    wait_ms = getattr(error, "retry_after", None)
    return RefusedByAliyun(
        str(error.code or ""), int(error.status_code or 0), wait_ms / 1000 if wait_ms else None
    )


def _cause(error: BaseException) -> BaseException:
    """What lies at the bottom of an error: the library wraps each that it meets, some in a member (`inner_exception`),
    some in the text."""
    seen = error
    for _ in range(10):
        if isinstance(seen, _NEVER_SENT):
            return seen
        reason = getattr(seen.args[0], "reason", None) if seen.args else None
        inner = getattr(seen, "inner_exception", None) or reason or seen.__cause__ or seen.__context__
        if not isinstance(inner, BaseException):
            return seen
        seen = inner
    return seen


def _hush() -> None:
    """The library, and those it calls, can be told by the environment to log addresses."""
    for name in ("darabonba-core", "alibabacloud-tea", "urllib3.connectionpool"):
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.setLevel(logging.INFO)
