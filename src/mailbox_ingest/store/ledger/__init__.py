"""The ledger of mails: recorded once, claimed under a lease, finished with what was read, looked up and searched."""
