"""Chatwoot as the bridge meets it: what its webhooks mean, who signed them, and how to speak to its REST API.

Nothing here knows of tables, turns or settings, so every fact about Chatwoot's wire has one home. The facts are those
of Chatwoot v4.16; the fixtures under `tests/contract/chatwoot` show each of them.
"""
