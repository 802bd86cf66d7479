import Timing

/// A writer's random name for a commit: 16 bytes, a UUID of version 4.
///
/// It is an identifier, not a secret.
public struct CommitID: Hashable, Sendable {
  private let uuid: UUIDValue

  private init(_ uuid: UUIDValue) { self.uuid = uuid }

  /// Takes exactly 16 bytes; nil for any other number.
  public init?(_ bytes: UnsafeBufferPointer<UInt8>) {
    guard let uuid = UUIDValue(bytes) else { return nil }
    self.init(uuid)
  }

  /// Takes exactly 16 bytes; nil for any other number.
  public init?(_ bytes: Bytes) {
    guard let id = bytes.withUnsafeBufferPointer({ CommitID($0) }) else { return nil }
    self = id
  }

  /// All bits zero: stands for the id of a commit that came without it.
  public static let `nil` = CommitID(.nil)

  /// The 16 bytes, most significant first.
  public var bytes: Bytes { uuid.bytes }

  /// The 16 bytes, without an allocation.
  public func withBytes<Result, Failure: Error>(
    _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try uuid.withBytes(body)
  }

  public static func random(using random: inout some RandomNumberGenerator) -> CommitID {
    CommitID(.random(using: &random))
  }
}

extension CommitID: LosslessStringConvertible {
  /// Parses a UUID; nil for anything else.
  public init?(_ text: String) {
    guard let uuid = UUIDValue(text) else { return nil }
    self.init(uuid)
  }

  /// The id in UUID notation.
  public var description: String { uuid.description }
}

extension Environment {
  public func newCommitID() -> CommitID {
    var generator = generator
    return CommitID.random(using: &generator)
  }
}
