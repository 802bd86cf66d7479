"""A Consul agent of a user's own, for development and tests."""
