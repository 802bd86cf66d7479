import EventModel

extension OutriderV1 {
  /// Selects a page of a listing.
  public struct Page: Sendable, Equatable {
    /// The most items; nil: the server's default.
    public var size: Int?
    /// The `nextPage` of the previous answer; empty: the first page.
    public var token: Bytes

    public init(size: Int? = nil, token: Bytes = []) {
      self.size = size
      self.token = token
    }

    /// The most items in an answer: 100 by default, never more than 1000.
    public var limit: Int { min(size ?? 100, 1000) }

    init(wireSize: UInt32, token: Bytes) {
      self.init(size: wireSize == 0 ? nil : Int(wireSize), token: token)
    }

    var wireSize: UInt32 { UInt32(clamping: size ?? 0) }
  }
}
