"""The documents of the order history, as they stand in MongoDB."""

from pymongo import MongoClient


class OrderHistory:
    def __init__(self, uri):
        self.client = MongoClient(uri, tz_aware=True)
        database = self.client.get_default_database()
        self.customers, self.orders = database["customerView"], database["orderView"]

    def ended(self):
        return self.orders.count_documents({"state": {"$ne": "CREATED"}})

    def documents(self):
        """By collection and id."""
        return {(each.name, document["_id"]): document
                for each in (self.customers, self.orders) for document in each.find()}

    def __enter__(self):
        return self

    def __exit__(self, *failure):
        self.client.close()
