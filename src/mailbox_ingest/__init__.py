"""Turns the reports that units e-mail into numbers that leadership can trust."""

__version__ = "0.1.0"
