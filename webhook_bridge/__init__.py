"""The bridge between Chatwoot and the LangGraph server: intake, turns, delivery, and the HTTP routes around them.

It knows `domain` and `storage`, and reaches graphs over the LangGraph SDK only.
"""
