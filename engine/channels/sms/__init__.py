"""What the ways for SMS share: `sending` (what can be refused before it is sent, and groups handed over side by side),
`http` (requests that say whether they arrived), `replies` (what customers answer) and `receipts` (what providers tell,
as events)."""
