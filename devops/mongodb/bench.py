"""Rates of the server in OUTRIDER_TEST_MONGODB_URI, with a client that neither encodes nor decodes while it is timed.

    devops/mongodb/engine.sh with .venv/bin/python devops/mongodb/bench.py
"""

import os
import time
from concurrent.futures import ThreadPoolExecutor

from bson import encode
from bson.raw_bson import RawBSONDocument
from pymongo import ASCENDING, InsertOne, MongoClient
from pymongo.write_concern import WriteConcern

DOCUMENTS = 100_000
SECONDS = 3


def document(number):
    return RawBSONDocument(encode({
        "_id": number.to_bytes(20, "big"), "position": number, "commit": os.urandom(16), "root": os.urandom(16),
        "payload": os.urandom(200)}))


def main():
    client = MongoClient(os.environ["OUTRIDER_TEST_MONGODB_URI"], document_class=RawBSONDocument)
    client.drop_database("bench")
    database = client.get_database("bench", write_concern=WriteConcern("majority", j=True))
    documents = [document(number) for number in range(DOCUMENTS)]
    print(f"documents of {len(documents[0].raw)} bytes, a unique index on a number besides _id; documents a second")
    for writers in (1, 4):
        for group in (1, 64, 256):
            database.log.drop()
            database.log.create_index([("position", ASCENDING)], unique=True)
            inserted, seconds = insert(database.log, documents, writers, group)
            assert database.log.count_documents({}) == inserted
            print(f"  insert, {writers} writers, groups of {group:3}: {inserted / seconds:9,.0f}")
    read(database, documents)
    client.drop_database("bench")


def insert(collection, documents, writers, group):
    groups = iter([documents[at : at + group] for at in range(0, len(documents), group)])
    end = time.perf_counter() + SECONDS

    def write():
        written = 0
        for each in groups:
            collection.bulk_write([InsertOne(one) for one in each], ordered=False)
            written += len(each)
            if time.perf_counter() > end:
                break
        return written

    began = time.perf_counter()
    with ThreadPoolExecutor(writers) as pool:
        written = sum(each.result() for each in [pool.submit(write) for _ in range(writers)])
    return written, time.perf_counter() - began


def read(database, documents):
    database.read.insert_many(documents, ordered=False)
    database.read.create_index([("position", ASCENDING)], unique=True)
    for readers in (1, 2):
        for size in (101, 1000, 10_000):
            began = time.perf_counter()
            with ThreadPoolExecutor(readers) as pool:
                read = sum(pool.map(lambda _: scan(database.read, size), range(readers)))
            assert read == readers * sum(len(each.raw) for each in documents)
            rate = readers * len(documents) / (time.perf_counter() - began)
            print(f"  read in order, {readers} readers, batches of {size:6}: {rate:9,.0f}")


def scan(collection, size):
    """The bytes of all documents."""
    return sum(map(len, collection.find_raw_batches(
        {"position": {"$gte": 0}}, sort=[("position", ASCENDING)], batch_size=size)))


main()
