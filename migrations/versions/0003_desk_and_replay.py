"""Senders asked again, answers found by their thread, words to search by, and the registry that each mail was judged with."""

import re
import unicodedata

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_AT_ONCE = 2000


def upgrade() -> None:
    op.add_column("messages", sa.Column("asked_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("messages", sa.Column("registry_id", sa.BigInteger(), nullable=True))
    op.create_index(op.f("ix_messages_in_reply_to"), "messages", ["in_reply_to"])
    op.create_table(
        "registries",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("sha256", sa.LargeBinary(32), nullable=False),
        sa.Column("first_used_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_registries")),
        sa.UniqueConstraint("sha256", name=op.f("uq_registries_sha256")),
    )
    op.create_table(
        "message_words",
        sa.Column("message_id", ROW_ID, autoincrement=False, nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["message_id"], ["messages.id"], name=op.f("fk_message_words_message_id")),
        sa.PrimaryKeyConstraint("message_id", name=op.f("pk_message_words")),
    )
    _fill_words()


def _fill_words() -> None:
    """The words of the mails that are there already, as the store of this version writes them."""
    connection = op.get_bind()
    names: dict[int, list[str]] = {}
    for row in connection.execute(sa.text("SELECT message_id, name FROM attachments WHERE name IS NOT NULL ORDER BY message_id, position")):
        names.setdefault(row.message_id, []).append(row.name)
    words = sa.table("message_words", sa.column("message_id", sa.BigInteger), sa.column("words", sa.Text))
    last = 0
    while True:
        rows = connection.execute(
            sa.text("SELECT id, subject, sender_email, sender_name FROM messages WHERE id > :last ORDER BY id LIMIT :most"),
            {"last": last, "most": _AT_ONCE},
        ).all()
        if not rows:
            return
        filled = [
            {"message_id": row.id, "words": _folded((row.subject, row.sender_name or "", row.sender_email or "", *names.get(row.id, ())))}
            for row in rows
        ]
        connection.execute(words.insert(), filled)
        last = rows[-1].id


def _folded(parts: tuple[str, ...]) -> str:
    text = " ".join(parts).replace("đ", "d").replace("Đ", "D")
    bare = "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c)).lower()
    return " " + re.sub("[^0-9a-z%]+", " ", bare).strip() + " "


def downgrade() -> None:
    raise NotImplementedError("the ledger is never taken back: restore the copy made before the upgrade")
