import Synchronization

/// A lock-free histogram of durations: a count for each bucket, and the sum. Any thread may
/// record.
public struct LatencyHistogram: ~Copyable, Sendable {
  /// The upper bounds of the buckets, in seconds (gRPC, proposal A66, Latency). Longer durations
  /// count in a last bucket, without a bound.
  public static let bounds = [
    0, 0.00001, 0.00005, 0.0001, 0.0003, 0.0006, 0.0008, 0.001, 0.002, 0.003, 0.004, 0.005, 0.006,
    0.008, 0.01, 0.013, 0.016, 0.02, 0.025, 0.03, 0.04, 0.05, 0.065, 0.08, 0.1, 0.13, 0.16, 0.2,
    0.25,
    0.3, 0.4, 0.5, 0.65, 0.8, 1, 2, 5, 10, 20, 50, 100,
  ]

  private static let boundsInNanoseconds = bounds.map { Int64(($0 * 1e9).rounded()) }

  private let counts: InlineArray<42, Atomic<UInt64>>
  private let nanoseconds = Atomic<UInt64>(0)

  public init() { counts = InlineArray { _ in Atomic(0) } }

  public func record(_ duration: Duration) {
    let taken = duration.clampedNanoseconds
    counts[Self.bucket(of: taken)].wrappingAdd(1, ordering: .relaxed)
    nanoseconds.wrappingAdd(UInt64(taken), ordering: .relaxed)
  }

  /// The counts so far; nil if nothing was recorded. Concurrent records may be missing.
  public var reading: HistogramReading? {
    var total: UInt64 = 0
    let upTo = Self.bounds.indices.map { bucket in
      total += counts[bucket].load(ordering: .relaxed)
      return total
    }
    total += counts[Self.bounds.count].load(ordering: .relaxed)
    guard total > 0 else { return nil }
    return HistogramReading(
      bounds: Self.bounds, counts: upTo, total: total,
      sum: Double(nanoseconds.load(ordering: .relaxed)) / 1e9)
  }

  /// The first bucket whose bound is at least the duration.
  private static func bucket(of nanoseconds: Int64) -> Int {
    boundsInNanoseconds.withUnsafeBufferPointer { bounds in
      var (low, high) = (0, bounds.count)
      while low < high {
        let middle = (low + high) / 2
        if bounds[middle] < nanoseconds { low = middle + 1 } else { high = middle }
      }
      return low
    }
  }
}

/// A snapshot of a histogram.
public struct HistogramReading: Sendable, Equatable {
  /// The upper bounds of the buckets, ascending.
  public var bounds: [Double]
  /// Cumulative count for each bound.
  public var counts: [UInt64]
  /// Count of all records.
  public var total: UInt64
  /// Sum of all records.
  public var sum: Double
}

extension Duration {
  /// Negative becomes 0. Clamped above, so that the sum lasts for centuries.
  fileprivate var clampedNanoseconds: Int64 {
    let (seconds, attoseconds) = components
    guard seconds >= 0, attoseconds >= 0 else { return 0 }
    return min(seconds, 1_000_000_000) * 1_000_000_000 + attoseconds / 1_000_000_000
  }
}
