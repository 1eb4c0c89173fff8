"""Prompts as files, so that people who buy can read and mend them."""

from functools import lru_cache
from importlib.resources import files


@lru_cache(maxsize=8)
def prompt(name: str) -> str:
    """The text of `<name>.md` beside this file. It reads a file: call it off the event loop."""
    return files(__package__).joinpath(f"{name}.md").read_text(encoding="utf-8")
