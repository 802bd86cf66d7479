import EventModel
import JSON
import SidecarConfiguration
import Sidecars
import Wire

@testable import SagaRules

/// Orders in Avro, a stock in Avro and payments in protobuf, and rules between them.
enum Shop {
  static let orders = #"""
    [
      {"type": "record", "name": "Address", "namespace": "order", "fields": [
        {"name": "city", "type": "string"}, {"name": "floor", "type": ["null", "int"]}]},
      {"type": "enum", "name": "Kind", "namespace": "order", "symbols": ["SALE", "GIFT"]},
      {"type": "record", "name": "Placed", "namespace": "order", "fields": [
        {"name": "item", "type": "string"}, {"name": "count", "type": "int"},
        {"name": "cents", "type": "long"}, {"name": "weight", "type": "double"},
        {"name": "kind", "type": "order.Kind"}, {"name": "express", "type": "boolean"},
        {"name": "buyer", "type": ["null", "string"]}, {"name": "token", "type": "bytes"},
        {"name": "address", "type": ["null", "order.Address"]},
        {"name": "tags", "type": {"type": "array", "items": "string"}},
        {"name": "labels", "type": {"type": "map", "values": "string"}}]},
      {"type": "record", "name": "Cancel", "namespace": "order", "fields": [
        {"name": "why", "type": "string"}]}
    ]
    """#

  static let stock = #"""
    [
      {"type": "record", "name": "Address", "namespace": "stock", "fields": [
        {"name": "city", "type": "string"}, {"name": "floor", "type": ["null", "int"]}]},
      {"type": "record", "name": "Reserve", "namespace": "stock", "fields": [
        {"name": "count", "type": "long"}, {"name": "order", "type": "string"},
        {"name": "buyer", "type": ["null", "string"]},
        {"name": "address", "type": ["null", "stock.Address"], "default": null},
        {"name": "note", "type": "string", "default": ""},
        {"name": "tags", "type": {"type": "array", "items": "string"}, "default": []},
        {"name": "labels", "type": {"type": "map", "values": "string"}, "default": {}},
        {"name": "small", "type": "int", "default": 0},
        {"name": "root", "type": ["null", {"type": "fixed", "name": "Root", "size": 16}],
          "default": null}]}
    ]
    """#

  /// `protoc` made it of:
  ///
  ///     syntax = "proto3"; package payment;
  ///     message Charge {
  ///       int64 cents = 1; bytes order_root = 2; bytes token = 3; Buyer buyer = 4;
  ///     }
  ///     message Buyer { string name = 1; }
  ///     message Charged { int64 cents = 1; Buyer buyer = 2; }
  static let payments = """
    Cv8BCg1wYXltZW50LnByb3RvEgdwYXltZW50InkKBkNoYXJnZRIUCgVjZW50cxgBIAEoA1IFY2VudHMSHQoK\
    b3JkZXJfcm9vdBgCIAEoDFIJb3JkZXJSb290EhQKBXRva2VuGAMgASgMUgV0b2tlbhIkCgVidXllchgEIAEo\
    CzIOLnBheW1lbnQuQnV5ZXJSBWJ1eWVyIhsKBUJ1eWVyEhIKBG5hbWUYASABKAlSBG5hbWUiRQoHQ2hhcmdl\
    ZBIUCgVjZW50cxgBIAEoA1IFY2VudHMSJAoFYnV5ZXIYAiABKAsyDi5wYXltZW50LkJ1eWVyUgVidXllcmIG\
    cHJvdG8z
    """

  static let schemas: [Name: Bytes] = [
    "order": Array(orders.utf8), "stock": Array(stock.utf8), "payment": base64(payments),
  ]

  static let placed: JSONValue = [
    "item": "lamp", "count": 2, "cents": 500, "weight": 1, "kind": "SALE", "express": true,
    "buyer": ["string": "Ann"], "token": "\u{FF}a", "address": .null, "tags": ["x"],
    "labels": ["color": "red"],
  ]

  static func rules(
    _ yaml: String, following: [Name] = ["order", "payment"], orders: String = Shop.orders,
    versions: @escaping DomainPayloads.Versions = { _, _ in nil }
  ) throws -> RuleSet {
    var schemas = Self.schemas
    schemas["order"] = Array(orders.utf8)
    let known = try schemas.mapValues { try DomainSchema($0) }
    return try RuleSet(Array(yaml.utf8), at: "shop.yaml", following: following, versions: versions)
    {
      _ in known
    }
  }

  /// What is wrong with rules.
  static func problems(_ yaml: String) -> [String] {
    do {
      _ = try rules(yaml)
      return []
    } catch { return (error as? ConfigurationError)?.problems.map(\.description) ?? ["\(error)"] }
  }

  static func payloads(of domain: Name) throws -> DomainPayloads {
    try DomainPayloads(of: domain, by: DomainSchema(schemas[domain] ?? [])) { _, _ in nil }
  }

  private static func base64(_ text: String) -> Bytes {
    ByteNotation.base64.bytes(of: text)
  }
}
