"""Where a stage begins in a partition: where the store says, for what came of the records before is in the store
too. The broker is told offsets as well, but may have lost them, or been told others by hand."""

from engine.ports import SharedStore


def first_to_do(store: SharedStore, stage: str, partition: int) -> int:
    """The offset of the first record that the stage has not done: 0 where it has done none."""
    progress = store.progress(stage)
    return progress[partition].next_offset if partition in progress else 0
