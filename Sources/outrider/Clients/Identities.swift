import ArgumentParser
import EventModel
import JSON
import Timing

/// An aggregate as printed, `DOMAIN/UUID`, or its root alone.
struct AggregateName: ExpressibleByArgument, Equatable {
  /// Nil: given by another argument.
  let domain: Name?
  let root: Root

  /// The domain is all before the last slash.
  init?(argument: String) {
    guard let slash = argument.lastIndex(of: "/") else {
      guard let root = Root(argument) else { return nil }
      (domain, self.root) = (nil, root)
      return
    }
    let name = Name(String(argument[..<slash]))
    guard !name.isEmpty, let root = Root(String(argument[argument.index(after: slash)...])) else {
      return nil
    }
    (domain, self.root) = (name, root)
  }

  /// The whole name. The domain may be in either place, or equal in both.
  func cover(in domain: Name?) throws(Failure) -> Cover {
    guard let name = domain ?? self.domain else {
      throw Failure(.usage, "the domain is missing: give DOMAIN/\(root)")
    }
    guard self.domain == nil || self.domain == name else {
      throw Failure(.usage, "two domains are named: \(name) and \(self.domain ?? "")")
    }
    return Cover(domain: name, root: root)
  }
}

/// A name on the command line: any text.
extension Name: ExpressibleByArgument {
  public init?(argument: String) { self.init(argument) }
}

/// One aggregate, as one argument or two.
struct AggregateArguments: ParsableArguments {
  @Argument(help: "The aggregate's domain; or the aggregate, as DOMAIN/UUID.")
  var domain: Name

  @Argument(help: "The aggregate's root, a UUID.")
  var root: AggregateName?

  /// True if only a domain is named.
  var isDomainAlone: Bool { root == nil && AggregateName(argument: domain.text) == nil }

  func cover() throws(Failure) -> Cover {
    if let root { return try root.cover(in: domain) }
    guard let name = AggregateName(argument: domain.text) else {
      throw Failure(.usage, "the aggregate's root is missing: give DOMAIN ROOT or DOMAIN/ROOT")
    }
    return try name.cover(in: nil)
  }
}

/// A new root that sorts after earlier ones.
func newRoot() -> Root {
  var random = Environment.live.generator
  return .timeOrdered(at: Environment.live.now(), using: &random)
}

/// A position as printed: its number, or PARTITION:NUMBER.
extension Position: ExpressibleByArgument {
  public init?(argument: String) {
    let parts = argument.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count <= 2, let number = UInt64(parts[parts.count - 1]) else { return nil }
    guard parts.count == 2 else {
      self.init(number: number)
      return
    }
    guard let partition = UInt32(parts[0]) else { return nil }
    self.init(partition: partition, number: number)
  }
}
