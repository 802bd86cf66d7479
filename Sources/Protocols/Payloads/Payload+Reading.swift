import EventModel
import Wire

extension Payload {
  /// Decodes an `Any`; one that is malformed becomes bytes without a type.
  public init(leniently any: Bytes) {
    self = (try? Payload(wireBytes: any)) ?? Payload(typeURL: "", value: any)
  }

  public init(leniently page: EventPage) {
    self = (try? Payload(pageBody: page.body)) ?? Payload(typeURL: "", value: page.body)
  }
}
