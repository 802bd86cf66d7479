import CWire
import EventModel

// `evented.LogPosition` and `outrider.v1.Position` have the same encoding.

extension Position: WireContent {
  /// - Parameter view: a position that was checked.
  init(_ view: View) throws(WireError) {
    var (partition, number) = (UInt32(0), UInt64(0))
    var reader = FieldReader(view)
    while let field = try reader.next() {
      switch field.number {
      case 1: partition = UInt32(truncatingIfNeeded: field.value)
      case 2: number = field.value
      default: break
      }
    }
    self.init(partition: partition, number: number)
  }

  /// From an optional field.
  init?(ifGiven position: UnsafeMutablePointer<Evented__LogPosition>?) {
    guard let position = position?.pointee else { return nil }
    self.init(partition: position.partition, number: position.number)
  }

  func write(to writer: inout FieldWriter) {
    writer.number(1, UInt64(partition))
    writer.number(2, number)
  }
}

extension MessageBuilder {
  func position(_ position: Position) -> UnsafeMutablePointer<Evented__LogPosition> {
    let message = make(Evented__LogPosition.self)
    message.pointee.partition = position.partition
    message.pointee.number = position.number
    return message
  }
}
