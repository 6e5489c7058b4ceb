"""The child processes that read: `pool` for who asks, `child` for what runs in them, `confine` for what they may not."""
