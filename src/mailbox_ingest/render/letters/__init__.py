"""Letters to units: answers to mails, decisions of people, reminders with the blank form."""
