"""Exceptions, by whose trouble they are. Bad input is never one of them: that is a value (`diagnostics`).

An exception's docstring is its message's opening; `hint` says what to do about it.
"""


class MilepostError(Exception):
    """Something went wrong that a person must look at."""

    exit_code = 1

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message}\n  {self.hint}" if self.hint else self.message


class UsageError(MilepostError):
    """The command was called in a way that cannot work."""

    exit_code = 2


class ServiceUnavailable(MilepostError):  # noqa: N818 - named for what it tells the operator
    """A service (database, broker, provider) could not be reached. `retry_after_s` is how long it asked to be left
    alone, where it said so; `passing` says that this is over in a moment as a rule, without anybody's doing."""

    exit_code = 3

    def __init__(
        self, message: str, hint: str = "", *, retry_after_s: float | None = None, passing: bool = False
    ) -> None:
        super().__init__(message, hint)
        self.retry_after_s = retry_after_s
        self.passing = passing


class TemplateError(MilepostError):
    """A template could not be rendered: the author's trouble."""


class DeliveryError(MilepostError):
    """A channel refused or failed to take this one message; where it would take none at present, that is
    `ServiceUnavailable`.

    `permanent` is true where trying again cannot help.
    """

    def __init__(self, message: str, hint: str = "", *, permanent: bool) -> None:
        super().__init__(message, hint)
        self.permanent = permanent


class Unsettled(MilepostError):  # noqa: N818 - named for what is so
    """A message may have been handed over or not: the answer did not come, or the connection was cut."""
