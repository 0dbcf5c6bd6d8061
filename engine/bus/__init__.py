"""Layer 5, an adapter of the port `Bus`: Kafka, by Faust.

Faust gives membership, partitions, rebalancing, back-pressure, lifecycle and the web server; what it does with single
messages is replaced by batches (`feed`), which lose nothing and cost a twentieth. It knows nothing of stores, and gets
its stages from the wiring.

Laws
1. At least once: an offset is committed only after its stage has done its work for good and all that it returned is
   with the broker. What comes twice, the stage notices.
2. One partition, one thing at a time, in order (`lanes`); different partitions and topics in turns.
3. Memory is flat: the next records of a partition are taken when its batch is done, however long the backlog.
4. A worker that does not know how to go on ends itself: a stage that raised, a batch that does not end, work that does
   not get done (`watchdog`). Whoever started it starts it again (`supervisor`).
5. A password never goes over an open line unasked (`security`), and nothing about a person gets into a log (`logs`).

Modules: `worker` (the process), `app`, `feed`, `transport` (Faust), `lanes`, `condition`, `watchdog`, `companions`,
`supervisor` (the parent process), `topics`, `admin` (kafka-python), `settings`, `security`, `metrics`, `meters`, `web`,
`logs`.
"""

from engine.bus.logs import log_to
from engine.bus.settings import BusSettings
from engine.bus.supervisor import supervise
from engine.bus.topics import TopicSettings, ensure
from engine.bus.worker import Work, run_worker

__all__ = [
    "BusSettings",
    "TopicSettings",
    "Work",
    "ensure",
    "log_to",
    "run_worker",
    "supervise",
]
