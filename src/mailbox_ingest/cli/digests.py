"""`digest`: list, show, preview, consolidated, send."""

from __future__ import annotations

import webbrowser
from argparse import ArgumentParser, Namespace, _SubParsersAction
from pathlib import Path

from mailbox_ingest.app import App
from mailbox_ingest.app.digesting import digest_named, week_of
from mailbox_ingest.cli.common import opened, week
from mailbox_ingest.cli.output import Output
from mailbox_ingest.errors import ConfigurationError
from mailbox_ingest.periods import Period


def add_commands(commands: _SubParsersAction[ArgumentParser], common: ArgumentParser) -> None:
    actions = commands.add_parser("digest", help="the digest to the leadership").add_subparsers(metavar="ACTION", required=True)
    parser = actions.add_parser("list", parents=[common], help="the digests that were sent")
    parser.add_argument("--name", metavar="NAME", help="only this one")
    parser.set_defaults(run=list_sent)

    chosen = ArgumentParser(add_help=False)
    chosen.add_argument("--name", metavar="NAME", help="which digest (default: the only one configured)")
    chosen.add_argument("--period", metavar="YYYY-Wnn", help="which week (default: the last one that was due)")
    parser = actions.add_parser("show", parents=[common, chosen], help="the text of a digest as it was sent")
    parser.set_defaults(run=show)
    parser = actions.add_parser("preview", parents=[common, chosen], help="write what would be sent into a folder; sends nothing")
    parser.add_argument("--out", default="digest-preview", metavar="FOLDER", help="(default: digest-preview)")
    parser.add_argument("--open", action="store_true", help="show the page in the browser of this machine")
    parser.set_defaults(run=preview)
    parser = actions.add_parser("consolidated", parents=[common, chosen], help="write the official consolidated report of a week (.docx)")
    parser.add_argument("--out", metavar="FILE", help="(default: bao-cao-tong-hop-FORM-YYYY-Wnn.docx)")
    parser.set_defaults(run=consolidated)
    parser = actions.add_parser("send", parents=[common, chosen], help="freeze the digest and queue it, once")
    parser.set_defaults(run=send)


def list_sent(arguments: Namespace, out: Output) -> int:
    with opened(arguments) as app:
        found = app.digests(name=arguments.name)
    out.table(("Name", "Form", "Period", "As of", "Subject"), ((d.name, d.form, d.period, d.as_of, d.content.subject) for d in found))
    if not found:
        out.line("No digest was sent yet.")
    return 0


def show(arguments: Namespace, out: Output) -> int:
    with opened(arguments) as app:
        name, period = _chosen(app, arguments)
        found = app.find_digest(name, period)
    if found is None:
        raise ConfigurationError(f"digest show: {name} of {period} was not sent; 'digest preview' shows what would be")
    record = {"name": name, "period": period, "as_of": found.as_of, "figures": found.figures, "subject": found.content.subject}
    out.record(record, human=f"{found.content.subject}\n\n{found.content.text}")
    return 0


def preview(arguments: Namespace, out: Output) -> int:
    with opened(arguments) as app:
        name, period = _chosen(app, arguments)
        files = app.preview_digest(name, period, folder=Path(arguments.out))
    out.record({"name": name, "period": period, "files": files}, human="\n".join(str(file) for file in files))
    if arguments.open:
        page = next(file for file in files if file.suffix == ".html")
        if not webbrowser.open(page.absolute().as_uri()):
            out.complain(f"no browser could be started: open {page} yourself")
    return 0


def consolidated(arguments: Namespace, out: Output) -> int:
    with opened(arguments) as app:
        name, period = _chosen(app, arguments)
        data = app.consolidated_report(name, period)
        form = digest_named(app.config, name).form
    file = Path(arguments.out or f"bao-cao-tong-hop-{form}-{period}.docx")
    try:
        file.write_bytes(data)
    except OSError as error:
        raise ConfigurationError(f"--out {file}: the file cannot be written ({error.strerror or error})") from error
    out.record({"name": name, "period": period, "file": file}, human=str(file))
    return 0


def send(arguments: Namespace, out: Output) -> int:
    with opened(arguments) as app:
        name, period = _chosen(app, arguments)
        sent = app.send_digest(name, period)
    words = "queued; 'mailbox-ingest deliver' or the worker sends it" if sent.queued else "it was queued before; nothing new happens"
    out.record({"name": name, "period": period, "new": sent.new, "queued": sent.queued}, human=f"{name} of {period}: {words}")
    return 0


def _chosen(app: App, arguments: Namespace) -> tuple[str, Period]:
    digest = digest_named(app.config, arguments.name)
    if arguments.period is None:
        return digest.name, week_of(app.config, digest, app.clock())
    return digest.name, week(arguments.period)
