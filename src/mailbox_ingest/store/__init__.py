"""The store: verbs on a SQLAlchemy session; the caller owns the transaction. What leaves is a dataclass of `model.py` or `records.py`.

engine    open_engine, session_factory             migrate  upgrade, check_current, ensure_current
ledger    record_message, claim_messages, ...      finish   finish_message, fail_attempt, release_messages
messages  find_message, list_messages, ...         reports  accepted_reports, reports_of_period, report_history
outbox    queue_mail, claim_due, mark_sent, ...    units, rosters, jobs, digests, audit, polls
"""
