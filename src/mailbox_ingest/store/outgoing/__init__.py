"""Mails that leave: queued once, claimed within the budget, settled; the gates that hold them; reminders and digests."""
