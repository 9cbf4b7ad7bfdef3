"""Operations: logs, health pages, daily maintenance, memory."""
