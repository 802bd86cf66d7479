import Synchronization

/// Cheap random numbers for any task: SplitMix64 (Steele et al., *Fast Splittable Pseudorandom
/// Number Generators*, 2014).
///
/// Predictable: never use for secrets. Makes distinct names, such as ids of commits and spans, and
/// jitter.
public struct FastRandom: ~Copyable, Sendable {
  private let state: Atomic<UInt64>
  /// Separates processes that happen to be at the same state.
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
