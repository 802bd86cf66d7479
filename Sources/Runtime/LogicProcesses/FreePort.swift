import Glibc
import SidecarConfiguration

extension Endpoint {
  /// The address with this port, if its own port is 0.
  func withPort(_ port: Int) -> Endpoint {
    guard case .tcp(let host, port: 0) = self else { return self }
    return .tcp(host: host, port: port)
  }

  /// Two different free ports, for a program that must be told one. Another program may take them
  /// in between.
  static func twoFreePorts() throws(SpawnError) -> (Int, Int) {
    // Holds both until both are known.
    let (first, second) = (try heldPort(), try heldPort())
    return withExtendedLifetime((first, second)) { (first.port, second.port) }
  }

  private static func heldPort() throws(SpawnError) -> (port: Int, socket: Descriptor) {
    let number = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    guard number >= 0 else { throw SpawnError(program: "socket", code: errno) }
    let descriptor = Descriptor(owning: number)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = INADDR_LOOPBACK.bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let code = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
        let code = bind(descriptor.number, pointer, length)
        return code == 0 ? getsockname(descriptor.number, pointer, &length) : code
      }
    }
    guard code == 0 else { throw SpawnError(program: "bind", code: errno) }
    return (Int(UInt16(bigEndian: address.sin_port)), descriptor)
  }
}

extension SagaConfiguration {
  /// Chooses a free port for a program to start, if its address is missing or has port 0. Does
  /// nothing without a program.
  public mutating func chooseAddress() throws(SpawnError) {
    guard !logicCommand.isEmpty else { return }
    let (port, _) = try Endpoint.twoFreePorts()
    logicAddress = (logicAddress ?? .tcp(host: "127.0.0.1", port: 0)).withPort(port)
  }
}

extension DomainConfiguration {
  /// Chooses a free port for a program to start, and another for the projectors, where an address
  /// is missing or has port 0. Does nothing without a program.
  public mutating func chooseAddresses() throws(SpawnError) {
    guard !logicCommand.isEmpty else { return }
    let anyPort = Endpoint.tcp(host: "127.0.0.1", port: 0)
    let (logicPort, projectorPort) = try Endpoint.twoFreePorts()
    var logic = logicAddress ?? LogicAddress(anyPort)
    logic.endpoint = logic.endpoint.withPort(logicPort)
    logicAddress = logic
    for index in projectors.indices {
      projectors[index].logicAddress =
        (projectors[index].logicAddress ?? anyPort).withPort(projectorPort)
    }
  }
}
