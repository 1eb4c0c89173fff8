"""The sandbox: stand-ins for Chatwoot (over HTTP) and Odoo's data, and the page where you play the supplier.

Never part of production. It knows `domain` and nothing else of the product: it meets the bridge over HTTP only.
"""
