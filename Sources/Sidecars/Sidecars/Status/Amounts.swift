// Formats amounts for people, in findings and screens.

/// With tenths below ten seconds.
public func seconds(_ duration: Duration) -> String {
  let tenths =
    duration.components.seconds * 10
    + duration.components.attoseconds / 100_000_000_000_000_000
  return tenths < 100 ? "\(tenths / 10).\(tenths % 10) s" : "\(tenths / 10) s"
}

/// In the largest unit that gives two or more.
public func rough(_ duration: Duration) -> String {
  let seconds = duration.components.seconds
  let units: [(String, Int64)] = [("days", 86_400), ("hours", 3600), ("minutes", 60)]
  for (name, length) in units where seconds >= 2 * length { return "\(seconds / length) \(name)" }
  return "\(seconds) seconds"
}

/// In the largest binary unit that gives one or more.
public func bytes(_ count: UInt64) -> String {
  let units: [(String, UInt64)] = [("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)]
  for (name, size) in units where count >= size {
    let tenths = count / (size / 10)
    return tenths < 100 ? "\(tenths / 10).\(tenths % 10) \(name)" : "\(count / size) \(name)"
  }
  return "\(count) bytes"
}

extension Duration {
  /// The absolute value.
  public var magnitude: Duration { self < .zero ? .zero - self : self }
}
