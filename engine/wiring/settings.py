"""Settings: by environment (`MILEPOST_…`), with working defaults; a secret also as `…_FILE`."""

from enum import StrEnum
from pathlib import Path
from typing import Any

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from engine.model.errors import UsageError


class ClockKind(StrEnum):
    REAL = "real"
    EVENTS = "events"


class Settings(BaseSettings):
    """What is in force. Each field's description is what `docs/reference/settings.md` says of it."""

    model_config = SettingsConfigDict(
        env_prefix="MILEPOST_", env_ignore_empty=True, extra="ignore", frozen=True
    )

    database_url: str = Field("sqlite:///milepost.db", description="where state is kept: `sqlite:///FILE`")
    kafka_bootstrap: str = Field("", description="brokers; empty: embedded, without any (all there is yet)")
    clock: ClockKind = Field(ClockKind.REAL, description="`real`, or `events`: time is that of the events")
    delivery_dir: Path = Field(Path("delivered"), description="where the folder channels put messages")
    email: str = Field("folder", description="how email goes out: `folder`")
    sms: str = Field("folder", description="how SMS go out: `folder`")
    letters: str = Field("folder", description="how letters go out: `folder`")
    public_url: str = Field(
        "https://care.example.com", description="where customers reach the links that messages carry"
    )

    @property
    def database_path(self) -> Path:
        """The SQLite file."""
        scheme, separator, path = self.database_url.partition(":///")
        if scheme != "sqlite" or not separator or not path:
            kind = self.database_url.partition(":")[0]
            raise UsageError(
                f"MILEPOST_DATABASE_URL names a {kind} database, which this version cannot use.",
                "Set it to sqlite:///FILE, such as sqlite:///milepost.db.",
            )
        return Path(path)


def load_settings(**overrides: Any) -> Settings:
    """The settings of the environment; raises `UsageError` that names each variable at fault."""
    try:
        settings = Settings(**overrides)
    except ValidationError as error:
        faults = "; ".join(f"MILEPOST_{str(one['loc'][0]).upper()}: {one['msg']}" for one in error.errors())
        raise UsageError(
            f"The settings are not right: {faults}.", "See docs/reference/settings.md."
        ) from None
    if settings.kafka_bootstrap:
        raise UsageError(
            "MILEPOST_KAFKA_BOOTSTRAP is set, but this version only runs embedded, without a broker.",
            "Leave it out.",
        )
    for name in ("email", "sms", "letters"):
        if getattr(settings, name) != "folder":
            raise UsageError(
                f"MILEPOST_{name.upper()}={getattr(settings, name)} is not a way this version can deliver.",
                f"Leave MILEPOST_{name.upper()} out, or set it to folder.",
            )
    return settings
