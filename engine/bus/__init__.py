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

Modules: `worker` (`run_worker`, the process), `supervisor` (`supervise`, its parent), `topics` (`ensure`, `require`),
`settings`, `logs` (`log_to`) are what the wiring uses; under them `app`, `feed`, `transport` (Faust), `lanes`,
`condition`, `watchdog`, `companions`, `web`, `metrics`, `meters`, `security`, `admin` (kafka-python). Nothing is
imported here, so that a supervisor is a small process.
"""
