"""Configuration: what is read, what is refused and in which words, and that secrets stay secret."""

from __future__ import annotations

import re
import tomllib
import typing
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from datetime import datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from mailbox_ingest.config import Config, Secret
from mailbox_ingest.config_file import builtin_form, load, parse_form, secret_files
from mailbox_ingest.errors import ConfigurationError

EXAMPLE = Path(__file__).parents[2] / "config.example.toml"
SECRETS = {"MAILBOX_INGEST_IMAP_PASSWORD": "imap-geheim", "MAILBOX_INGEST_SMTP_PASSWORD": "smtp-geheim"}
SMALL = 'store_url = "sqlite:///a.db"\nforms = ["bluezone"]\n'
REMINDERS = '[[reminders]]\nform = "bluezone"\n'
SMTP = '[smtp]\nhost = "127.0.0.1"\nsecurity = "plain"\nsender = "a@example.org"\nsender_name = "A"\n'
BOX = '[[mailboxes]]\nname = "a"\nhost = "127.0.0.1"\nuser = "u"\naddress = "U@Example.org"\npassword_env = "P"\n'


def write(folder: Path, text: str) -> Path:
    path = folder / "config.toml"
    path.write_text(text, encoding="utf-8")
    return path


def refusal(folder: Path, text: str, **environ: str) -> str:
    with pytest.raises(ConfigurationError) as caught:
        load(write(folder, text), environ=environ)
    return str(caught.value)


def keys_of(kind: Any) -> Iterator[str]:
    """Every option that the dataclasses know, as the file spells it."""
    hints = typing.get_type_hints(kind)
    for item in fields(kind):
        hint = hints[item.name]
        inner = [part for part in (hint, *typing.get_args(hint)) if is_dataclass(part)]
        if Secret in inner:
            yield f"{item.name}_env"
        else:
            yield item.name
        for part in inner:
            if part is not Secret:
                yield from keys_of(part)


def test_the_example_file_loads_and_shows_every_option_there_is() -> None:
    text = EXAMPLE.read_text(encoding="utf-8")
    config = load(EXAMPLE, environ=SECRETS)
    assert config.mailboxes[0].password.reveal() == "imap-geheim"
    assert config.digests[0].at == time(17, 30)
    shown = set(re.findall(r"^(?:# )?\[*(?:\w+\.)*(\w+)\]* *(?:=.*)?$", text, flags=re.MULTILINE))
    assert set(keys_of(Config)) - shown == set()


def test_the_example_files_commented_form_is_valid_too(tmp_path: Path) -> None:
    text = EXAMPLE.read_text(encoding="utf-8")
    head, form = text.split("# [[forms]]", 1)
    uncommented = "[[forms]]" + re.sub(r"^# ?", "", form, flags=re.MULTILINE)
    config = load(write(tmp_path, head.replace('forms = ["bluezone"]\n', "") + uncommented), environ=SECRETS)
    assert [item.name for item in config.forms[0].fields] == ["smartphone_users", "installed"]
    assert config.forms[0].rates[0].target_percent == Decimal(100)


def test_every_default_in_the_example_file_is_the_real_default() -> None:
    table = tomllib.loads(EXAMPLE.read_text(encoding="utf-8"))
    small = load_defaults()
    for section in ("schedule", "limits", "admission", "alarms"):
        for item in fields(getattr(small, section)):
            value = getattr(getattr(small, section), item.name)
            if value is None:
                continue  # shown in a comment: TOML has no way to say none
            if isinstance(value, time):
                value = f"{value:%H:%M}"
            assert table[section][item.name] == (list(value) if isinstance(value, tuple) else value), f"{section}.{item.name}"


def load_defaults() -> Config:
    return Config(store_url="sqlite:///a.db", forms=())


def test_the_form_that_ships_has_its_three_fields_and_the_first_due_date_of_letter_597() -> None:
    form = builtin_form("bluezone")
    assert [item.name for item in form.fields] == ["members", "smartphone_users", "installed"]
    assert form.calendar.due_overrides["2020-W34"] == datetime.fromisoformat("2020-08-20T17:00:00+07:00")


def test_paths_are_relative_to_the_file_and_addresses_lower_case(tmp_path: Path) -> None:
    config = load(write(tmp_path, SMALL.replace("forms", 'units_file = "u.csv"\nforms') + BOX), environ={"P": "x"})
    assert config.store_url == f"sqlite:///{tmp_path}/a.db"
    assert config.units_file == str(tmp_path / "u.csv")
    assert config.mailboxes[0].address == "u@example.org"


def test_a_secret_comes_from_a_file_and_never_shows(tmp_path: Path) -> None:
    (tmp_path / "pw").write_text("s3cret\n", encoding="utf-8")
    path = write(tmp_path, SMALL + BOX.replace('password_env = "P"', 'password_file = "pw"'))
    config = load(path, environ={})
    assert config.mailboxes[0].password.reveal() == "s3cret"
    assert "s3cret" not in repr(config) + str(config.mailboxes[0].password)
    assert secret_files(path) == (tmp_path / "pw",)


@pytest.mark.parametrize(
    ("text", "key", "value", "expected"),
    [
        (SMALL + "[schedule]\npoll_minute = 5\n", "schedule.poll_minute", "5", "did you mean 'poll_minutes'"),
        (SMALL + '[schedule]\npoll_minutes = "5"\n', "schedule.poll_minutes", '"5"', "a whole number"),
        (SMALL + "[schedule]\npoll_minutes = true\n", "schedule.poll_minutes", "true", "a whole number"),
        (SMALL + "[schedule]\npoll_minutes = 0\n", "schedule.poll_minutes", "0", "from 1 to 1440"),
        (SMALL + "[limits]\nmemory_bytes = 5\n", "limits.memory_bytes", "5", "from 200000000"),
        (SMALL + '[admission]\nunknown_senders = "maybe"\n', "admission.unknown_senders", '"maybe"', "accept, hold"),
        (SMALL + BOX + 'security = "ssl"\n', "mailboxes[0].security", '"ssl"', "tls, starttls, plain"),
        (SMALL + BOX + "port = 99999\n", "mailboxes[0].port", "99999", "from 1 to 65535"),
        (SMALL + BOX + "folders = []\n", "mailboxes[0].folders", "[]", "at least one folder"),
        (SMALL + BOX + BOX, "mailboxes", '"a"', "only once"),
        (SMALL + BOX.replace("U@Example.org", "U"), "mailboxes[0].address", '"U"', "a mail address"),
        (SMALL + BOX.replace('"P"', '"Q"'), "mailboxes[0].password_env", '"Q"', "set and not empty"),
        (SMALL + '[[digests]]\nname="a"\nform="no"\nrecipients=["a@b.vn"]\n', "digests[0].form", '"no"', "one of bluezone"),
        (SMALL + '[[digests]]\nname="a"\nform="bluezone"\nrecipients=[]\n', "digests[0].recipients", "[]", "at least one address"),
        (SMALL + REMINDERS + "offsets_hours = [-500]\n", "reminders[0].offsets_hours", "-500", "from -168 to 336"),
        (SMALL + REMINDERS + "offsets_hours = []\n", "reminders[0].offsets_hours", "[]", "at least one number of hours"),
        (SMALL + REMINDERS + "escalate_after_weeks = 2\n", "reminders[0].escalate_to", "[]", "at least one address"),
        (SMALL + REMINDERS + REMINDERS, "reminders", '"bluezone"', "only once"),
        (SMALL + SMTP + "budget_24h_recipients = 100\n" + REMINDERS, "smtp.reserved_for_receipts", "100", "room for -20"),
        (SMALL.replace("bluezone", "blue"), "forms", "blue", "bluezone"),
        (SMALL.replace("sqlite:///a.db", "mysql://x"), "store_url", "mysql:…", "postgresql+psycopg://"),
        ('store_url = "sqlite:///a.db"\n', "forms", "[]", "at least one form"),
    ],
)
def test_a_wrong_option_is_refused_with_its_key_its_value_and_what_was_expected(
    tmp_path: Path, text: str, key: str, value: str, expected: str
) -> None:
    message = refusal(tmp_path, text, P="x")
    assert key in message and value in message and expected in message


def test_a_password_in_the_file_is_refused_with_advice_and_without_printing_it(tmp_path: Path) -> None:
    message = refusal(tmp_path, SMALL + BOX.replace("password_env", "password").replace('"P"', '"hunter2"'))
    assert "password_env" in message and "password_file" in message and "hunter2" not in message
    message = refusal(tmp_path, SMALL.replace("sqlite:///a.db", "postgresql+psycopg://u:hunter2@h/d"))
    assert "store_url_env" in message and "hunter2" not in message


def test_an_unencrypted_connection_is_for_this_machine_only(tmp_path: Path) -> None:
    assert load(write(tmp_path, SMALL + BOX + 'security = "plain"\n'), environ={"P": "x"}).mailboxes[0].security == "plain"
    message = refusal(tmp_path, SMALL + BOX.replace("127.0.0.1", "mail.example.org") + 'security = "plain"\n', P="x")
    assert "mailboxes[0].security" in message and "mail.example.org" in message


def test_a_missing_file_and_broken_toml_are_configuration_errors(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"config\.example\.toml"):
        load(tmp_path / "none.toml", environ={})
    assert "valid TOML" in refusal(tmp_path, "a = = 1")
    assert "store_url" in refusal(tmp_path, 'forms = ["bluezone"]')
    assert "mailboxes[0].host" in refusal(tmp_path, SMALL + BOX.replace('host = "127.0.0.1"\n', ""), P="x")


def test_a_form_of_ones_own_may_start_from_one_that_ships(tmp_path: Path) -> None:
    text = 'store_url = "sqlite:///a.db"\n[[forms]]\nextends = "bluezone"\n[forms.calendar]\ndue_weekday = 4\n'
    text += '[forms.calendar.due_overrides]\n"2020-W36" = 2020-09-01T17:00:00+07:00\n'
    form = load(write(tmp_path, text), environ={}).form("bluezone")
    assert form.calendar.due_weekday == 4
    assert sorted(form.calendar.due_overrides) == ["2020-W34", "2020-W36"]
    assert len(form.fields) == 3


FIELD = {"name": "a", "title": "A", "labels": [["a"]]}


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"fields": []}, "at least one field"),
        ({"fields": [{**FIELD, "part_of": "b"}]}, "part_of"),
        ({"fields": [{**FIELD, "part_of": "b"}, {**FIELD, "name": "b", "part_of": "a"}]}, "in the end, part of this one"),
        ({"fields": [{**FIELD, "labels": []}]}, "labels"),
        ({"fields": [FIELD, FIELD]}, "only once"),
        ({"rates": [{"name": "r", "title": "R", "numerator": "a", "denominator": "z"}]}, "denominator"),
        ({"headline_rate": "none"}, "headline_rate"),
        ({"calendar": {"due_overrides": {"2020-W99": "2020-08-20T17:00:00+07:00"}}}, "a week such as 2020-W34"),
        ({"calendar": {"due_overrides": {"2020-W34": "2020-08-20T17:00:00"}}}, "with its offset"),
        ({"calendar": {"due_weekday": 0}}, "from 1 to 7"),
        ({"calendar": {"due_time": "25:00"}}, "a time of day"),
        ({"rules": {"large_change_ratio": "many"}}, "a decimal number"),
        ({"rules": {"large_change_ratio": "0.9"}}, "not less than"),
    ],
)
def test_a_form_that_makes_no_sense_is_refused(change: dict[str, object], complaint: str) -> None:
    with pytest.raises(ConfigurationError, match=re.escape(complaint)):
        parse_form({"name": "x", "title": "X", "fields": [FIELD], **change})
