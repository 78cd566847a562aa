"""A loopback Discord, for tests of the real process over real sockets."""
