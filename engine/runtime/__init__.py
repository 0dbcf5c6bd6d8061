"""Layer 4: what happens with a decision. `advance` takes events and what is due into the store, one
transaction a batch (law 2 of the architecture); `deliver` takes messages from the ledger to the channels
(law 3). Both number their steps in their docstrings; a crash between any two loses nothing and does nothing
twice, and a test kills the process at each.
"""
