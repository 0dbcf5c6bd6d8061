"""What the messages would cost, by the policy's prices."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

import msgspec

from engine.model.policy import Policy
from engine.pages.tally import SentReport

_CENT = Decimal("0.01")


class CostRow(msgspec.Struct, frozen=True, kw_only=True):
    """One channel: what one message costs, None where the policy does not say, and the sums by span and in all."""

    channel: str
    price: Decimal | None
    spans: tuple[Decimal, ...]
    total: Decimal


class CostReport(msgspec.Struct, frozen=True, kw_only=True):
    """`spans` are the sums of all channels; `total` that of everything."""

    currency: str
    rows: tuple[CostRow, ...]
    spans: tuple[Decimal, ...]
    total: Decimal


def costs(went: SentReport, policy: Policy) -> CostReport | None:
    """None where the policy has no prices."""
    if not policy.prices:
        return None
    rows = tuple(
        _row(channel, policy.prices, counts)
        for channel, counts in zip(went.channels, went.by_channel, strict=True)
    )
    spans = tuple(sum((row.spans[at] for row in rows), Decimal()) for at in range(len(went.spans)))
    return CostReport(currency=policy.currency or "", rows=rows, spans=spans, total=sum(spans, Decimal()))


def _row(channel: str, prices: Mapping[str, Decimal], counts: Sequence[int]) -> CostRow:
    price = prices.get(channel)
    spans = tuple(n * (price or Decimal()) for n in counts)
    return CostRow(channel=channel, price=price, spans=spans, total=sum(spans, Decimal()))


def money(sum_of: Decimal) -> str:
    """`1 234.50`: two digits of the smaller unit, digits in groups of three from five on."""
    text = f"{sum_of.quantize(_CENT):,}"
    return text.replace(",", "" if abs(sum_of) < 10_000 else "\u202f")
