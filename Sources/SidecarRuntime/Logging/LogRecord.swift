import EventModel
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
}
