"""`digest`: list, show, preview, consolidated, send."""

from __future__ import annotations

import webbrowser
from argparse import ArgumentParser, Namespace, _SubParsersAction
from datetime import date
from pathlib import Path

from mailbox_ingest.app import App
from mailbox_ingest.app.digesting import digest_named, week_of
from mailbox_ingest.cli.common import opened, week
from mailbox_ingest.cli.output import Output
from mailbox_ingest.errors import ConfigurationError
from mailbox_ingest.periods import Period
from mailbox_ingest.rollup.span import Span


def add_commands(commands: _SubParsersAction[ArgumentParser], common: ArgumentParser) -> None:
    actions = commands.add_parser("digest", help="the digest to the leadership").add_subparsers(metavar="ACTION", required=True)
    parser = actions.add_parser("list", parents=[common], help="the digests that were sent")
    parser.add_argument("--name", metavar="NAME", help="only this one")
    parser.set_defaults(run=list_sent)

    chosen = ArgumentParser(add_help=False)
    chosen.add_argument("--name", metavar="NAME", help="which digest (default: the only one configured)")
    chosen.add_argument("--period", metavar="YYYY-Wnn", help="which week (default: the last one that was due)")
    ranged = ArgumentParser(add_help=False)
    ranged.add_argument("--from", dest="first", type=date.fromisoformat, metavar="YYYY-MM-DD", help="a range of days instead of a week")
    ranged.add_argument("--to", dest="last", type=date.fromisoformat, metavar="YYYY-MM-DD", help="the last day of the range")
    parser = actions.add_parser("show", parents=[common, chosen], help="the text of a digest as it was sent")
    parser.set_defaults(run=show)
    parser = actions.add_parser("preview", parents=[common, chosen, ranged], help="write what would be sent into a folder; sends nothing")
    parser.add_argument("--out", default="digest-preview", metavar="FOLDER", help="(default: digest-preview)")
    parser.add_argument("--open", action="store_true", help="show the page in the browser of this machine")
    parser.set_defaults(run=preview)
    parser = actions.add_parser("consolidated", parents=[common, chosen], help="write the official consolidated report of a week (.docx)")
    parser.add_argument("--out", metavar="FILE", help="(default: bao-cao-tong-hop-FORM-YYYY-Wnn.docx)")
    parser.set_defaults(run=consolidated)
    parser = actions.add_parser("send", parents=[common, chosen, ranged], help="freeze the digest and queue it, once")
    parser.add_argument("--again", action="store_true", help="with --from and --to: once more, with the figures of now")
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
    span = _span(arguments)
    with opened(arguments) as app:
        if span is not None:
            name = digest_named(app.config, arguments.name).name
            files, record = app.rollups().preview(name, span, folder=Path(arguments.out)), {"name": name, "span": str(span)}
        else:
            name, period = _chosen(app, arguments)
            files, record = app.preview_digest(name, period, folder=Path(arguments.out)), {"name": name, "period": str(period)}
    out.record({**record, "files": files}, human="\n".join(str(file) for file in files))
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
    span = _span(arguments)
    if span is not None:
        return _send_span(arguments, span, out)
    if arguments.again:
        raise ConfigurationError("--again: expected --from and --to with it: the digest of a week is frozen")
    with opened(arguments) as app:
        name, period = _chosen(app, arguments)
        sent = app.send_digest(name, period)
    words = "queued; 'mailbox-ingest deliver' or the worker sends it" if sent.queued else "it was queued before; nothing new happens"
    out.record({"name": name, "period": period, "new": sent.new, "queued": sent.queued}, human=f"{name} of {period}: {words}")
    return 0


def _send_span(arguments: Namespace, span: Span, out: Output) -> int:
    with opened(arguments) as app:
        name = digest_named(app.config, arguments.name).name
        sent = app.rollups().send(name, span, again=arguments.again)
    words = "queued" if sent.new else "it was queued before; --again sends the figures of now"
    out.record(
        {"name": name, "span": str(span), "key": sent.key, "new": sent.new}, human=f"{name} from {span.first} to {span.last}: {words}"
    )
    return 0


def _span(arguments: Namespace) -> Span | None:
    """The range of --from and --to; None where neither is given. Raises ConfigurationError."""
    first, last = arguments.first, arguments.last
    if first is None and last is None:
        return None
    if first is None or last is None or arguments.period is not None:
        raise ConfigurationError("--from and --to: expected both, and no --period")
    try:
        return Span(first=first, last=last)
    except ValueError as error:
        raise ConfigurationError(f"--from, --to: {error}") from error


def _chosen(app: App, arguments: Namespace) -> tuple[str, Period]:
    digest = digest_named(app.config, arguments.name)
    if arguments.period is None:
        return digest.name, week_of(app.config, digest, app.clock())
    return digest.name, week(arguments.period)
