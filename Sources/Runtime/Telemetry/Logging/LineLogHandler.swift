import EventModel
import Logging

/// Formats each record as one line for a sink.
struct LineLogHandler: LogHandler {
  let label: String
  /// Makes the line.
  let format: @Sendable (LogRecord) -> String
  let now: @Sendable () -> Timestamp
  let sink: @Sendable (String) -> Void

  private let sharedLevel: SharedLogLevel
  /// Overrides the shared level; nil: not set.
  private var ownLevel: Logger.Level?
  var metadata: Logger.Metadata = [:]
  var metadataProvider: Logger.MetadataProvider?

  init(
    label: String, format: @escaping @Sendable (LogRecord) -> String,
    now: @escaping @Sendable () -> Timestamp, sink: @escaping @Sendable (String) -> Void,
    sharedLevel: SharedLogLevel = SharedLogLevel(.info)
  ) {
    self.label = label
    self.format = format
    self.now = now
    self.sink = sink
    self.sharedLevel = sharedLevel
  }

  var logLevel: Logger.Level {
    get { ownLevel ?? sharedLevel.current }
    set { ownLevel = newValue }
  }

  subscript(metadataKey key: String) -> Logger.MetadataValue? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  /// Metadata of the call win over the task's, and these over the logger's own.
  func log(event: LogEvent) {
    var merged = metadata
    if let provided = metadataProvider?.get() { merged.merge(provided) { _, new in new } }
    if let error = event.error { merged["error"] = "\(error)" }
    if let own = event.metadata { merged.merge(own) { _, new in new } }
    let record = LogRecord(
      time: now(), level: event.level, label: label, message: event.message.description,
      metadata: merged.sorted { $0.key < $1.key }.map { (key: $0.key, value: $0.value) })
    sink(format(record))
  }
}
