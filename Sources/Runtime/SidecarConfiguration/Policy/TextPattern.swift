import EventModel

/// A text, or the beginning of one: `*` at the end stands for any rest. Compares bytes.
struct TextPattern: Sendable {
  private let bytes: [UInt8]
  private let isOpen: Bool

  init(_ text: some StringProtocol) {
    let all = Array(text.utf8)
    isOpen = all.last == UInt8(ascii: "*")
    bytes = isOpen ? all.dropLast() : all
  }

  func matches(_ text: Name) -> Bool {
    isOpen ? text.utf8.starts(with: bytes) : text.utf8.elementsEqual(bytes)
  }
}
