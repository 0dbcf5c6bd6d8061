"""What a step does beside sending: remembers something on the customer.

Whatever is stated holds from the run's moment on, as if an event of that time had said it; the latest statement
counts, the later one done on a tie.
"""

from datetime import date, datetime
from typing import Any

from engine.decide.draft import Draft
from engine.decide.plain import plain
from engine.model.customer import Run, Stated
from engine.model.event_types import Kind
from engine.model.journeys import SetFacts, Tag


def set_facts(draft: Draft, run: Run, step: SetFacts) -> None:
    """Remembers values on the customer's profile; none forgets what was known."""
    scope = draft.scope(run)
    told = [(path, _as(draft, kind, expression(scope))) for path, kind, expression in step.values]
    draft.state()
    for path, value in told:
        known = draft.profile.get(path)
        if known is None or run.at >= known.at:
            draft.profile[path] = Stated(value, run.at)


def tag(draft: Draft, run: Run, step: Tag) -> None:
    """Tags the customer, or takes the tag off; without a name, nothing."""
    name = step.name(draft.scope(run))
    if name is None or not str(name).strip():
        draft.note("tag without a name", run.journey)
        return
    draft.state()
    given, other = (draft.untagged, draft.tags) if step.off else (draft.tags, draft.untagged)
    word = str(name).strip()
    since = other.get(word)
    if since is None or run.at >= since:
        other.pop(word, None)
        given[word] = max(run.at, given.get(word, run.at))


def _as(draft: Draft, kind: Kind, value: Any) -> Any:
    """As events carry a member of that kind."""
    if kind is Kind.DATE and isinstance(value, datetime):
        return value.astimezone(draft.zone).date().isoformat()
    if kind is Kind.TEXT and value is not None and not isinstance(value, str | datetime | date):
        return str(value)
    return plain(draft, value)
