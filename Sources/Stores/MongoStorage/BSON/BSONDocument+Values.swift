import EventModel

/// Converts domain values to and from fields. A field that cannot be read is damage.
extension BSONValue {
  static func uuid(_ root: Root) -> BSONValue { .binary(root.bytes, subtype: Subtype.uuid) }

  static func uuid(_ id: CommitID) -> BSONValue { .binary(id.bytes, subtype: Subtype.uuid) }

  static func name(_ name: Name) -> BSONValue { .string(name.text) }

  static func sequence(_ number: SequenceNumber) -> BSONValue { .int64(Int64(number.rawValue)) }

  static func revision(_ revision: Revision) -> BSONValue { .number(revision.rawValue) }

  /// Positions and tokens. A number above MongoDB's maximum becomes that, which exceeds every
  /// stored one.
  static func number(_ number: UInt64) -> BSONValue { .int64(Int64(clamping: number)) }
}

extension BSONDocument {
  func root(_ key: String) throws(MongoFailure) -> Root {
    guard let root = self[key]?.bytes.flatMap({ Root($0) }) else {
      throw .damaged("\(key): no UUID")
    }
    return root
  }

  func commitID(_ key: String) throws(MongoFailure) -> CommitID {
    guard let id = self[key]?.bytes.flatMap({ CommitID($0) }) else {
      throw .damaged("\(key): no UUID")
    }
    return id
  }

  func sequence(_ key: String) throws(MongoFailure) -> SequenceNumber {
    guard let number = self[key]?.integer.flatMap({ UInt32(exactly: $0) }) else {
      throw .damaged("\(key): no sequence number")
    }
    return SequenceNumber(number)
  }

  func revision(_ key: String) throws(MongoFailure) -> Revision { Revision(try number(key)) }

  func number(_ key: String) throws(MongoFailure) -> UInt64 {
    guard let number = self[key]?.integer.flatMap({ UInt64(exactly: $0) }) else {
      throw .damaged("\(key): no number")
    }
    return number
  }

  func name(_ key: String) throws(MongoFailure) -> Name { Name(try text(key)) }

  func text(_ key: String) throws(MongoFailure) -> String {
    guard let text = self[key]?.text else { throw .damaged("\(key): no text") }
    return text
  }

  /// A date plus its nanoseconds below a millisecond, if any.
  func time(_ key: String, nanoseconds: String? = nil) throws(MongoFailure) -> Timestamp {
    guard case .date(let milliseconds)? = self[key] else { throw .damaged("\(key): no date") }
    let (seconds, rest) = milliseconds.flooredQuotientAndRemainder(by: 1000)
    let nanos = nanoseconds.flatMap { self[$0]?.integer } ?? 0
    return Timestamp(seconds: seconds, nanoseconds: Int32(clamping: rest * 1_000_000 + nanos))
  }
}

extension Timestamp {
  /// As much as a date holds; the rest is stored beside it.
  var milliseconds: Int64 {
    let (milliseconds, isTooLarge) = seconds.multipliedReportingOverflow(by: 1000)
    if isTooLarge { return seconds < 0 ? .min : .max }
    return milliseconds + Int64(nanoseconds / 1_000_000)
  }

  /// The nanoseconds below a millisecond; nil if there are none.
  var restOfMillisecond: BSONValue? {
    nanoseconds % 1_000_000 == 0 ? nil : .int32(nanoseconds % 1_000_000)
  }
}

extension Int64 {
  fileprivate func flooredQuotientAndRemainder(by divisor: Int64) -> (Int64, Int64) {
    let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
    return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
  }
}
