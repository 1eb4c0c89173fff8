"""What purchasing means here: states, quantities, money, policy. Pure: no I/O, no framework, no clock.

Everything else may import this package; it imports nothing of ours. Pydantic is the one library it leans on,
because every value here also lives in a JSON column or on the wire.
"""
