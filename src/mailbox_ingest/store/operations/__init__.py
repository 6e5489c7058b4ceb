"""How the service runs: polls, jobs, alarms, and the figures that health is judged by."""
