"""What the agent can do: LangChain tools, one a file, and the ports they act through. May know `domain` and `storage`."""
