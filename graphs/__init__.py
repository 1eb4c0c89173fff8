"""The graphs that the LangGraph server runs. May know `domain`, `storage` and `tools`."""
