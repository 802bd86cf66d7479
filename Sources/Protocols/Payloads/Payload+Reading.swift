import EventModel
import Wire

extension Payload {
  /// Reads an `Any`; one that cannot be read is shown as bytes of no type.
  public init(leniently any: Bytes) {
    self = (try? Payload(wireBytes: any)) ?? Payload(typeURL: "", value: any)
  }

  public init(leniently page: EventPage) {
    self = (try? Payload(pageBody: page.body)) ?? Payload(typeURL: "", value: page.body)
  }
}
