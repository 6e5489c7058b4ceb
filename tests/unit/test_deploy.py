"""What `deploy/` names exists and is understood: the unit by systemd itself, commands by our own parser, paths by the checkout.

Docker is not run here: what the Dockerfile and the compose file say is held against the files and options they name.
"""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from configparser import ConfigParser
from pathlib import Path
from typing import Any

import pytest
import yaml

from mailbox_ingest.cli.arguments import build_parser
from mailbox_ingest.config_file import load
from mailbox_ingest.model.alarms import AlarmKind

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
UNIT = DEPLOY / "mailbox-ingest.service"
OPERATING = (ROOT / "docs" / "operating.md").read_text(encoding="utf-8")
PROGRAM = "/opt/mailbox-ingest/.venv/bin/mailbox-ingest"


def unit() -> ConfigParser:
    parser = ConfigParser(interpolation=None, strict=True)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read(UNIT, encoding="utf-8")
    return parser


@pytest.fixture
def unit_of_this_machine(tmp_path: Path) -> Path:
    """The unit with a program that exists here."""
    copy = tmp_path / UNIT.name
    copy.write_text(UNIT.read_text(encoding="utf-8").replace(PROGRAM, shutil.which("true") or "/bin/true"), encoding="utf-8")
    return copy


def test_systemd_understands_every_line_of_the_unit_and_finds_it_well_confined(unit_of_this_machine: Path) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd is not installed (apt package systemd)")
    verified = subprocess.run(["systemd-analyze", "verify", "--man=no", unit_of_this_machine], capture_output=True, text=True, check=False)
    assert (verified.returncode, verified.stderr) == (0, "")
    judged = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--threshold=25", unit_of_this_machine],
        capture_output=True,
        text=True,
        check=False,
    )
    assert judged.returncode == 0, judged.stdout[-300:]  # an exposure of at most 2.5 of 10


def test_the_unit_starts_a_command_that_exists_and_stops_it_gently() -> None:
    service = unit()["Service"]
    program, *arguments = shlex.split(service["ExecStart"])
    parsed = build_parser().parse_args(arguments)
    assert program == PROGRAM and parsed.run.__name__ == "run" and parsed.log_json
    assert service["KillMode"] == "mixed"  # a signal to the reading processes would cost the message in hand
    assert service["RestartPreventExitStatus"] == "2"  # a wrong configuration is no reason to start again
    assert {"user", "net"} == set(service["RestrictNamespaces"].split())  # what the reading processes need to leave the network
    for path in (PROGRAM, parsed.config, service["EnvironmentFile"].lstrip("-"), service["WorkingDirectory"]):
        assert path.removesuffix("/bin/mailbox-ingest").removesuffix("/.venv") in OPERATING, path


def instructions() -> list[tuple[str, str]]:
    text = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
    lines = re.sub(r"\\\n", " ", re.sub(r"^#.*\n", "", text, flags=re.MULTILINE)).splitlines()
    return [(word, rest) for word, _, rest in (line.partition(" ") for line in lines if line.strip())]


def test_the_dockerfile_copies_what_exists_and_what_dockerignore_lets_through() -> None:
    let_through = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    copied = [rest.split()[:-1] for word, rest in instructions() if word == "COPY" and "--from" not in rest]
    names = [name for group in copied for name in group]
    assert len(names) >= 7
    for name in names:
        assert (ROOT / name).exists() and name in let_through, name
    needed = {"pyproject.toml", "constraints.txt", "README.md", "src", "templates", "migrations"}
    assert needed <= set(names)


def test_the_container_runs_as_nobody_in_particular_what_our_parser_knows() -> None:
    found = dict(instructions())
    assert found["USER"] == "10001"
    assert found["ENTRYPOINT"] == '["mailbox-ingest"]'
    parsed = build_parser().parse_args(yaml.safe_load(found["CMD"]))
    assert (parsed.run.__name__, parsed.config) == ("run", "/etc/mailbox-ingest/config.toml")
    assert found["HEALTHCHECK"].endswith("/healthz', timeout=10)\"]")
    packages = (ROOT / "tools" / "apt-packages-run.txt").read_text().splitlines()
    assert all(re.fullmatch(r"[a-z0-9.+-]+", line) for line in packages if not line.startswith("#"))  # xargs takes them as they are


def compose() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
    return found


def test_the_compose_file_hangs_together() -> None:
    services = compose()["services"]
    for name, service in services.items():
        for kind in ("secrets", "networks"):
            assert set(service[kind]) <= set(compose()[kind]), (name, kind)
        volumes = [volume.partition(":")[0] for volume in service["volumes"]]
        assert {volume for volume in volumes if not volume.startswith(".")} <= set(compose()["volumes"])
    worker, database = services["worker"], services["database"]
    assert worker["read_only"] and worker["cap_drop"] == ["ALL"] and worker["user"].startswith("10001")
    assert worker["depends_on"] == {"database": {"condition": "service_healthy"}} and "healthcheck" in database
    assert (DEPLOY / worker["build"]["context"] / worker["build"]["dockerfile"]).resolve() == (DEPLOY / "Dockerfile")
    assert "ports" not in worker and "ports" not in database
    # pg_dump must be as new as the server that it copies.
    server = re.search(r"postgres:(\d+)", database["image"])
    client = re.search(r"postgresql-client-(\d+)", (DEPLOY / "Dockerfile").read_text())
    assert server is not None and client is not None and server[1] == client[1]


def test_the_configuration_for_containers_loads_with_the_secrets_of_the_compose_file(tmp_path: Path) -> None:
    text = (DEPLOY / "config.container.toml").read_text(encoding="utf-8")
    for name in compose()["secrets"]:
        (tmp_path / name).write_text(
            "postgresql+psycopg://mailbox_ingest:geheim@database/mailbox_ingest" if name == "store-url" else "geheim"
        )
    (tmp_path / "config.toml").write_text(text.replace("/run/secrets/", f"{tmp_path}/"), encoding="utf-8")
    config = load(tmp_path / "config.toml", environ={})
    assert config.store_url.endswith("@database/mailbox_ingest")
    assert config.monitoring is not None and f":{config.monitoring.port}/healthz" in (DEPLOY / "Dockerfile").read_text()
    wanted = set(re.findall(r"/run/secrets/([a-z-]+)", text))
    assert wanted == set(compose()["services"]["worker"]["secrets"])


def test_the_handbook_says_of_every_alarm_what_it_means_and_what_to_do() -> None:
    table = OPERATING.partition("## Alarms")[2].partition("## Monitoring")[0]
    rows = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in table.splitlines() if line.startswith("| `")]
    assert [row[0].strip("`| ") for row in rows] == [kind.value for kind in AlarmKind]
    assert all(len(row) == 3 and row[1] and row[2].strip("| ") for row in rows)


def commands_of(handbook: str) -> list[list[str]]:
    """What stands between backticks or in blocks of shell and begins with a command of ours, as words."""
    blocks = re.findall(r"^```sh\n(.*?)^```", handbook, flags=re.MULTILINE | re.DOTALL)
    lines = [line.partition(" # ")[0].split(" && ") for block in blocks for line in block.splitlines()]
    spans = [*re.findall(r"(?<!`)`([^`\n]+)`(?!`)", handbook), *(part for parts in lines for part in parts)]
    ours = {"docker compose exec worker mailbox-ingest ", "docker compose run --rm worker ", ".venv/bin/mailbox-ingest ", "mailbox-ingest "}
    found = []
    for span in spans:
        start = next((start for start in sorted(ours, key=len, reverse=True) if span.startswith(start)), "")
        words = shlex.split(span.removeprefix(start).replace("…", "x").removesuffix(" <").split(" < ")[0])
        if words and words[0] in TOPICS and "=" not in words and not words[0].endswith(".py"):
            found.append(words)
    return found


TOPICS = next(action for action in build_parser()._actions if isinstance(action.choices, dict)).choices


@pytest.mark.parametrize("words", commands_of(OPERATING), ids=" ".join)
def test_every_command_of_the_handbook_is_understood(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """With its arguments where it has any; a bare name needs to be one."""
    bare = all(re.fullmatch(r"[a-z-]+", word) for word in words)
    with pytest.raises(SystemExit) as ended:
        build_parser().parse_args([*words, "--help"] if bare else words)
        raise SystemExit(0)
    assert ended.value.code == 0, capsys.readouterr().err


def test_the_handbook_names_every_figure_that_is_served() -> None:
    source = (ROOT / "src" / "mailbox_ingest" / "monitoring" / "metrics.py").read_text(encoding="utf-8")
    names = set(re.findall(r'_gauge\("(\w+)"|_PREFIX \+ "(\w+)"', source))
    assert len(names) > 10
    for pair in names:
        name = next(part for part in pair if part)
        assert name == "info" or re.search(rf"`{name}(_total)?[`{{]", OPERATING), name
