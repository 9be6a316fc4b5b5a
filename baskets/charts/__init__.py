"""Charts: figure dicts, one renderer that draws them as SVG, and their tables."""
