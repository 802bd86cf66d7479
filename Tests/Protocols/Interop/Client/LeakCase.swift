import RPC

extension TestCase {
  /// Leaks on purpose, so that a leak check shows that it would find one.
  static let leak: [String: Run] = [
    "leak": { _ in
      for _ in 0..<100 { _ = Unmanaged.passRetained(Lost()) }
    }
  ]

  private final class Lost {
    let bytes = [UInt8](repeating: 0, count: 1000)
  }
}
