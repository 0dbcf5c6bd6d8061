"""Settings: by environment (`MILEPOST_…`), with working defaults; a secret also as `…_FILE`."""

import os
from datetime import time
from enum import StrEnum
from pathlib import Path
from typing import Any

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import SettingsConfigDict

from engine.channels.smtp.server import Tls
from engine.client.security import Mechanism, Protocol, Security, secret_in
from engine.model.errors import UsageError
from engine.wiring.addresses import is_web_address
from engine.wiring.dealer_settings import DealerSettings
from engine.wiring.ways import WAYS, named


class ClockKind(StrEnum):
    REAL = "real"
    EVENTS = "events"


_LEAST_KEY = 16


def _either(kind: type[StrEnum]) -> str:
    return ", ".join(f"`{one}`" for one in kind)


class Settings(DealerSettings):
    """What is in force. Each field's description is what `docs/reference/settings.md` says of it."""

    model_config = SettingsConfigDict(
        env_prefix="MILEPOST_", env_ignore_empty=True, extra="ignore", frozen=True
    )

    database_url: str = Field(
        "sqlite:///milepost.db",
        repr=False,
        description="where state is kept: `sqlite:///FILE`, or `postgresql://USER:PASSWORD@HOST:PORT/DATABASE`, "
        "which is a secret",
    )
    database_stall_s: float = Field(
        15.0,
        gt=0,
        description="on PostgreSQL: a process that hangs in the middle of a transaction for so long is cut off",
    )
    database_lock_s: float = Field(
        30.0, gt=0, description="on PostgreSQL: for how long work waits for the locks of other workers' work"
    )
    kafka_bootstrap: str = Field(
        "", description="brokers, `host:port` with commas; empty: embedded, without any"
    )
    kafka_prefix: str = Field(
        "",
        description="stands before the topics' names, such as `test.`, where several engines share a broker",
    )
    kafka_group: str = Field("milepost", description="workers of one group share the work")
    kafka_partitions: int = Field(
        12, ge=1, description="into how many parts customers are shared out; settled when the topics are made"
    )
    kafka_replication: int = Field(
        0, ge=0, description="on how many brokers each record lies; 0: the broker's own"
    )
    kafka_inbox_days: float = Field(14.0, gt=0, description="how long `care.inbox` is kept")
    kafka_events_days: float = Field(365.0, gt=0, description="how long `care.events` is kept")
    kafka_rejected_days: float = Field(90.0, gt=0, description="how long `care.rejected` is kept")
    kafka_messages_days: float = Field(30.0, gt=0, description="how long `care.messages` is kept")
    kafka_session_s: float = Field(
        20.0, gt=0, description="a worker that is not heard of for so long loses its partitions to others"
    )
    worker_threads: int = Field(
        8,
        ge=1,
        le=64,
        description="how many partitions a worker works on at once; most of the time each waits for a server",
    )
    http_host: str = Field("127.0.0.1", description="where a worker's health and metrics can be asked for")
    http_port: int = Field(6066, ge=1, le=65535, description="its port")
    gateway_host: str = Field("127.0.0.1", description="where `milepost gateway` listens")
    gateway_port: int = Field(8080, ge=0, le=65535, description="its port; 0: any that is free")
    kafka_protocol: Protocol = Field(
        Protocol.PLAINTEXT, description=f"how the line to the broker is secured: {_either(Protocol)}"
    )
    kafka_ca_file: Path | None = Field(
        None, description="PEM file of who may vouch for the broker; without it, whom the system trusts"
    )
    kafka_cert_file: Path | None = Field(
        None, description="PEM file of one's own certificate, for brokers that ask"
    )
    kafka_key_file: Path | None = Field(None, description="PEM file of its key")
    kafka_mechanism: Mechanism = Field(
        Mechanism.SCRAM_SHA_512, description=f"how the login is checked: {_either(Mechanism)}"
    )
    kafka_username: str = Field("", description="the login at the broker, for `SASL_…` protocols")
    kafka_password: SecretStr = Field(SecretStr(""), description="its password, a secret")
    spool: Path = Field(
        Path("milepost-spool"), description="folder where events that `send` sends wait for the broker"
    )
    spool_limit_bytes: int = Field(1024**3, description="how much may wait there")
    clock: ClockKind = Field(ClockKind.REAL, description="`real`, or `events`: time is that of the events")
    delivery_dir: Path = Field(Path("delivered"), description="where the folder channels put messages")
    cache_dir: Path | None = Field(
        None, description="where deployed projects are laid out to be read; else in the user's cache folder"
    )
    email: str = Field(
        "folder",
        repr=False,
        description="how email goes out: `folder`, `sendgrid`, or `smtp://USER:PASSWORD@HOST:PORT` "
        "(`smtps://…` with TLS from the start), which is a secret",
    )
    sms: str = Field(
        "folder",
        repr=False,
        description="how SMS go out: `folder`, `twilio`, `aliyun`, or the `https://…` of a provider, "
        "which may be a secret",
    )
    email_rate: float = Field(
        0.0,
        ge=0,
        description="how many emails a second go out at most, from each process; 0: as many as there are",
    )
    sendgrid_api_key: SecretStr = Field(
        SecretStr(""),
        validation_alias="SENDGRID_API_KEY",
        description="for `sendgrid`: the API key, a secret",
    )
    sendgrid_url: str = Field(
        "https://api.sendgrid.com",
        description="for `sendgrid`: where its API is; `https://api.eu.sendgrid.com` for an account in the EU",
    )
    sendgrid_sandbox: bool = Field(
        False, description="for `sendgrid`: it checks every request and sends nothing"
    )
    sendgrid_tracking: bool = Field(
        False,
        description="for `sendgrid`: it counts opens and clicks; for that it rewrites links and adds a picture",
    )
    sendgrid_connections: int = Field(
        16, ge=1, le=200, description="how many requests to it at once, at most"
    )
    sendgrid_timeout_s: float = Field(
        30.0,
        gt=0,
        description="how long it may take to answer; what it has not answered by then is `unknown`",
    )
    sendgrid_webhook_key: str = Field(
        "", description="the verification key of its event webhook, which posts to `/hooks/sendgrid`"
    )
    sendgrid_webhook_age_s: float = Field(
        600.0, gt=0, description="what it posts is refused when it was signed longer ago than that"
    )
    smtp_password: SecretStr = Field(
        SecretStr(""), description="for `smtp://USER@…`: the password where the address has none, a secret"
    )
    smtp_tls: Tls = Field(
        Tls.AUTO,
        description=f"for `smtp://…`: when the line is encrypted, {_either(Tls)}; `auto`: always, but for a server on "
        "this very machine",
    )
    smtp_ca_file: Path | None = Field(
        None, description="PEM file of who may vouch for the mail server; without it, whom the system trusts"
    )
    smtp_name: str = Field(
        "",
        pattern=r"^[A-Za-z0-9.:\[\]-]*$",
        description="what this side calls itself to the mail server; empty: the machine's name, else its address",
    )
    smtp_connections: int = Field(8, ge=1, le=100, description="how many connections to it at once, at most")
    smtp_connection_messages: int = Field(
        500, ge=1, description="how many messages over one of them, before it is made anew"
    )
    smtp_idle_s: float = Field(30.0, gt=0, description="one that is not used for so long is given up")
    smtp_timeout_s: float = Field(
        60.0,
        gt=0,
        description="how long it may take to answer a command; to answer a whole message, twice as long",
    )
    bounce_address: str = Field(
        "",
        description="for `smtp://…`: where mail comes back to, such as `bounces@care.example.com`; each message has "
        "its own, `bounces+…@`; empty: to the brand's sender",
    )
    dkim_key_file: Path | None = Field(
        None, description="for `smtp://…`: PEM file of the private key (RSA or Ed25519) that signs emails"
    )
    dkim_selector: str = Field(
        "",
        pattern=r"^[A-Za-z0-9.-]*$",
        description="the name under which its public half is published: `SELECTOR._domainkey.DOMAIN`",
    )
    sms_rate: float = Field(
        0.0,
        ge=0,
        description="how many SMS a second go out at most, from each process; 0: as many as there are",
    )
    sms_most_parts: int = Field(5, ge=1, description="an SMS that takes more parts is not sent")
    sms_token: SecretStr = Field(
        SecretStr(""), description="for SMS by `https://…`: the bearer token of requests, a secret"
    )
    sms_secret: SecretStr = Field(
        SecretStr(""),
        description="for SMS by `https://…`: what requests and notices are signed with, a secret",
    )
    twilio_account_sid: str = Field("", description="for `twilio`: the account, `AC…`")
    twilio_auth_token: SecretStr = Field(SecretStr(""), description="its token, a secret")
    twilio_from: str = Field(
        "",
        description="for `twilio`: the sender of brands that name none: a number, a name, or a messaging service `MG…`",
    )
    twilio_url: str = Field("https://api.twilio.com", description="for `twilio`: where its API is")
    aliyun_key_id: str = Field("", description="for `aliyun`: the access key's id")
    aliyun_key_secret: SecretStr = Field(SecretStr(""), description="its secret")
    aliyun_endpoint: str = Field("dysmsapi.aliyuncs.com", description="for `aliyun`: where its API is")
    aliyun_hook_key: SecretStr = Field(
        SecretStr(""),
        description="for `aliyun`: what its notices show in the address, `/hooks/aliyun?key=…`; a secret",
    )
    letters: str = Field("folder", description="how letters go out: `folder`, or `print`")
    print_at: time = Field(
        time(17),
        description="for `print`: when the day's letters are closed into print runs, on the policy's clock",
    )
    print_duplex: bool = Field(
        True, description="for `print`: each letter begins on a sheet of its own, printed on both sides"
    )
    print_dir: Path | None = Field(
        None, description="for `print`: the folder in which runs are handed over to the printer"
    )
    print_sftp: str = Field(
        "", description="for `print`: the same on the printer's server: `sftp://USER@HOST:PORT/FOLDER`"
    )
    print_sftp_key: Path | None = Field(None, description="file of the private key for the login there")
    print_sftp_known_hosts: Path | None = Field(
        None, description="file that says which key that server has, as OpenSSH's `known_hosts`"
    )
    print_confirmations: Path | None = Field(
        None, description="for `print`: the folder in which the printer's confirmations are looked for"
    )
    public_url: str = Field(
        "https://care.example.com", description="where customers reach the links that messages carry"
    )
    operator_key: SecretStr = Field(
        SecretStr(""),
        description="what programs show the gateway to see and steer broadcasts: 16 characters or more, a secret; "
        "empty: none can",
    )

    @field_validator("print_sftp")
    @classmethod
    def _no_password(cls, given: str) -> str:
        if ":" in given.partition("://")[2].rpartition("@")[0]:
            raise ValueError("holds a password; the login is by the key that MILEPOST_PRINT_SFTP_KEY names")
        return given

    @field_validator("public_url")
    @classmethod
    def _an_address(cls, given: str) -> str:
        if not is_web_address(given):
            raise ValueError("is no address of a web server; it looks like https://care.example.com")
        return given

    @field_validator("operator_key")
    @classmethod
    def _hard_to_guess(cls, given: SecretStr) -> SecretStr:
        if 0 < len(given.get_secret_value()) < _LEAST_KEY:
            raise ValueError(f"has fewer than {_LEAST_KEY} characters; openssl rand -hex 32 makes one")
        return given

    @field_validator("kafka_protocol", "kafka_mechanism", mode="before")
    @classmethod
    def _capitals(cls, given: Any) -> Any:
        return given.upper() if isinstance(given, str) else given

    @property
    def kafka_security(self) -> Security:
        """How connections to the broker are secured; raises `UsageError` where settings do not go together."""
        return Security(
            protocol=self.kafka_protocol,
            ca_file=self.kafka_ca_file,
            cert_file=self.kafka_cert_file,
            key_file=self.kafka_key_file,
            mechanism=self.kafka_mechanism,
            username=self.kafka_username,
            password=self.kafka_password.get_secret_value(),
        )

    @property
    def on_postgres(self) -> bool:
        """Whether state is kept in PostgreSQL; else in a SQLite file."""
        return self.database_url.partition(":")[0] in ("postgresql", "postgres")

    @property
    def database_path(self) -> Path:
        """The SQLite file."""
        scheme, separator, path = self.database_url.partition(":///")
        if scheme != "sqlite" or not separator or not path:
            raise UsageError(
                "MILEPOST_DATABASE_URL names no database that Milepost knows.",
                "Set it to sqlite:///FILE, such as sqlite:///milepost.db, or to\n"
                "  postgresql://USER:PASSWORD@HOST:PORT/DATABASE.",
            )
        return Path(path)


class NotRight(UsageError):  # noqa: N818 - named for what is so
    """A setting that is asked for cannot be used."""


class _InPart(Settings):
    """Those that can be used; whoever asks for another one hears so."""

    def __getattr__(self, name: str) -> Any:
        if name in Settings.model_fields:
            raise NotRight(f"{variable(name)} is not right.")
        raise AttributeError(name)


def load_settings(**overrides: Any) -> Settings:
    """The settings of the environment; raises `UsageError` that names each variable at fault."""
    settings, wrong = look_at_settings(**overrides)
    if wrong:
        raise wrong[0] if len(wrong) == 1 else UsageError("\n".join(map(str, wrong)))
    return settings


def look_at_settings(**overrides: Any) -> tuple[Settings, list[UsageError]]:
    """The settings of the environment, and what is wrong with those that cannot be used: who asks for one of these gets
    `NotRight`."""
    wrong: dict[str, UsageError] = {}
    given = {**_secrets_in_files(wrong), **overrides}
    try:
        settings = _InPart(**given)
    except ValidationError as error:
        for one in error.errors():
            name = next(name for name in Settings.model_fields if _asked_as(name) == one["loc"][0])
            wrong[name] = UsageError(
                f"{variable(name)}: {one['msg'].removeprefix('Value error, ')}.",
                "See docs/reference/settings.md.",
            )
        in_place = {_asked_as(name): Settings.model_fields[name].default for name in wrong}
        settings = _InPart(**{**given, **in_place})
    wrong |= {name: _no_way(name) for name in WAYS if named(name, getattr(settings, name)) is None}
    for name in wrong:
        settings.__dict__.pop(name)
    return settings, [wrong[name] for name in Settings.model_fields if name in wrong]


def _no_way(name: str) -> UsageError:
    ways = ", ".join(f"{way}…" if way.endswith("://") else way for way in WAYS[name])
    return UsageError(  # what it says may hold a password
        f"{variable(name)} names no way to deliver.", f"Leave it out, or set it to one of these: {ways}."
    )


def _asked_as(name: str) -> str:
    return str(Settings.model_fields[name].validation_alias or name)


def variable(name: str) -> str:
    """The environment variable of the setting `name`."""
    asked_as = _asked_as(name)
    return f"MILEPOST_{name.upper()}" if asked_as == name else asked_as


def refuse_broker(settings: Settings, instead: str) -> None:
    """For what works on the database by itself: with a broker that is for its workers to do. `instead` is what to
    call."""
    if settings.kafka_bootstrap:
        raise UsageError(
            "With a broker (MILEPOST_KAFKA_BOOTSTRAP is set) events go into its inbox, and workers decide on them.",
            f"Send them there: {instead}\n"
            "  Or leave MILEPOST_KAFKA_BOOTSTRAP out, to work without a broker on a database of its own.",
        )


def require_shared(settings: Settings) -> None:
    """For what works with a broker: the database must be one that several workers can share."""
    if settings.kafka_bootstrap and not settings.on_postgres:
        raise UsageError(
            "With a broker, several workers share one database, which a file cannot be.",
            "Set MILEPOST_DATABASE_URL to postgresql://…, or leave MILEPOST_KAFKA_BOOTSTRAP out to run alone.",
        )


def _secrets_in_files(wrong: dict[str, UsageError]) -> dict[str, Any]:
    """What the files hold that `…_FILE` name; of one that cannot be read, why goes into `wrong`."""
    found = {}
    for name, field in Settings.model_fields.items():
        file_named = f"{variable(name)}_FILE"
        secret = field.annotation is SecretStr or name in ("database_url", "email", "sms")  # with a login
        if secret and (file := os.environ.get(file_named)):
            try:
                found[_asked_as(name)] = secret_in(Path(file), file_named)
            except UsageError as error:
                wrong[name] = error
    return found
