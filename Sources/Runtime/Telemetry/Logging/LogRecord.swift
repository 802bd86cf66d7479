import EventModel
import JSON
import Logging

/// One thing to be logged, complete, before it is written in any form.
struct LogRecord: Sendable {
  var time: Timestamp
  var level: Logger.Level
  /// Which part of the program speaks.
  var label: String
  var message: String
  /// In alphabetical order.
  var metadata: [(key: String, value: Logger.MetadataValue)]

  /// Nil for a clock that stands outside the years 1 to 9999.
  var moment: RFC3339? { RFC3339(seconds: time.seconds, nanoseconds: time.nanoseconds) }
}
