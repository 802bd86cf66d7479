/// Size limits of fields that Outrider stores itself. A larger field is refused by name. (Payloads
/// and whole messages are limited on receipt.)
public enum FieldLimits {
  /// `Cover.domain`, in bytes of UTF-8.
  public static let domainByteCount = 255
  /// A name of a root, in bytes of UTF-8.
  public static let rootNameByteCount = 255
  /// `CommandBook.command_id` and `EventBook.command_id`, in bytes of UTF-8.
  public static let commandIDByteCount = 255
  /// `CommandBook.correlation` and `EventBook.correlation`, in bytes of UTF-8.
  public static let correlationByteCount = 255
  /// Cause and headers of a book together, in bytes on the wire.
  public static let annotationsByteCount = 16 << 10
  /// `CommandPage.entity` and `EventPage.entity`, in bytes of UTF-8.
  public static let entityByteCount = 255
  /// `SagaTimer.name`, in bytes of UTF-8.
  public static let timerNameByteCount = 255
  /// `SubscriptionBegin.name`, in bytes of UTF-8.
  public static let subscriptionByteCount = 128
  /// `SubscriptionBegin.domains`, in domains.
  public static let subscribedDomains = 32
  /// `SubscriptionBegin.event_types`, in types.
  public static let subscribedTypes = 256
  /// `SubscriptionBegin.lanes`, of each partition.
  public static let subscriptionLanes = 64
  /// `SettleDeadLettersRequest.ids`, in letters.
  public static let letterCount = 1000
  /// Memory of one message while protobuf-c has it unpacked, in bytes.
  public static let unpackedByteCount = 64 << 20
}
