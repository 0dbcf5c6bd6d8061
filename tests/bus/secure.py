"""A broker that speaks TLS and asks who one is, with certificates of its own."""

import subprocess
from pathlib import Path

from kafka import KafkaAdminClient
from kafka.admin import ScramMechanism, UserScramCredentialUpsertion

from tests.services.broker import Kafka
from tests.services.server import HOST

USER, PASSWORD = "milepost", "a password"
LOGIN = "org.apache.kafka.common.security.scram.ScramLoginModule required;"


class SecureKafka(Kafka):
    """Besides the open one it has a listener for each protocol; that of TLS alone wants a certificate of the client."""

    port_count = 5

    def configure(self) -> None:
        super().configure()
        make_certificates(self.folder)
        settings = self._properties.read_text("utf-8").splitlines()
        listeners = "".join(f",{name}://{HOST}:{port}" for name, port in self._secured.items())
        settings = [
            line + listeners if line.partition("=")[0].endswith("listeners") else line for line in settings
        ]
        protocols = (
            "CONTROLLER:PLAINTEXT",
            "PLAINTEXT:PLAINTEXT",
            *(f"{one}:{one}" for one in self._secured),
        )
        settings += [
            f"listener.security.protocol.map={','.join(protocols)}",
            "sasl.enabled.mechanisms=SCRAM-SHA-256,SCRAM-SHA-512",
            *(
                f"listener.name.{listener}.{mechanism}.sasl.jaas.config={LOGIN}"
                for listener in ("sasl_plaintext", "sasl_ssl")
                for mechanism in ("scram-sha-256", "scram-sha-512")
            ),
            "ssl.keystore.type=PEM",
            f"ssl.keystore.location={self.folder / 'broker.pem'}",
            "ssl.truststore.type=PEM",
            f"ssl.truststore.location={self.folder / 'ca.crt'}",
            "listener.name.ssl.ssl.client.auth=required",
        ]
        self._properties.write_text("\n".join(settings), "utf-8")

    @property
    def _secured(self) -> dict[str, int]:
        return dict(zip(("SSL", "SASL_PLAINTEXT", "SASL_SSL"), self.ports[2:], strict=True))

    def at(self, protocol: str) -> str:
        return f"{HOST}:{self._secured[protocol]}"

    def add_user(self) -> None:
        admin = KafkaAdminClient(bootstrap_servers=self.bootstrap)
        for mechanism in (ScramMechanism.SCRAM_SHA_256, ScramMechanism.SCRAM_SHA_512):
            credential = UserScramCredentialUpsertion(USER, mechanism, PASSWORD)
            assert admin.alter_user_scram_credentials([credential]) == {USER: None}
        admin.close()


def make_certificates(folder: Path) -> None:
    """`ca.crt`; `broker.pem` for this machine's address, `client.key` and `client.crt`, both vouched for by the CA;
    `stranger.crt`, another CA."""
    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]
    for name in ("ca", "stranger"):
        openssl(
            folder,
            "req",
            "-x509",
            *key,
            "-keyout",
            f"{name}.key",
            "-out",
            f"{name}.crt",
            "-subj",
            f"/CN={name}",
        )
    for name in ("broker", "client"):
        openssl(folder, "req", *key, "-keyout", f"{name}.key", "-out", f"{name}.csr", "-subj", f"/CN={name}")
        (folder / "names").write_text(f"subjectAltName=IP:{HOST}")
        signed = ("-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial", "-extfile", "names", "-days", "2")
        openssl(folder, "x509", "-req", "-in", f"{name}.csr", "-out", f"{name}.crt", *signed)
    whole = "".join((folder / name).read_text() for name in ("broker.key", "broker.crt", "ca.crt"))
    (folder / "broker.pem").write_text(whole)


def openssl(folder: Path, *arguments: str) -> None:
    subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)
