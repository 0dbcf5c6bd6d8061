"""Emails to a mail server, by SMTP (RFC 5321).

Laws
1. A message whose final dot has gone out is never said to be not taken without the server's word: where the connection
   is cut or the time is over before its answer, it is unsettled. One whose dot has not gone out was not taken, and may
   go by another connection.
2. No password, and no mail, over an open line, but to this very machine or where the operator says so. Certificates
   are checked.
3. An answer that is none ends the connection: nothing after it can be believed.
4. Everything said to the server is checked for line breaks before (`mime`).
5. Nothing that comes back is believed without our signature in the address that it came to (`tokens`).

Modules: `server` (which, and how), `replies` and `line` (bytes ↔ answers), `session` (greeting, encryption, login),
`conversation` (message after message), `group`, `pool` (connections that outlive a call), `verdicts`
(what an answer means), `signing` (DKIM), `tokens` (where mail comes back to), `bounces` and its parts (what does).
"""
