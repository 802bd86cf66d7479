import Synchronization

/// Random numbers that cost next to nothing, and that any task may draw: SplitMix64 (Steele et al.,
/// *Fast Splittable Pseudorandom Number Generators*, 2014).
///
/// They are no secrets: whoever has seen some can tell the rest. They make names that differ, such
/// as the ids of commits and spans, and pauses that spread.
public struct FastRandom: ~Copyable, Sendable {
  private let state: Atomic<UInt64>
  /// Keeps processes apart that happen to be at the same state.
  private let key: UInt64

  public init(seededBy random: () -> UInt64) {
    state = Atomic(random())
    key = random()
  }

  public func next() -> UInt64 {
    var value = state.wrappingAdd(0x9e37_79b9_7f4a_7c15, ordering: .relaxed).newValue
    value = (value ^ value >> 30) &* 0xbf58_476d_1ce4_e5b9
    value = (value ^ value >> 27) &* 0x94d0_49bb_1331_11eb
    return (value ^ value >> 31) ^ key
  }
}
