"""Settings of what dealers reach: keys, limits. `Settings` has them with all others."""

from pydantic import Field
from pydantic_settings import BaseSettings


class DealerSettings(BaseSettings):
    """The part of `Settings` that is about dealers. Each field's description is what `docs/reference/settings.md` says
    of it."""

    events_per_minute: int = Field(
        6000, ge=1, description="how many events a dealer's key may bring by HTTP within a minute"
    )
    requests_per_minute: int = Field(
        600, ge=1, description="how many requests a dealer's key may make within a minute"
    )
    reception_trail_days: int = Field(
        1095, ge=1, description="for how many days the trail of the reception's look-ups is kept"
    )
    upload_days: int = Field(
        30,
        ge=1,
        description="for how many days a dealer's file is kept after it was read, for its marked copy",
    )
    upload_stale_s: float = Field(
        30.0, gt=0, description="a reader of a dealer's file that says nothing for so long is taken for dead"
    )
