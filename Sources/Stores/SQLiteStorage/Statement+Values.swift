import EventModel

/// Converts domain values to and from columns. A number that does not survive the way through
/// SQLite is damage.
extension Statement {
  func bind(_ index: Int32, _ root: Root) throws(SQLiteFailure) {
    try root.withBytes { (bytes) throws(SQLiteFailure) in try bind(index, copying: bytes) }
  }

  func bind(_ index: Int32, _ id: CommitID) throws(SQLiteFailure) {
    try id.withBytes { (bytes) throws(SQLiteFailure) in try bind(index, copying: bytes) }
  }

  func bind(_ index: Int32, _ name: Name) throws(SQLiteFailure) {
    try bind(index, name.text)
  }

  func bind(_ index: Int32, _ sequence: SequenceNumber) throws(SQLiteFailure) {
    try bind(index, Int64(sequence.rawValue))
  }

  func bind(_ index: Int32, _ revision: Revision) throws(SQLiteFailure) {
    try bind(index, revision.rawValue)
  }

  /// Positions and tokens. A number above SQLite's maximum becomes that, which exceeds
  /// every stored one.
  func bind(_ index: Int32, _ number: UInt64) throws(SQLiteFailure) {
    try bind(index, Int64(clamping: number))
  }

  /// Binds this column and the next.
  func bind(_ index: Int32, _ time: Timestamp) throws(SQLiteFailure) {
    try bind(index, time.seconds)
    try bind(index + 1, Int64(time.nanoseconds))
  }

  func root(_ column: Int32) throws(SQLiteFailure) -> Root {
    guard let root = withBytes(column, { Root($0) }) else {
      throw .damaged("a root of \(byteCount(column)) bytes")
    }
    return root
  }

  func commitID(_ column: Int32) throws(SQLiteFailure) -> CommitID {
    guard let id = withBytes(column, { CommitID($0) }) else {
      throw .damaged("a commit's id of \(byteCount(column)) bytes")
    }
    return id
  }

  func name(_ column: Int32) -> Name { Name(text(column)) }

  func sequence(_ column: Int32) throws(SQLiteFailure) -> SequenceNumber {
    guard let number = UInt32(exactly: integer(column)) else {
      throw .damaged("a sequence number of \(integer(column))")
    }
    return SequenceNumber(number)
  }

  func revision(_ column: Int32) throws(SQLiteFailure) -> Revision {
    Revision(try number(column))
  }

  func count(_ column: Int32) throws(SQLiteFailure) -> UInt32 {
    guard let count = UInt32(exactly: integer(column)) else {
      throw .damaged("a count of \(integer(column))")
    }
    return count
  }

  func number(_ column: Int32) throws(SQLiteFailure) -> UInt64 {
    guard let number = UInt64(exactly: integer(column)) else {
      throw .damaged("a negative number, \(integer(column))")
    }
    return number
  }

  /// Reads this column and the next.
  func time(_ column: Int32) -> Timestamp {
    Timestamp(
      seconds: integer(column), nanoseconds: Int32(truncatingIfNeeded: integer(column + 1)))
  }
}
