"""The pages for the people who watch over the agent. Not built yet; until then: the sandbox page, the API and Studio."""
