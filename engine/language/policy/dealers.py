"""The dealers that journeys and templates can name."""

from engine.language.policy import keys
from engine.language.report import Report
from engine.language.source import MappingNode
from engine.model.policy import Dealer


def read_dealers(node: MappingNode, report: Report) -> dict[str, Dealer]:
    """Dealers by id, from a mapping of ids to their members."""
    dealers = {}
    for entry in node.entries:
        fields = keys.DEALER.read(entry.value, report)
        if fields is not None:
            members = {key.name: fields.get(key) for key in keys.DEALER_KEYS}
            dealers[entry.key.text] = Dealer(id=entry.key.text, **members)
    return dealers
