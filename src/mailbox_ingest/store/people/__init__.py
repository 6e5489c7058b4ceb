"""What people do and who they are: the review queue and decisions, acts in the audit, users and sessions of the desk."""
