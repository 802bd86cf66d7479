import EventModel
import JSON
import Logging

/// One complete log entry, before formatting.
struct LogRecord: Sendable {
  var time: Timestamp
  var level: Logger.Level
  /// The part of the program that logs.
  var label: String
  var message: String
  /// In alphabetical order.
  var metadata: [(key: String, value: Logger.MetadataValue)]

  /// Nil if the clock is outside the years 1 to 9999.
  var moment: RFC3339? { RFC3339(seconds: time.seconds, nanoseconds: time.nanoseconds) }
}
