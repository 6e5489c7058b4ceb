"""The digest to leadership: HTML and text, charts, and the consolidated report as a Word document."""
