"""What every signal stands on: the market, the nouns, and the arithmetic over sessions."""
