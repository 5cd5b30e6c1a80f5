"""A Jupyter kernel for vcsh: it starts `vcsh --serve` and hands on what is asked and answered."""

__version__ = "0.1.0"
