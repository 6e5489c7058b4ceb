"""A real Dovecot as a process of its own: free loopback port, own directory, no privileges. No pytest in here: the bench uses it, too."""

from __future__ import annotations

import grp
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from mailbox_ingest.demo.ports import HOST, free_port

PASSWORD = "thu-nghiem"
_START_SECONDS = 60.0

_CONFIG = """
protocols = imap
listen = {host}
base_dir = {base}/run
state_dir = {base}/run
log_path = {base}/dovecot.log
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
{tls}
disable_plaintext_auth = no
auth_mechanisms = plain login
mail_location = maildir:~/Maildir
first_valid_uid = 1
first_valid_gid = 1
mail_fsync = never
mail_max_userip_connections = 50
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={base}/home/%u
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {tls_port}
  }}
}}
auth_failure_delay = 0
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
namespace inbox {{
  inbox = yes
  separator = /
  mailbox "Thư rác" {{
    auto = create
    special_use = \\Junk
  }}
  mailbox "Thư đã gửi" {{
    auto = create
    special_use = \\Sent
  }}
}}
"""


def executable() -> str | None:
    """Where Debian puts it is not on everybody's PATH."""
    return shutil.which("dovecot") or shutil.which("dovecot", path="/usr/sbin:/usr/local/sbin")


@dataclass(frozen=True, slots=True)
class Dovecot:
    """A running server. Any user may log in with PASSWORD and gets INBOX, 'Thư rác' (\\Junk) and 'Thư đã gửi' (\\Sent) of his own."""

    port: int
    base: Path
    tls_port: int = 0  # 0: plain text only; else this port speaks TLS, and the other one STARTTLS
    host: str = HOST
    password: str = PASSWORD

    @property
    def log(self) -> str:
        path = self.base / "dovecot.log"
        return path.read_text(errors="replace") if path.exists() else ""


@contextmanager
def running(certificate: Path | None = None) -> Iterator[Dovecot]:
    """Starts Dovecot and stops it again; with a certificate (and its key, in one PEM file) it speaks TLS, too.

    Raises RuntimeError with its log where it does not start.
    """
    program = executable()
    if program is None:
        raise RuntimeError("dovecot is not installed (apt-get install dovecot-imapd)")
    base = Path(tempfile.mkdtemp(prefix="dovecot-"))  # short: paths of UNIX sockets are limited
    account = pwd.getpwnam("nobody") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())
    server = Dovecot(port=free_port(), base=base, tls_port=free_port() if certificate else 0)
    (base / "home").mkdir()
    config = base / "dovecot.conf"
    pem = base / "tls.pem"
    pem.write_bytes(certificate.read_bytes() if certificate else b"")  # where its own account may read it
    config.write_text(
        _CONFIG.format(
            host=HOST,
            base=base,
            user=account.pw_name,
            group=grp.getgrgid(account.pw_gid).gr_name,
            uid=account.pw_uid,
            gid=account.pw_gid,
            port=server.port,
            tls_port=server.tls_port,
            tls=f"ssl = yes\nssl_cert = <{pem}\nssl_key = <{pem}" if certificate else "ssl = no",
            password=PASSWORD,
        ),
        encoding="utf-8",
    )
    identity: dict[str, object] = {}
    if os.geteuid() == 0:
        for path in (base, base / "home", config, pem):
            os.chown(path, account.pw_uid, account.pw_gid)
        identity = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
    process = subprocess.Popen([program, "-F", "-c", str(config)], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, **identity)
    try:
        _wait(process, server)
        yield server
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stderr is not None:
            process.stderr.close()
        shutil.rmtree(base, ignore_errors=True)


def _wait(process: subprocess.Popen[bytes], server: Dovecot) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            said = process.stderr.read().decode(errors="replace") if process.stderr else ""
            raise RuntimeError(f"dovecot did not start: {said}{server.log}")
        try:
            with socket.create_connection((HOST, server.port), timeout=1) as line:
                if line.recv(64).startswith(b"* OK"):
                    return
        except OSError:
            time.sleep(0.05)
    raise RuntimeError(f"dovecot did not answer within {_START_SECONDS:.0f} s: {server.log}")
