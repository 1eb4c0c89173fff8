"""The stand-in for Chatwoot: its REST API and its signed webhooks, over HTTP, as v4.16 speaks them.

It is a stand-in and says so (header `X-Sandbox`, profile name, docs); nothing of Chatwoot's code is in it. What it
promises: a bridge that works against it meets the same status codes, shapes, limits and surprises as with the real one
(signature over raw bytes, one attempt per webhook, the trap of `source_id`, Liquid, the 24-hour window, the limits of a
bot's token). Control routes under `/control` play contacts and people, and make things go wrong.
"""

from sandbox.chatwoot.app import make_chatwoot
from sandbox.chatwoot.config import ChatwootSandboxConfig
from sandbox.chatwoot.sandbox import ChatwootSandbox

__all__ = ["ChatwootSandbox", "ChatwootSandboxConfig", "make_chatwoot"]
