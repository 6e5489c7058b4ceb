"""The command line: parse, one call, exit code. 0 done, 1 failed, 2 wrong usage or configuration; expected errors print one line."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from mailbox_ingest.cli.arguments import build_parser
from mailbox_ingest.cli.output import Output
from mailbox_ingest.errors import ConfigurationError, MailboxIngestError
from mailbox_ingest.logs import set_up_logging

DONE, FAILED, WRONG_USAGE = 0, 1, 2


def main(argv: Sequence[str] | None = None) -> int:
    """Entry point of the console script; gives the exit code."""
    arguments = build_parser().parse_args(argv)
    set_up_logging(level=arguments.log_level or getattr(arguments, "usual_log_level", "WARNING"), as_json=arguments.log_json)
    out = Output(as_json=arguments.json)
    try:
        code: int = arguments.run(arguments, out)
    except ConfigurationError as error:
        out.complain(str(error))
        return WRONG_USAGE
    except MailboxIngestError as error:
        out.complain(str(error))
        return FAILED
    except KeyboardInterrupt:
        out.complain("interrupted; what was stored stays stored, the next run goes on from there")
        return FAILED
    except BrokenPipeError:
        # The reader of our output went away (`| head`); Python would complain once more while closing stdout.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    return code
