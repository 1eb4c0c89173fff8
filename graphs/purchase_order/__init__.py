"""The graph that answers suppliers: read, understand, act within policy, reply, commit."""
