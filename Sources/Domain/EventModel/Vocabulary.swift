import Names
import Timing

/// Whoever uses domain values can name things.
public typealias Name = Names.Name

/// And say when they happened.
public typealias Timestamp = Timing.Timestamp

extension Name {
  /// True for Outrider's own domains, whose names begin with `$`. No client writes to them.
  public var isInternal: Bool { utf8.first == UInt8(ascii: "$") }

  /// The internal domain of the commands that were dispatched to a domain.
  public static func commands(of domain: Name) -> Name { Name("\(commandsPrefix)\(domain)") }

  /// The domain whose dispatched commands are kept in this one; nil for any other name.
  public var domainOfCommands: Name? {
    guard hasPrefix(Self.commandsPrefix) else { return nil }
    return Name(String(text.dropFirst(Self.commandsPrefix.text.count)))
  }

  private static let commandsPrefix: Name = "$commands."

  /// The internal domain in which a saga's instances are kept.
  public static func saga(_ name: Name) -> Name { Name("\(sagaPrefix)\(name)") }

  /// The saga whose instances are kept in this domain; nil for any other name.
  public var sagaOfDomain: Name? {
    guard hasPrefix(Self.sagaPrefix) else { return nil }
    return Name(String(text.dropFirst(Self.sagaPrefix.text.count)))
  }

  private static let sagaPrefix: Name = "$saga."

  /// The internal domain in which the versions of a domain's schema are registered.
  public static func schemas(of domain: Name) -> Name { Name("\(schemasPrefix)\(domain)") }

  /// The domain whose schema is registered in this one; nil for any other name.
  public var domainOfSchemas: Name? {
    guard hasPrefix(Self.schemasPrefix) else { return nil }
    return Name(String(text.dropFirst(Self.schemasPrefix.text.count)))
  }

  private static let schemasPrefix: Name = "$schemas."
}

/// Bytes whose meaning this layer does not look at.
public typealias Bytes = [UInt8]
