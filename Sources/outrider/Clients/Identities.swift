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

/// A place in a log, as it is printed: its number, or PARTITION:NUMBER.
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
