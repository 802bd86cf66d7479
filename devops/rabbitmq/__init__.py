"""A RabbitMQ broker of a user's own, for development and tests."""
