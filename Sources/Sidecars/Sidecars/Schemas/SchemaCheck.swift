import EventModel
import EventSourcing
import Wire

/// Collects the events that a new schema cannot read: for each type the count and the first one.
struct SchemaCheck {
  /// The most types that are counted apart.
  private static let typesMax = 1000

  private let payloads: PayloadCheck
  private let schema: DomainSchema
  private var found: [String: OutriderV1.SchemaFinding] = [:]
  private let reasons: [String]
  private(set) var eventsRead = 0

  /// - Parameter versions: the registered versions, oldest first.
  init(
    of schema: DomainSchema, _ compatibility: SchemaCompatibility?, for domain: Name,
    against versions: [SchemaRegistry.Version]
  ) throws {
    self.schema = schema
    var payloads = PayloadCheck(of: domain)
    try payloads.add(writer: schema)
    try payloads.add(versions)
    self.payloads = payloads
    reasons =
      versions.last.map { last in
        schema.reasons(against: last.schema, compatibility ?? last.compatibility)
      } ?? []
  }

  mutating func read(_ recorded: RecordedCommit) {
    for page in recorded.commit.pages.pages {
      eventsRead += 1
      guard let payload = try? Payload(pageBody: page.body) else { continue }
      guard let reason = payloads.flaw(of: payload, under: schema) else { continue }
      if found[payload.typeURL] != nil {
        found[payload.typeURL]?.count += 1
      } else if found.count < Self.typesMax {
        found[payload.typeURL] = OutriderV1.SchemaFinding(
          type: payload.typeURL, position: recorded.position,
          event: EventReference(cover: recorded.commit.cover, sequence: page.sequence),
          reason: reason)
      }
    }
  }

  func report(isDone: Bool) -> OutriderV1.SchemaReport {
    OutriderV1.SchemaReport(
      reasons: reasons, findings: found.values.sorted { $0.type < $1.type },
      eventsRead: eventsRead, isDone: isDone)
  }
}
