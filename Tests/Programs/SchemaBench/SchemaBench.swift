import Avro
import EventModel
import EventSourcing
import JSON
import MemoryStorage
import Sidecars
import Timing
import Wire

/// Measures what a domain's schema costs each command and each event: `SchemaRule`, on one thread.
///
///     schema-bench [SECONDS]
@main
struct SchemaBench {
  /// An order of ten lines: about 330 bytes in Avro, 900 in JSON.
  private static let schema = """
    [{"type":"record","name":"Line","namespace":"shop","fields":[
    {"name":"product","type":"string"},{"name":"quantity","type":"int"},
    {"name":"price","type":"long"},{"name":"note","type":["null","string"],"default":null}]},
    {"type":"record","name":"Placed","namespace":"shop","fields":[
    {"name":"customer","type":"string"},{"name":"paid","type":"boolean"},
    {"name":"lines","type":{"type":"array","items":"Line"}}]}]
    """

  static func main() async throws {
    let seconds = CommandLine.arguments.dropFirst().first.flatMap(Double.init) ?? 3
    let storage = MemoryStorage()
    let registry = SchemaRegistry(of: "shop", in: try await storage.domain(.schemas(of: "shop")))
    _ = try await registry.register(DomainSchema(Bytes(schema.utf8)), .backward)
    let rule = try await SchemaRule(of: "shop", by: registry)
    let avro = try AvroSchema(parsing: Bytes(schema.utf8))
    let json = Bytes(order.utf8)
    let object = SingleObject(
      try avro.fingerprint(of: "shop.Placed"),
      try avro.datum(JSONValue.parse(json), as: "shop.Placed"))
    print("one event of ten lines, one thread\n")
    print("           bytes   checks/s")
    for payload in [
      Payload(typeURL: "avro/shop.Placed", value: object.bytes),
      Payload(typeURL: "json/Placed", value: json),
    ] {
      let rate = try await measure(payload.pageBody, rule, for: .seconds(seconds))
      let kind = payload.typeURL.prefix { $0 != "/" }
      print("\(kind)  \(padded(payload.value.count, 10))  \(padded(Int(rate), 9))")
    }
  }

  private static var order: String {
    let lines = (0..<10).map {
      #"{"product":"product-\#($0)-0190163d","quantity":\#($0 + 1),"price":1999,"note":"gift"}"#
    }
    return #"{"customer":"0190163d-8694","paid":true,"lines":[\#(lines.joined(separator: ","))]}"#
  }

  private static func measure(
    _ body: Bytes, _ rule: SchemaRule, for duration: Duration
  ) async throws -> Double {
    let clock = Environment.live.instant
    let start = clock()
    var count = 0
    while clock() - start < duration {
      for _ in 0..<1000 {
        if let flaw = try await rule.flaw(ofEvent: body) { fatalError(flaw) }
      }
      count += 1000
    }
    return Double(count) / ((clock() - start) / .seconds(1))
  }

  private static func padded(_ number: Int, _ width: Int) -> String {
    String(repeating: " ", count: max(0, width - "\(number)".count)) + "\(number)"
  }
}
