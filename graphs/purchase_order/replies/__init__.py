"""What suppliers and our own team read: phrases by language, and the writer that fills them from outcomes."""
