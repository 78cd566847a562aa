"""Following the feeds of servers: what is new there is posted, what changed is rewritten, what is gone is withdrawn."""
