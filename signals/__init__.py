"""Market signals: from frames to dated readings, without network, database, Discord or clock."""
