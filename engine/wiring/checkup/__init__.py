"""Whether everything that Milepost needs is there and as it should be: for `milepost doctor`.

Laws
1. It changes nothing: it makes no database, no topic, no folder, and sends nothing.
2. It ends soon, whatever does not answer: each check has its own thread, and so long.
3. Each finding says what is so and, where that is not well, what to do. None shows a secret, nor tells of a person.

Modules: `findings` (how checks are made and told), `shown` (the settings in force), and the checks: `projects`,
`databases`, `brokers`, `delivering`, `hearing`, `gateways`, `registered`.
"""

from engine.wiring.checkup.brokers import broker
from engine.wiring.checkup.databases import database
from engine.wiring.checkup.delivering import channels, letters, printing
from engine.wiring.checkup.findings import LIMIT_S, Check, Finding, Outcome, examine
from engine.wiring.checkup.gateways import gateway
from engine.wiring.checkup.hearing import hooks
from engine.wiring.checkup.projects import project
from engine.wiring.checkup.registered import registered_texts
from engine.wiring.checkup.shown import Shown, about_settings, shown

__all__ = [
    "LIMIT_S",
    "Check",
    "Finding",
    "Outcome",
    "Shown",
    "about_settings",
    "broker",
    "channels",
    "database",
    "examine",
    "gateway",
    "hooks",
    "letters",
    "printing",
    "project",
    "registered_texts",
    "shown",
]
