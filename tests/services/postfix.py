"""A Postfix of its own: takes mail for two domains, keeps what is for one, and cannot deliver what is for the other."""

import os
import pwd
import shutil
import subprocess
from pathlib import Path
from typing import Self

from tests.services.certificates import make_certificates
from tests.services.server import HOST, Server, ServerError, listens, running_as_root

KEPT, GONE = "care.example.com", "gone.example.com"
PROGRAMS = Path("/usr/lib/postfix/sbin")
OWNER, DROP = "postfix", "postdrop"

MAIN = """\
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
command_directory = /usr/sbin
daemon_directory = {programs}
mail_owner = {owner}
setgid_group = {drop}
maillog_file = {folder}/mail.log
maillog_file_prefixes = {folder}
myhostname = mx.example.com
mydestination =
mynetworks = 127.0.0.0/8
inet_interfaces = {host}
inet_protocols = ipv4
alias_maps =
alias_database =
local_recipient_maps =
default_transport = error:nothing leaves this machine
relay_transport = error:nothing leaves this machine
virtual_mailbox_domains = {kept}, {gone}
virtual_mailbox_base = {folder}/mail
virtual_mailbox_maps = regexp:{folder}/boxes
virtual_uid_maps = static:{uid}
virtual_gid_maps = static:{gid}
virtual_minimum_uid = 1
recipient_delimiter = +
transport_maps = regexp:{folder}/transport
smtpd_tls_security_level = may
smtpd_tls_cert_file = {folder}/server.pem
smtpd_tls_key_file = {folder}/server.key
smtpd_recipient_restrictions = permit_mynetworks, reject
smtpd_client_connection_count_limit = 0
smtpd_client_connection_rate_limit = 0
"""
MASTER = """\
{host}:{port} inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
showq unix n - n - - showq
error unix - - n - - error
gone unix - n n - - pipe user=nobody argv=/bin/sh -c {{exit 67}}
retry unix - - n - - error
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""


class Postfix(Server):
    """`kept()` are the mails that arrived for `KEPT`, in Maildir folders of `mail`; `authority` is who vouches for its
    certificate."""

    name = "Postfix"
    port_count = 1

    def __init__(self) -> None:
        super().__init__(stop="SIGTERM", end="SIGTERM")

    @property
    def port(self) -> int:
        return self.ports[0]

    @property
    def mail(self) -> Path:
        return self.folder / "mail"

    @property
    def authority(self) -> Path:
        return self.folder / "authority.pem"

    def kept(self, box: str) -> list[bytes]:
        return [path.read_bytes() for path in sorted((self.mail / box / "new").glob("*"))]

    def command(self) -> list[str]:
        return [str(PROGRAMS / "master"), "-c", str(self.folder / "config"), "-d"]

    def configure(self) -> None:
        owner = pwd.getpwnam(OWNER)
        self.folder.chmod(0o755)
        config = self.folder / "config"
        for folder in (config, self.folder / "queue", self.folder / "data", self.mail):
            folder.mkdir(exist_ok=True)
        for folder in (self.folder / "data", self.mail):
            os.chown(folder, owner.pw_uid, owner.pw_gid)
        values = {
            "folder": self.folder,
            "programs": PROGRAMS,
            "owner": OWNER,
            "drop": DROP,
            "host": HOST,
            "port": self.port,
            "kept": KEPT,
            "gone": GONE,
            "uid": owner.pw_uid,
            "gid": owner.pw_gid,
        }
        (config / "main.cf").write_text(MAIN.format(**values), "utf-8")
        (config / "master.cf").write_text(MASTER.format(**values), "utf-8")
        (self.folder / "boxes").write_text(
            "/^bounces[+@]/ bounces/\n/@care\\./ customers/\n/@gone\\./ gone/\n", "utf-8"
        )
        (self.folder / "transport").write_text("/@gone\\./ gone:\n", "utf-8")
        make_certificates(self.folder)
        done = subprocess.run(
            ["/usr/sbin/postfix", "-c", str(config), "check"], capture_output=True, text=True, check=False
        )
        if done.returncode != 0:
            raise ServerError(f"Postfix's folder cannot be prepared:\n{done.stderr[-2000:]}")

    def begin(self) -> Self:
        look_for_programs()
        return super().begin()

    def ready(self) -> bool:
        return listens(self.port)

    def log(self) -> str:
        path = self.folder / "mail.log"
        return super().log() + (path.read_text("utf-8", "replace")[-4000:] if path.exists() else "")


def look_for_programs() -> None:
    """Raises `ServerError` where there can be no Postfix."""
    if shutil.which("postfix", path="/usr/sbin:/usr/bin") is None or not PROGRAMS.is_dir():
        raise ServerError("Tests with a mail server need Postfix. On Debian: apt-get install postfix")
    if not running_as_root():
        raise ServerError(
            "Tests with a mail server need to be root, as Postfix does. MILEPOST_SKIP_POSTFIX=1 leaves them out."
        )
