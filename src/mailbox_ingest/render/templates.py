"""The folder of templates: one folder a mail (subject.txt, body.txt, body.html) over `_base/`. Refuses names a context does not have."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import css_inline
from jinja2 import ChoiceLoader, Environment, FileSystemLoader, StrictUndefined, TemplateError

from mailbox_ingest.errors import ConfigurationError
from mailbox_ingest.model import LetterContent, OutgoingAttachment
from mailbox_ingest.render.wording import one_line
from mailbox_ingest.resources import resource_dir


class Templates:
    """Compiled templates; safe to share between threads."""

    def __init__(self, override: Path | None = None) -> None:
        """`override` is a folder whose files win over those that ship."""
        folders = [resource_dir("templates")] if override is None else [override, resource_dir("templates")]
        self._environment = Environment(
            loader=ChoiceLoader([FileSystemLoader(folder) for folder in folders]),
            undefined=StrictUndefined,
            # By name, not by select_autoescape's defaults: everything that is not plain text is escaped.
            autoescape=lambda name: name is None or not name.endswith(".txt"),
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,  # looking at every file's date for every letter costs as much as writing it; a restart takes changes up
        )
        # Phones and webmail drop <style>; what they keep is inline, and the dark-mode rules stay for those that read them.
        self._inliner = css_inline.CSSInliner(load_remote_stylesheets=False, keep_style_tags=False, keep_at_rules=True)

    def letter(self, folder: str, context: object, attachments: tuple[OutgoingAttachment, ...] = ()) -> LetterContent:
        """Renders the mail of `folder`; the templates see `context` as `letter`.

        Raises ConfigurationError when an operator's own template is wrong.
        """
        try:
            subject = self._environment.get_template(f"{folder}/subject.txt").render(letter=context)
            text = self._environment.get_template(f"{folder}/body.txt").render(letter=context)
            html = self._environment.get_template(f"{folder}/body.html").render(letter=context)
        except TemplateError as error:
            raise ConfigurationError(f"templates_dir: the template of {folder!r} is wrong: {error}") from error
        return LetterContent(subject=one_line(subject, 250), text=_tidy(text), html=self._inliner.inline(html), attachments=attachments)


def _tidy(text: str) -> str:
    """At most one blank line in a row, no spaces at line ends, one new line at the end."""
    lines: list[str] = []
    for line in text.splitlines():
        bare = line.rstrip()
        if bare or (lines and lines[-1]):
            lines.append(bare)
    return "\n".join(lines).rstrip() + "\n"


@cache
def shipped() -> Templates:
    """The templates of this installation, compiled once."""
    return Templates()
