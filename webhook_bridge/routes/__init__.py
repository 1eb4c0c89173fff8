"""The HTTP routes of the bridge, one file a resource. Each answers `routes(bridge)`."""
