"""Faust's words for how to speak with the broker. What is settled is `engine.client.security.Security`, one object for
dealers' and the engine's own connections."""

from faust.auth import SASLCredentials, SSLCredentials
from faust.types.auth import CredentialsT

from engine.client.security import Security


def faust_credentials(security: Security) -> CredentialsT | None:
    """What Faust calls `broker_credentials`; None for an open line."""
    context = security.ssl_context()
    if security.protocol.asks_who:
        # Faust chooses SASL_SSL or SASL_PLAINTEXT by whether there is a context, and does not say which.
        return SASLCredentials(
            mechanism=security.mechanism.value,
            username=security.username,
            password=security.password,
            ssl_context=context,
        )
    return None if context is None else SSLCredentials(context)
