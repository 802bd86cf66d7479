import EventModel
import EventSourcing
import JSON

/// The `destination` header of a SUBSCRIBE, a JSON object.
struct Destination: Equatable, Sendable {
  /// The most entity types of one subscription; each needs its own call to the query-handler.
  static let entityTypesMax = 64

  var subscriber: SubscriberName
  /// The wanted event types of each entity type.
  var wanted: [EntityType: Set<Name>]
  /// Whether progress outlives the connection.
  var isDurable = true
  /// Where a new subscription begins.
  var start = SubscriptionRegistry.Start.beginning
  /// Whether to notify the client once it has all events that existed at the start.
  var notifiesProgress = false

  /// Accepts options nested, as Java clients send them, or at the top, as Node clients do.
  /// Ignores unknown option values, since clients have sent such.
  init(_ header: String) throws(EventuateFailure) {
    let fields: JSONFields
    do { fields = try JSONFields(parsing: Array(header.utf8)) } catch {
      throw .malformed("destination: \(error.message)")
    }
    let space = try fields.text("space") ?? EntityType.defaultSpace
    subscriber = try SubscriberName(try fields.requiredText("subscriberId"), in: space)
    wanted = try Self.wanted(in: fields, space)
    let options = [try fields.object("options"), fields].compactMap(\.self)
    func option(_ name: String) -> JSONValue? { options.lazy.compactMap { $0[name] }.first }
    isDurable = option("durability") != "TRANSIENT"
    if option("readFrom") == "END" { start = .head }
    notifiesProgress = option("progressNotifications") == true
  }

  private static func wanted(
    in fields: JSONFields, _ space: String
  ) throws(EventuateFailure) -> [EntityType: Set<Name>] {
    _ = try fields.required("entityTypesAndEvents")
    guard let types = try fields.object("entityTypesAndEvents") else { return [:] }
    guard (1...entityTypesMax).contains(types.members.count) else {
      throw .malformed(
        "entityTypesAndEvents must name 1 to \(entityTypesMax) entity types, got "
          + "\(types.members.count)")
    }
    var wanted: [EntityType: Set<Name>] = [:]
    for member in types.members {
      var events: Set<Name> = []
      for event in try types.list(member.name) {
        guard case .string(let event) = event else {
          throw .malformed(
            "\(types.path(member.name)) must hold names of events, got \(event.kind)")
        }
        events.insert(Name(event))
      }
      wanted[try EntityType(member.name, in: space)] = events
    }
    return wanted
  }
}
