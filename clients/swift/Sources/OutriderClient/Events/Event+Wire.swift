package import EventModel
package import FoundationEssentials
internal import Wire

extension UUID {
  /// In lower case, as RFC 9562 writes it.
  var text: String { uuidString.lowercased() }

  /// The 16 bytes, most significant first.
  package var bytes: [UInt8] { withUnsafeBytes(of: uuid) { Array($0) } }

  /// Uses the first 16 bytes; there must be as many.
  init(bytes: [UInt8]) {
    self.init(uuid: bytes.withUnsafeBytes { $0.loadUnaligned(as: uuid_t.self) })
  }
}

extension Cover {
  package init(domain: String, root: UUID) {
    guard let root = Root(root.bytes) else { preconditionFailure("a UUID has 16 bytes") }
    self.init(domain: Name(domain), root: root)
  }
}

extension OutriderClient.Position {
  init(_ position: EventModel.Position) {
    self.init(partition: position.partition, number: position.number)
  }

  var wire: EventModel.Position { EventModel.Position(partition: partition, number: number) }
}

extension EventBook {
  /// The events of a stored book: each with its payload and facts.
  func events(
    at position: EventModel.Position? = nil, subscription: String
  ) throws -> [(AnyPayload, Event)] {
    let origins = try Evented.Annotations(origin)
    let headers = Dictionary(
      uniqueKeysWithValues: origins.headers.map { ($0.key.text, $0.value) })
    return try pages.pages.map { page in
      let event = Event(
        domain: cover.domain.text, root: UUID(bytes: cover.root.bytes),
        sequence: page.sequence.rawValue, entity: page.entity?.text ?? "",
        commandID: commandID ?? "", correlation: origin.correlation, headers: headers,
        createdAt: Date(page.createdAt), position: (position ?? self.position).map { .init($0) },
        depth: origins.cause?.depth ?? 0, subscription: subscription)
      return (try AnyPayload(pageBody: page.body), event)
    }
  }
}

extension Date {
  fileprivate init(_ time: Timestamp) {
    self.init(timeIntervalSince1970: Double(time.seconds) + Double(time.nanoseconds) / 1e9)
  }
}
