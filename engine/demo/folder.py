"""Room for a demo: what one leaves in its folder."""

from pathlib import Path

from engine.pages import Room

DATABASE = "milepost.db"
INDEX = "index.html"
LEDGER = "ledger.html"
PICTURES = "pictures"

ROOM = Room(
    what="demo",
    option="--out",
    marker=".milepost-demo",
    told="A demo of Milepost was made in this folder; the next one may remove what it made.\n",
    files=(INDEX, LEDGER, DATABASE, *(f"{DATABASE}{end}" for end in ("-wal", "-shm", "-journal"))),
    folders={
        "letters": frozenset({".pdf", ".html", ".json"}),
        "emails": frozenset({".eml", ".html", ".txt", ".json"}),
        "sms": frozenset({".txt", ".json"}),
        PICTURES: frozenset({".png", ".otf"}),
    },
)


def clear(out: Path) -> None:
    """Removes what an earlier demo made, and makes the folder for the pictures."""
    ROOM.clear(out)
    with ROOM.written_to(out):
        (out / PICTURES).mkdir(exist_ok=True)
