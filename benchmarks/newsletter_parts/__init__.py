"""What the newsletter's measurement is made of: `project` (journey and texts), `fill` (the ledger), `sender` (a process
that sends)."""
