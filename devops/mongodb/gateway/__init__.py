"""Speaks the MongoDB wire protocol in front of DocumentDB on PostgreSQL. For development and tests; see ../README.md."""
