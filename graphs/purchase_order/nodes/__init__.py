"""The nodes, one a file. Each is `async (state, services) → update`, and can be called by a test without a server."""
