"""Odoo, the book of record, behind one port with adapters that say the same."""
