"""The tables, and one repository for each aggregate. May know `domain`; knows nothing of Chatwoot, Odoo or LangGraph.

The rules that must never break (one active conversation a supplier, one running turn a conversation, nothing stored
twice) are constraints of the database itself: code may be wrong, or run twice at once.
"""
