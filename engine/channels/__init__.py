"""Layer 5: ways to reach a customer. One folder a channel; they know nothing of each other. What they share
stands here: `files` (a message as a file), `mime` (a message as an email), `one_by_one` (a channel that takes one
message after the other), `rate` (a provider's rate, kept), `backoff` (trying again), `background` (connections that
live on between calls), `hooks` (what providers post) and `sms` (what the ways for SMS do alike).

`letters_print` closes letters into print runs and hands them over beside sending: see there.

Laws
1. A channel takes a message whole or not at all, and says which.
2. What is `repeatable` is really so: delivering the same message twice leaves what delivering it once leaves.
3. Errors name no person: they go into the ledger and the log.
4. `DeliveryError` is a trouble with that one message, `permanent` only where trying again cannot help. Where
   no message of the brand would get through, it is `ServiceUnavailable`, and its text does not depend on the
   message.

To add one: a folder here with a class that is a `Channel`, a row in `tests/contracts/test_channel_contract.py`,
and a way in `engine/wiring/ways`.
"""
