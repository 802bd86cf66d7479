/// Writes metrics in Prometheus's text format, version 0.0.4
/// (prometheus.io/docs/instrumenting/exposition_formats).
public struct Exposition {
  public static let contentType = "text/plain; version=0.0.4; charset=utf-8"

  public enum Kind: String, Sendable {
    case counter, gauge, histogram
  }

  public private(set) var text = ""

  public init() {}

  /// Adds all samples of one name. Each name has one family; its samples differ in their labels. A
  /// family without samples is left out.
  ///
  /// - Parameters:
  ///   - name: `[a-zA-Z_:][a-zA-Z0-9_:]*`, with the unit; a counter's ends with `_total`.
  ///   - help: the description, for people.
  public mutating func family(
    _ name: String, _ kind: Kind, _ help: String, _ body: (inout MetricFamily) -> Void
  ) {
    var family = MetricFamily(name: name)
    body(&family)
    guard !family.text.isEmpty else { return }
    text += "# HELP \(name) \(escaped(help, quotes: false))\n# TYPE \(name) \(kind.rawValue)\n"
    text += family.text
  }
}

/// The samples of one name.
public struct MetricFamily {
  /// Written in this order. A name is `[a-zA-Z_][a-zA-Z0-9_]*`, a value any text.
  public typealias Labels = KeyValuePairs<String, String>

  let name: String
  fileprivate(set) var text = ""

  /// Adds an integer sample.
  public mutating func add(_ value: UInt64, _ labels: Labels = [:]) {
    line("", braced(written(labels)), String(value))
  }

  /// Adds a sample in seconds: a duration or a point in time.
  public mutating func add(seconds: Double, _ labels: Labels = [:]) { add(real: seconds, labels) }

  /// Adds a sample that need not be whole.
  public mutating func add(real value: Double, _ labels: Labels = [:]) {
    line("", braced(written(labels)), written(value))
  }

  /// Adds a histogram's buckets, sum and count.
  public mutating func add(_ reading: HistogramReading, _ labels: Labels = [:]) {
    let labels = written(labels)
    let separator = labels.isEmpty ? "" : ","
    func bucket(_ bound: String) -> String { "{\(labels)\(separator)le=\"\(bound)\"}" }
    for (bound, count) in zip(reading.bounds, reading.counts) {
      line("_bucket", bucket(written(bound)), String(count))
    }
    line("_bucket", bucket("+Inf"), String(reading.total))
    line("_sum", braced(labels), written(reading.sum))
    line("_count", braced(labels), String(reading.total))
  }

  private mutating func line(_ suffix: String, _ labels: String, _ value: String) {
    text += "\(name)\(suffix)\(labels) \(value)\n"
  }
}

private func braced(_ labels: String) -> String { labels.isEmpty ? "" : "{\(labels)}" }

private func written(_ labels: MetricFamily.Labels) -> String {
  labels.map { "\($0.key)=\"\(escaped($0.value, quotes: true))\"" }.joined(separator: ",")
}

private func written(_ value: Double) -> String {
  Int64(exactly: value).map(String.init) ?? value.description
}

private func escaped(_ text: String, quotes: Bool) -> String {
  var escaped = ""
  for character in text.unicodeScalars {
    switch character {
    case "\\": escaped += "\\\\"
    case "\n": escaped += "\\n"
    case "\"" where quotes: escaped += "\\\""
    default: escaped.unicodeScalars.append(character)
    }
  }
  return escaped
}
