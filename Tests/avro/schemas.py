"""Random schemas, values of theirs, and how a schema may change so that old data can still be read."""
import copy
import math
import struct


class Schemas:
    def __init__(self, random):
        self.random = random
        self.names = 0
        self.defined = []

    def record(self, depth=0):
        self.names += 1
        name = f"T{self.names}"
        fields = [{"name": f"f{index}", "type": self.type(depth + 1)} for index in range(self.random.randint(0, 5))]
        self.defined.append(f"peer.{name}")
        return {"type": "record", "name": name, "namespace": "peer", "fields": fields}

    def type(self, depth, in_union=False):
        kinds = ["null", "boolean", "int", "long", "float", "double", "bytes", "string", "enum", "fixed"]
        if depth < 4:
            kinds += ["array", "map", "record", "record"] + ([] if in_union else ["union", "union"])
        if self.defined and not in_union:
            kinds.append("reference")
        kind = self.random.choice(kinds)
        if kind == "array":
            return {"type": "array", "items": self.type(depth + 1)}
        if kind == "map":
            return {"type": "map", "values": self.type(depth + 1)}
        if kind == "record":
            return self.record(depth)
        if kind == "reference":
            return self.random.choice(self.defined)
        if kind == "union":
            return self.union(depth)
        if kind in ("enum", "fixed"):
            self.names += 1
            name = f"T{self.names}"
            self.defined.append(f"peer.{name}")
            if kind == "fixed":
                return {"type": "fixed", "name": name, "namespace": "peer", "size": self.random.randint(0, 6)}
            symbols = [f"S{index}" for index in range(self.random.randint(1, 5))]
            return {"type": "enum", "name": name, "namespace": "peer", "symbols": symbols}
        return kind

    def union(self, depth):
        branches = {}
        for _ in range(self.random.randint(1, 4)):
            known = len(self.defined)
            branch = self.type(depth + 1, in_union=True)
            name = branch_name(branch)
            # Of a string and bytes in one union, fastavro reads the first as either.
            if name in branches or {name, *branches} >= {"string", "bytes"}:
                del self.defined[known:]
            else:
                branches[name] = branch
        return list(branches.values())


def branch_name(type):
    if isinstance(type, str):
        return type
    return f"peer.{type['name']}" if "name" in type else type["type"]


class Values:
    """Values as fastavro takes them (a branch of a union as a pair), and as JSON with the branch's name around it."""

    def __init__(self, random, schema):
        self.random = random
        self.named = {}
        self.collect(schema)

    def collect(self, type):
        if isinstance(type, list):
            for branch in type:
                self.collect(branch)
        elif isinstance(type, dict):
            if "name" in type:
                self.named[f"peer.{type['name']}"] = type
            for field in type.get("fields", []):
                self.collect(field["type"])
            self.collect(type.get("items"))
            self.collect(type.get("values"))

    def value(self, type):
        random = self.random
        if isinstance(type, list):
            branch = random.choice(type)
            value, json = self.value(branch)
            if branch == "null":
                return None, None
            name = branch_name(branch)
            return (name, value), {name: json}
        if isinstance(type, str):
            return self.value(self.named[type]) if type in self.named else self.primitive(type)
        kind = type["type"]
        if kind == "array":
            items = [self.value(type["items"]) for _ in range(random.randint(0, 3))]
            return [item[0] for item in items], [item[1] for item in items]
        if kind == "map":
            items = {f"k{index}é": self.value(type["values"]) for index in range(random.randint(0, 3))}
            return {key: item[0] for key, item in items.items()}, {key: item[1] for key, item in items.items()}
        if kind == "enum":
            symbol = random.choice(type["symbols"])
            return symbol, symbol
        if kind == "fixed":
            content = random.randbytes(type["size"])
            return content, content.decode("latin-1")
        fields = {field["name"]: self.value(field["type"]) for field in type["fields"]}
        return {name: item[0] for name, item in fields.items()}, {name: item[1] for name, item in fields.items()}

    def primitive(self, kind):
        random = self.random
        if kind == "null":
            return None, None
        if kind == "boolean":
            value = random.random() < 0.5
        elif kind == "int":
            value = random.choice([0, -1, 63, 64, -2**31, 2**31 - 1, random.randint(-2**31, 2**31 - 1)])
        elif kind == "long":
            value = random.choice([0, -64, -65, -2**63, 2**63 - 1, random.randint(-2**63, 2**63 - 1)])
        elif kind in ("float", "double"):
            value = random.choice([0.0, -1.5, math.inf, -math.inf, random.uniform(-1e30, 1e30)])
            if kind == "float":
                value = struct.unpack("<f", struct.pack("<f", value))[0]
            if math.isinf(value):
                return value, "Infinity" if value > 0 else "-Infinity"
        elif kind == "bytes":
            value = random.randbytes(random.randint(0, 5))
            return value, value.decode("latin-1")
        else:
            value = random.choice(["", "a", "é€😀", '"\\\n\0'])
        return value, value


WIDER = {"int": ["long", "float", "double"], "long": ["float", "double"], "float": ["double"]}


def evolved(random, schema):
    """A schema that reads what the given one wrote: fields come with defaults, go, move and widen."""
    changed = copy.deepcopy(schema)
    for record in records(changed):
        fields = [field for field in record["fields"] if random.random() < 0.8 or defines(field["type"])]
        for field in fields:
            if isinstance(field["type"], str) and field["type"] in WIDER and random.random() < 0.5:
                field["type"] = random.choice(WIDER[field["type"]])
        fresh = [{"name": f"new{index}", "type": type, "default": default} for index, (type, default) in enumerate(
            random.sample([("int", 7), (["null", "string"], None), ("string", "é"), ("boolean", True),
                           ({"type": "array", "items": "long"}, [1, 2])], random.randint(0, 2)))]
        # Definitions stay before what refers to them.
        record["fields"] = fresh + fields
    return changed


def records(type):
    if isinstance(type, list):
        for branch in type:
            yield from records(branch)
    elif isinstance(type, dict):
        if type["type"] == "record":
            yield type
            for field in type["fields"]:
                yield from records(field["type"])
        for part in ("items", "values"):
            if part in type:
                yield from records(type[part])


def defines(type):
    return not isinstance(type, str) and ("name" in str(type))
