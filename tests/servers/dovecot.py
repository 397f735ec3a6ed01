"""A real Dovecot on loopback, run without privileges: by the tester's own user, or by `nobody` when that is root."""

import grp
import itertools
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path

from imapclient import IMAPClient

from tests.emulators.loopback import make_certificate

PASSWORD = "a-password-of-the-test"
PROGRAM = shutil.which("dovecot") or "/usr/sbin/dovecot"
_CONFIGURATION = """
protocols = imap
listen = 127.0.0.1
base_dir = {folder}/run
state_dir = {folder}/run
log_path = {folder}/dovecot.log
ssl = yes
ssl_cert = <{certificate}
ssl_key = <{key}
disable_plaintext_auth = no
auth_mechanisms = plain
auth_failure_delay = 0
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
first_valid_uid = {uid}
first_valid_gid = 0
mail_uid = {user}
mail_gid = {group}
mail_location = maildir:~/Maildir
mail_fsync = never
mail_max_userip_connections = 100
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}/mail/%n
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {tls_port}
    ssl = yes
  }}
}}
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service stats {{
  chroot =
}}
namespace inbox {{
  inbox = yes
  separator = /
}}
"""


class Dovecot:
    """One running server; every name is a user whose mailbox comes to be at the first sign-in."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="porthor-dovecot-"))
        self.port, self.tls_port = _free_port(), _free_port()
        self.ca_file, key = make_certificate(self.folder)
        self._numbers = itertools.count(1)
        self._owner = pwd.getpwnam("nobody") if os.getuid() == 0 else pwd.getpwuid(os.getuid())
        user, group = self._owner.pw_name, grp.getgrgid(self._owner.pw_gid).gr_name
        text = _CONFIGURATION.format(
            folder=self.folder,
            user=user,
            group=group,
            uid=self._owner.pw_uid,
            gid=self._owner.pw_gid,
            port=self.port,
            tls_port=self.tls_port,
            certificate=self.ca_file,
            key=key,
            password=PASSWORD,
        )
        (self.folder / "run").mkdir()
        (self.folder / "mail").mkdir()
        (self.folder / "dovecot.conf").write_text(text)
        self.own(self.folder)
        other = {"user": user, "group": group, "extra_groups": []} if os.getuid() == 0 else {}
        self._process = subprocess.Popen([PROGRAM, "-F", "-c", str(self.folder / "dovecot.conf")], **other)
        self._wait_until_it_answers()

    def stop(self) -> None:
        """End the server."""
        self._process.terminate()
        self._process.wait(timeout=30)
        shutil.rmtree(self.folder, ignore_errors=True)

    def own(self, top: Path) -> None:
        """Give the server's user what lies under `top`."""
        for path in (top, *top.rglob("*")):
            os.chown(path, self._owner.pw_uid, self._owner.pw_gid)

    def new_user(self) -> str:
        """Return a name nobody had yet."""
        return f"user{next(self._numbers)}"

    def client(self, user: str, timeout_s: float = 30) -> IMAPClient:
        """Return a signed-in client, as a member of staff has it."""
        client = IMAPClient("127.0.0.1", self.port, ssl=False, timeout=timeout_s)
        client.login(user, PASSWORD)
        return client

    def maildir(self, user: str) -> Path:
        """Return the folder of a user's mail on the disk."""
        return self.folder / "mail" / user / "Maildir"

    def log(self) -> str:
        """Return what the server wrote."""
        return (self.folder / "dovecot.log").read_text("utf-8", "replace")

    def _wait_until_it_answers(self) -> None:
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline and self._process.poll() is None:
            try:
                with socket.create_connection(("127.0.0.1", self.port), 1) as connection:
                    if connection.recv(20).startswith(b"* OK"):
                        return
            except OSError:
                time.sleep(0.05)
        raise RuntimeError(f"Dovecot did not start: {self.log() if (self.folder / 'dovecot.log').exists() else ''}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
