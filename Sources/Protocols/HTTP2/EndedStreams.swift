/// Recently closed streams that the peer had reset or ended.
///
/// The peer must not send DATA or HEADERS on them again (RFC 9113 section 5.1, "closed"). Streams
/// that only we reset are not included: their frames may have been in flight. Older streams are
/// forgotten, and their frames are dropped as well.
struct EndedStreams {
  private var ids = [Int32](repeating: 0, count: 64)
  private var next = 0
  private var highest: Int32 = 0

  mutating func insert(_ id: Int32) {
    highest = max(highest, id)
    ids[next] = id
    next = (next + 1) % ids.count
  }

  func contains(_ id: Int32) -> Bool {
    id <= highest && ids.contains(id)
  }
}
