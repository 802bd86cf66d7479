import ProtobufFields

extension PageBlock {
  /// The pages' event types as people know them, such as `bank.AccountOpened`: for a store that
  /// shows them to whoever looks into it. Empty text where a page's event names none.
  ///
  /// Read from the type URL of `EventPage.Event`, an `Any`; its value is never looked into.
  public var eventTypes: [String] {
    var types: [String] = []
    types.reserveCapacity(count)
    forEachType {
      types.append($0)
      return true
    }
    return types
  }

  /// The first of them that is not empty; nil: there is none.
  public var firstEventType: String? {
    var first: String?
    forEachType {
      first = $0.isEmpty ? nil : $0
      return first == nil
    }
    return first
  }

  /// - Parameter body: false: it wants no more.
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

  /// What follows the last slash of a type URL.
  private static func typeName(_ url: View) -> String {
    let start = url.lastIndex(of: UInt8(ascii: "/")).map { $0 + 1 } ?? 0
    return String(decoding: url[start...], as: UTF8.self)
  }
}
