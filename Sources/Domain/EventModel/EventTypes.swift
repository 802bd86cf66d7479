import ProtobufFields

extension PageBlock {
  /// The pages' event types as people know them, such as `bank.AccountOpened`. A person reads
  /// them in the store. Empty text for an event without a type.
  ///
  /// Read from the type URL of `EventPage.Event`, an `Any`, without decoding its value.
  public var eventTypes: [String] {
    var types: [String] = []
    types.reserveCapacity(count)
    forEachType {
      types.append($0)
      return true
    }
    return types
  }

  /// The first type that is not empty; nil if there is none.
  public var firstEventType: String? {
    var first: String?
    forEachType {
      first = $0.isEmpty ? nil : $0
      return first == nil
    }
    return first
  }

  /// - Parameter body: returns false to stop.
  private func forEachType(_ body: (String) -> Bool) {
    bytes.withUnsafeBufferPointer { buffer in
      var reader = FieldReader(buffer)
      while let page = try? reader.next() {
        let event = FieldReader.content(of: 4, in: buffer.part(page.content))
        let url = event.flatMap { FieldReader.content(of: 1, in: $0) }
        guard body(url.map(Self.typeName) ?? "") else { return }
      }
    }
  }

  /// The part after the last slash of a type URL.
  private static func typeName(_ url: View) -> String {
    let start = url.lastIndex(of: UInt8(ascii: "/")).map { $0 + 1 } ?? 0
    return String(decoding: url[start...], as: UTF8.self)
  }
}
