import EventModel
import RPC
import Tracing

extension Name {
  /// Says that the call under way touches this domain, to whoever logs or traces it.
  func noteTouched() {
    CallNotes.current?.note(domain: self)
    Span.current?.set("outrider.domain", text)
  }
}
