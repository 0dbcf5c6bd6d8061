"""SMS by Twilio, through the `twilio` library.

Decided
- Not repeatable: Twilio's Messages know no key by which a second request would be the same as the first, and none of
  ours by which one could be looked for. What is left open by a lost answer or a crash becomes `unknown`, and is settled
  by the status callback: its address carries the message's id, so it is known whose it is even where Twilio's own id
  never reached us.
- The sender is `senders.sms.from` of the brand's brand.yaml, else the one of the settings: a number, a name, or a
  messaging service (`MG…`).
- `validity_period` is what is left of the message's time, so that one that waits at Twilio for too long is not sent;
  at most 10 hours, which is Twilio's bound, at least ten seconds.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import msgspec

from engine.channels.backoff import BACKOFF, Backoff
from engine.channels.sms.http import ANSWER_S, NoAnswer, NotReached
from engine.channels.sms.pacing import Busy
from engine.channels.sms.sending import MOST_PARTS, mobile_of, unsendable
from engine.channels.sms.way import CONNECTIONS, SmsWay, unavailable
from engine.channels.sms_twilio.client import URL, OurHttp, RefusedByTwilio, client_for
from engine.channels.sms_twilio.refusals import answer_to
from engine.model.errors import ServiceUnavailable, Unsettled
from engine.model.messages import Message
from engine.ports import Answer, Outgoing, Receipt

_SHORTEST_S, _LONGEST_S = 10, 36_000


class TwilioAccount(msgspec.Struct, frozen=True, kw_only=True):
    """`sender` serves brands that name none. `callback` is where Twilio tells what became of a message; empty: it does
    not."""

    account: str
    token: str
    sender: str = ""
    callback: str = ""
    url: str = URL


class SmsTwilio(SmsWay):
    repeatable = False

    def __init__(
        self,
        account: TwilioAccount,
        *,
        most_parts: int = MOST_PARTS,
        per_s: float = 0.0,
        backoff: Backoff = BACKOFF,
        answer_s: float = ANSWER_S,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        super().__init__(most_parts=most_parts, per_s=per_s, backoff=backoff)
        self._account = account
        self._http = OurHttp(account.url, CONNECTIONS, answer_s)
        self._client = client_for(account.url, account.account, account.token, self._http)
        self._now = now

    def check(self) -> str:
        try:
            account = self._client.api.v2010.accounts(self._account.account).fetch()
        except RefusedByTwilio as refused:
            raise unavailable(answer_to(refused.refusal)) from None
        except (NotReached, NoAnswer) as error:
            raise self._unreached(error) from None
        if account.status != "active":
            raise ServiceUnavailable(f"The Twilio account is {account.status}.", "Twilio's console says why.")
        sender = (
            f", from {self._account.sender}" if self._account.sender else ", from the brands' own senders"
        )
        told = "" if self._account.callback else "; it is not told what becomes of them"
        return f"by Twilio at {self._account.url}{sender}{told}"

    def close(self) -> None:
        super().close()
        self._http.close()

    def _hand_over(self, outgoing: Outgoing) -> Answer:
        message = outgoing.message
        sender = outgoing.rendered.sender.get("from") or self._account.sender
        if not sender:
            return unsendable(
                f"The brand '{message.brand}' has no sender of SMS in this language.",
                "Set MILEPOST_TWILIO_FROM, or write `senders: {sms: {from: …}}` into its brand.yaml.",
            )
        left_s = int((message.not_after - self._now()).total_seconds())
        try:
            made = self._client.api.v2010.account.messages.create(
                to=mobile_of(outgoing),
                body=outgoing.rendered.text,
                validity_period=min(max(left_s, _SHORTEST_S), _LONGEST_S),
                **_from(sender),
                **self._callback(message),
            )
        except RefusedByTwilio as refused:
            return answer_to(refused.refusal)
        except NotReached as error:
            return self._unreached(error)
        except NoAnswer as error:
            return Unsettled(f"Twilio gave no answer ({error}).")
        # A messaging service tells the parts later, and says 0 until then.
        parts = int(made.num_segments or 0) or outgoing.rendered.parts
        return Receipt(provider_id=made.sid or "", parts=parts)

    def _callback(self, message: Message) -> dict[str, Any]:
        if not self._account.callback:
            return {}
        return {"status_callback": f"{self._account.callback}?message={quote(message.id)}"}

    def _unreached(self, error: Exception) -> ServiceUnavailable:
        return Busy(
            f"Twilio cannot be reached at {self._account.url} ({error}).",
            "Look at the network, and try again.",
        )


def _from(sender: str) -> dict[str, str]:
    is_service = sender.startswith("MG") and len(sender) == 34
    return {"messaging_service_sid" if is_service else "from_": sender}
