"""The real process, ``python -m bot``, against a loopback Discord over real sockets."""
