/// The streams that the peer reset last, and those that closed last after the peer had ended them.
///
/// The peer must not send DATA or HEADERS on one of them again (RFC 9113 section 5.1, "closed"). A
/// stream that only we reset is never in here: its frames may have been on their way. Older streams
/// are forgotten, and their frames are dropped like those.
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
