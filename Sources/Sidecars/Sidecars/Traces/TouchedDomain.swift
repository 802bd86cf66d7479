import EventModel
import RPC
import Tracing

extension Name {
  /// Notes that the current call accesses this domain, for its log line and span.
  func noteTouched() {
    CallNotes.current?.note("domain", text)
    Span.current?.set("outrider.domain", text)
  }
}
