import EventModel

extension OutriderV1 {
  /// Which page of a listing.
  public struct Page: Sendable, Equatable {
    /// How many items at most; nil: as many as the server likes.
    public var size: Int?
    /// What the answer before gave as `nextPage`; empty: the first page.
    public var token: Bytes

    public init(size: Int? = nil, token: Bytes = []) {
      self.size = size
      self.token = token
    }

    init(wireSize: UInt32, token: Bytes) {
      self.init(size: wireSize == 0 ? nil : Int(wireSize), token: token)
    }

    var wireSize: UInt32 { UInt32(clamping: size ?? 0) }
  }
}
