"""SMS by Alibaba Cloud (阿里云短信服务), through its own library.

China lets a company send registered texts only: what goes there is the code of such a text and its values
(`template_code` and `params` in the front matter of the SMS's file), under the brand's signature, which Alibaba Cloud
puts before the text as 【…】. The text that is rendered here is what the ledger's parts are counted by, and what
`preview` shows; it is not sent.

Decided
- Not repeatable: SendSms has no key by which a second request would be the same as the first (its documentation says
  so). It takes our id along, though (OutId), and can be asked by number and day: where an answer is lost, it is asked
  whether it has the message. It may take a while to know, so that it does not, proves nothing: then the message is
  unsettled, and its receipt, which carries the id, settles it.
- A trouble of Alibaba Cloud's own may have come before or after it took the message: it is looked up likewise.
"""

import json
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import TypeVar
from zoneinfo import ZoneInfo

import msgspec

from engine.channels.backoff import BACKOFF, Backoff
from engine.channels.sms.http import ANSWER_S, NoAnswer, NotReached
from engine.channels.sms.pacing import Busy
from engine.channels.sms.sending import MOST_PARTS, DeliverOne, mobile_of, unsendable
from engine.channels.sms.way import CONNECTIONS, SmsWay, unavailable
from engine.channels.sms_aliyun.client import ENDPOINT, Aliyun, RefusedByAliyun
from engine.channels.sms_aliyun.refusals import answer_to
from engine.model.errors import DeliveryError, ServiceUnavailable, Unsettled
from engine.model.messages import Message
from engine.ports import Answer, Outgoing, Receipt

_ASK_AFTER_S = (1.0, 2.0, 4.0)
_BEIJING = ZoneInfo("Asia/Shanghai")
_MOST_PAGES = 4

T = TypeVar("T")


class AliyunAccount(msgspec.Struct, frozen=True, kw_only=True):
    """An access key. An `endpoint` that begins with `http://` is called without TLS."""

    key_id: str
    key_secret: str
    endpoint: str = ENDPOINT


class SmsAliyun(SmsWay):
    """`ask_after_s` are the pauses before it is asked whether it has what it gave no answer to."""

    repeatable = False

    def __init__(
        self,
        account: AliyunAccount,
        *,
        most_parts: int = MOST_PARTS,
        per_s: float = 0.0,
        backoff: Backoff = BACKOFF,
        answer_s: float = ANSWER_S,
        ask_after_s: Sequence[float] = _ASK_AFTER_S,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        super().__init__(most_parts=most_parts, per_s=per_s, backoff=backoff)
        self._endpoint = account.endpoint
        self._aliyun = Aliyun(account.key_id, account.key_secret, account.endpoint, CONNECTIONS, answer_s)
        self._ask_after_s = ask_after_s
        self._now = now

    def check(self) -> str:
        signatures = self.signatures()
        return f"by Alibaba Cloud at {self._endpoint}, signatures: {'、'.join(signatures) or 'none approved'}"

    def signatures(self) -> list[str]:
        """Those that are approved; raises `ServiceUnavailable`."""
        return self._asked(self._aliyun.signatures)

    def texts(self) -> list[str]:
        """The codes of the registered texts that are approved; raises `ServiceUnavailable`."""
        return self._asked(self._aliyun.texts)

    def deliver(self, outgoings: Sequence[Outgoing]) -> Sequence[Answer]:
        send = self._pacing.of_group(self._hand_over)
        return self._side_by_side.deliver(outgoings, lambda one: self._deliver(one, send))

    def recover(self, message: Message) -> Receipt | None:
        """Whether Alibaba Cloud has the message: today, or since yesterday."""
        mobile = _national(str(message.address.get("mobile") or ""))
        today = self._now().astimezone(_BEIJING)
        days = [today - timedelta(days=n) for n in range(2)]
        has = self._asked(lambda: any(self._has(mobile, message.id, day) for day in days))
        return Receipt() if has else None

    def _asked(self, ask: Callable[[], T]) -> T:
        try:
            return ask()
        except RefusedByAliyun as refused:
            raise unavailable(answer_to(refused)) from None
        except (NotReached, NoAnswer) as error:
            raise self._unreached(error) from None

    def _deliver(self, outgoing: Outgoing, send: DeliverOne) -> Answer:
        rendered = outgoing.rendered
        if not rendered.sender.get("signature"):
            return unsendable(
                f"The brand '{outgoing.message.brand}' has no signature for SMS in this language.",
                "Write the approved one into its brand.yaml: `senders: {sms: {signature: …}}`.",
            )
        if not rendered.template_code:
            return DeliveryError(
                f"The SMS of template '{outgoing.message.template}' has no template_code.",
                "China lets registered texts only be sent: write its code into the front matter of the file.",
                permanent=True,
            )
        answer = send(outgoing)
        return self._settled(outgoing, answer) if isinstance(answer, Unsettled) else answer

    def _hand_over(self, outgoing: Outgoing) -> Answer:
        rendered = outgoing.rendered
        signature = rendered.sender["signature"]
        params = json.dumps(dict(rendered.params), ensure_ascii=False)
        mobile = _national(mobile_of(outgoing))
        try:
            provider_id = self._aliyun.send(
                mobile, signature, rendered.template_code, params, outgoing.message.id
            )
        except RefusedByAliyun as refused:
            return answer_to(refused, signature)
        except NotReached as error:
            return self._unreached(error)
        except NoAnswer as error:
            return Unsettled(f"Alibaba Cloud gave no answer ({error}).")
        return Receipt(provider_id=provider_id, parts=rendered.parts)

    def _settled(self, outgoing: Outgoing, unsettled: Unsettled) -> Answer:
        """What it says of a message to which it gave no answer."""
        for pause_s in self._ask_after_s:
            time.sleep(pause_s)
            try:
                if self._has(_national(mobile_of(outgoing)), outgoing.message.id, self._now()):
                    return Receipt(parts=outgoing.rendered.parts)
            except (RefusedByAliyun, NotReached, NoAnswer):
                continue
        return unsettled

    def _has(self, mobile: str, message_id: str, at: datetime) -> bool:
        day = f"{at.astimezone(_BEIJING):%Y%m%d}"
        for page in range(1, _MOST_PAGES + 1):
            ids, total = self._aliyun.sent(mobile, day, page)
            if message_id in ids:
                return True
            if page * 50 >= total:
                break
        return False

    def _unreached(self, error: Exception) -> ServiceUnavailable:
        return Busy(
            f"Alibaba Cloud cannot be reached at {self._endpoint} ({error}).",
            "Look at the network, and try again.",
        )


def _national(mobile: str) -> str:
    """As Alibaba Cloud writes numbers: Chinese ones by their eleven digits, others with the country and no plus."""
    return mobile[3:] if mobile.startswith("+86") else mobile.removeprefix("+")
