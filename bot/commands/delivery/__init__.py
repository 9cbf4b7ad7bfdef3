"""When people and channels want their messages: `/me`, `/setup quiet`, `/alert snooze`."""
