"""The demo: three weeks of invented mail through the real house, on servers inside this process. Needs the `demo` extra."""
