"""The revisions, oldest first. A revision that has landed is never changed."""
