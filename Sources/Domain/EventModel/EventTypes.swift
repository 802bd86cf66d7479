extension PageBlock {
  /// The pages' event types as people know them, such as `bank.AccountOpened`: for a store that
  /// shows them to whoever looks into it. Empty text where a page's event names none.
  ///
  /// Read from the type URL of `EventPage.Event`, an `Any`; its value is never looked into.
  public var eventTypes: [String] {
    bytes.withUnsafeBufferPointer { buffer in
      var types: [String] = []
      types.reserveCapacity(count)
      var scanner = FieldScanner(buffer)
      while let page = scanner.next() {
        let event = Self.field(4, in: UnsafeBufferPointer(rebasing: buffer[page.content]))
        types.append(event.flatMap { Self.field(1, in: $0) }.map(Self.typeName) ?? "")
      }
      return types
    }
  }

  /// The content of the first length-delimited field of that number.
  private static func field(
    _ number: UInt64, in message: UnsafeBufferPointer<UInt8>
  ) -> UnsafeBufferPointer<UInt8>? {
    var scanner = FieldScanner(message)
    while let field = scanner.next() {
      if field.number == number, field.type == .lengthDelimited {
        return UnsafeBufferPointer(rebasing: message[field.content])
      }
    }
    return nil
  }

  /// What follows the last slash of a type URL.
  private static func typeName(_ url: UnsafeBufferPointer<UInt8>) -> String {
    let start = url.lastIndex(of: UInt8(ascii: "/")).map { $0 + 1 } ?? 0
    return String(decoding: url[start...], as: UTF8.self)
  }
}
