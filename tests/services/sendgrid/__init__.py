"""A server that speaks SendGrid's v3 API, for tests and the benchmark: `python -m tests.services.sendgrid --port N`.

Laws
1. What SendGrid refuses is refused here, with an error body of the same shape; what it takes is taken, all or nothing.
2. It takes only what it answers with 202, except where a fault says otherwise: that is what faults are for.
3. Nothing leaves this machine: what was taken can be read back, as each recipient would have had it.

    GET  /v3/scopes, POST /v3/mail/send     as SendGrid's
    POST /control/faults    [{"status": 429, "retry_after": 2, "times": 3}, …]: befalls the next requests (`faults`)
    GET  /control/taken     each message, with its subject, texts, headers and custom_args
    GET  /control/counts    {"requests", "accepted", "taken", "sandboxed", "connections", "ids"}
    GET  /control/requests  the bodies of the requests that were taken, as they came
    GET  /control/key       the key that webhooks are signed with, as SendGrid shows it
    POST /control/webhooks  {"url", "events": ["processed", "delivered"], …}: posts signed events (`webhooks`)
    POST /control/reset     forgets what was taken, and all faults

With `--fast` it checks only the shape, and keeps counts and ids, no texts: for the benchmark.

Modules: `app` (the routes), `checks` (what is refused), `taken` (what is kept), `faults`, `webhooks`, `client` (for
tests: starts it, and asks it).
"""

KEY = "SG.test"
"""The API key, unless another is given."""
