"""The base of every signal: the market, the data types, and the arithmetic over sessions."""
