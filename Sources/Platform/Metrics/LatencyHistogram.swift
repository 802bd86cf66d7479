import Synchronization

/// How long things took: how many of them fell into each bucket, and their sum. Any thread may
/// record, without a lock.
public struct LatencyHistogram: ~Copyable, Sendable {
  /// The upper bounds of the buckets, in seconds (gRPC, proposal A66, Latency). What took longer
  /// than the last is counted behind it.
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

  /// What was recorded so far; nil if nothing was. What is recorded at the same time is counted or
  /// not.
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

  /// The first bucket whose bound is not below.
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

/// What a histogram held at one moment.
public struct HistogramReading: Sendable, Equatable {
  /// The upper bounds of the buckets, ascending.
  public var bounds: [Double]
  /// How many were recorded up to each bound, those of the buckets below among them.
  public var counts: [UInt64]
  /// How many were recorded at all.
  public var total: UInt64
  /// Of all that was recorded.
  public var sum: Double
}

extension Duration {
  /// Nothing less than none, and nothing above what holds the sum of a few centuries.
  fileprivate var clampedNanoseconds: Int64 {
    let (seconds, attoseconds) = components
    guard seconds >= 0, attoseconds >= 0 else { return 0 }
    return min(seconds, 1_000_000_000) * 1_000_000_000 + attoseconds / 1_000_000_000
  }
}
