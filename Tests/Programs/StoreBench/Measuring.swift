import EventModel
import Glibc

/// Time and CPU since it was made.
struct Stopwatch {
  private let start = ContinuousClock.now
  private let cpu = Self.cpuSeconds()

  /// Events per second, and CPU microseconds of this whole process for each.
  func read(count: Int) -> (rate: Double, cpu: Double) {
    let seconds = (ContinuousClock.now - start) / .seconds(1)
    return (Double(count) / seconds, (Self.cpuSeconds() - cpu) / Double(count) * 1e6)
  }

  func report(_ name: String, _ inFlight: Int, count: Int, _ latencies: [Duration]) {
    let (rate, cpu) = read(count: count)
    let sorted = latencies.sorted()
    func quantile(_ share: Double) -> String {
      text(sorted[min(sorted.count - 1, Int(Double(sorted.count) * share))] / .milliseconds(1))
    }
    let numbers = [
      "\(inFlight)", "\(Int(rate))", text(cpu), quantile(0.5), quantile(0.99), quantile(1),
    ]
    let widths = [29 - name.utf8.count, 11, 8, 8, 8, 8]
    let columns = zip(numbers, widths).map { number, width in
      String(repeating: " ", count: max(1, width - number.utf8.count)) + number
    }
    print(name + columns.joined())
  }

  private static func cpuSeconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }
}

/// With two digits behind the point.
func text(_ number: Double) -> String {
  let hundredths = Int((number * 100).rounded())
  let fraction = hundredths % 100
  return "\(hundredths / 100).\(fraction < 10 ? "0" : "")\(fraction)"
}

extension Commit {
  /// One event with a payload of 100 bytes, of an aggregate that is new.
  static func sample() -> Commit {
    var random = SystemRandomNumberGenerator()
    let time = Timestamp(seconds: 1_700_000_000, nanoseconds: 123_456_789)
    var pages = PageBlock(emptyAt: .first)
    let body: Bytes = [4 << 3 | 2, 100] + Bytes(repeating: 7, count: 100)
    pages.append(EventPage(sequence: .first, createdAt: time, body: body))
    return Commit(
      cover: Cover(domain: "bench", root: .random(using: &random)), id: .random(using: &random),
      pages: pages, createdAt: time)
  }
}

/// Removes a directory without directories in it.
func remove(_ directory: String) {
  guard let stream = opendir(directory) else { return }
  while let entry = readdir(stream) {
    let name = withUnsafePointer(to: &entry.pointee.d_name) { name in
      name.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
    }
    unlink("\(directory)/\(name)")
  }
  closedir(stream)
  rmdir(directory)
}
