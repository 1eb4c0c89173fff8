"""The offline interpreter: rules for Spanish, English and Portuguese, each idea in its own file."""

from graphs.reading.offline.interpreter import OfflineReader, interpret

__all__ = ["OfflineReader", "interpret"]
