"""Reading and writing the tables of market.db, inside the caller's transaction."""
