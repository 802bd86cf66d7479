"""A Kafka-compatible broker of a user's own, for development and tests."""
