"""Layer 8, beside the command line: what customers, providers and programs reach by HTTP.

Laws
1. A customer's page needs no login, no script and nothing from elsewhere; who has the link of a message says something
   about that message's customer alone, and learns nothing of them that the message did not tell.
2. A GET changes nothing of what a customer has said: mail scanners follow links. A POST may come twice.
3. What is answered by 2xx is there for good (`engine.wiring.taking`); what cannot be taken is answered by 503, and
   whoever brought it brings it again.
4. Neither log nor numbers hold a link, an address or a name: paths are told as they are written in the code.

Modules: `server` (the process), `app` (puts it together), `guard` (limits, headers, the log of requests), `room` (what
routes work with: threads, templates), `looks` and `words` (a brand's look, texts), and a topic each: `unsubscribe`,
`preferences`, `clicks`, `broadcasts`, `hooks`, `health`, `assets`. What dealers' software reaches by a key: `v1`.
Behind the login of a dealer's staff: `staff`, `reception`.
"""
