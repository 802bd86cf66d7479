/// Groups acknowledgements into frames: one frame for all deliveries up to a tag, if no earlier
/// one is missing, so that a busy consumer sends few frames.
struct Acknowledgements {
  private var outstanding: [UInt64] = []
  /// Acknowledged, but behind one that is not.
  private var done: Set<UInt64> = []
  /// Beyond this, each is acknowledged by itself: one slow delivery must not use up the window.
  static let doneMax = 64

  mutating func delivered(_ tag: UInt64) { outstanding.append(tag) }

  mutating func acknowledge(_ tags: [UInt64]) -> [(tag: UInt64, upTo: Bool)] {
    done.formUnion(tags)
    let count = outstanding.prefix { done.contains($0) }.count
    var frames: [(tag: UInt64, upTo: Bool)] = []
    if count > 0 {
      frames.append((outstanding[count - 1], true))
      for tag in outstanding[..<count] { done.remove(tag) }
      outstanding.removeFirst(count)
    }
    if done.count > Self.doneMax {
      frames += done.sorted().map { ($0, false) }
      outstanding.removeAll(where: done.contains)
      done = []
    }
    return frames
  }
}
