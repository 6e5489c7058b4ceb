"""`make torture`: the worker is killed at random moments; afterwards nothing is lost and nothing doubled. See `run`."""
