"""The soak: the whole bot over months of sessions on a fast clock, with people, faults and kills, judged by an oracle."""
