"""Varied reports with their truth, as union clerks write them, and a runner that counts what is read rightly and what wrongly."""
