"""The one place that puts things together: settings, adapters, the ASGI app, the command line."""
