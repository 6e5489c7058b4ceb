"""The use case 'reading': open messages of the ledger -> reports, verdicts and queued replies.

    claim ── child process: extract ── one transaction for what is ready: verdict, reply, finish_message ──▶ Processed

Messages are extracted ahead in child processes and finished in the order of their arrival, because a verdict depends on what was
accepted before. Safe to run twice and safe to die anywhere: nothing is written before the one transaction at the end, and a lease that
runs out is taken up again. Nothing is imported here: the children load `extract` without the database, the parent the rest without the
readers.
"""
