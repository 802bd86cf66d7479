import ArgumentParser
import EventModel

/// An aggregate's root on the command line: a UUID.
extension Root: ExpressibleByArgument {
  public init?(argument: String) { self.init(argument) }
}

/// A name on the command line: any text.
extension Name: ExpressibleByArgument {
  public init?(argument: String) { self.init(argument) }
}

/// A new root, that sorts behind those made before.
func newRoot() -> Root {
  var random = SystemRandomNumberGenerator()
  return .timeOrdered(at: .now, using: &random)
}
