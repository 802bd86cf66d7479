import Names
import Timing

/// Re-exported, so that users of domain values need not import `Names`.
public typealias Name = Names.Name

/// Re-exported, so that users of domain values need not import `Timing`.
public typealias Timestamp = Timing.Timestamp

extension Name {
  /// True for Outrider's own domains, whose names begin with `$`. No client writes to them.
  public var isInternal: Bool { utf8.first == UInt8(ascii: "$") }

  /// The internal domain that holds the commands dispatched to a domain.
  public static func commands(of domain: Name) -> Name { Name("\(commandsPrefix)\(domain)") }

  /// The domain whose dispatched commands this internal domain holds; nil for any other name.
  public var domainOfCommands: Name? { after(Self.commandsPrefix) }

  private static let commandsPrefix: Name = "$commands."

  /// The internal domain that holds a saga's instances.
  public static func saga(_ name: Name) -> Name { Name("\(sagaPrefix)\(name)") }

  /// The saga whose instances this domain holds; nil for any other name.
  public var sagaOfDomain: Name? { after(Self.sagaPrefix) }

  private static let sagaPrefix: Name = "$saga."

  /// The internal domain that holds the versions of a domain's schema.
  public static func schemas(of domain: Name) -> Name { Name("\(schemasPrefix)\(domain)") }

  /// The domain whose schema versions this domain holds; nil for any other name.
  public var domainOfSchemas: Name? { after(Self.schemasPrefix) }

  private static let schemasPrefix: Name = "$schemas."
}

/// Bytes that this layer does not interpret.
public typealias Bytes = [UInt8]
