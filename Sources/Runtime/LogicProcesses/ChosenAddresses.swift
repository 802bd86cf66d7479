import SidecarConfiguration

extension DomainConfiguration {
  /// Gives a program that is to be started a free port of its own, and another one for the
  /// projectors, where no address was said or any port will do. Without a program, nothing changes.
  public mutating func chooseAddresses() throws(SpawnError) {
    guard !logicCommand.isEmpty else { return }
    let anyPort = Endpoint.tcp(host: "127.0.0.1", port: 0)
    let (logicPort, projectorPort) = try Endpoint.twoFreePorts()
    logicAddress = (logicAddress ?? anyPort).withPort(logicPort)
    for index in projectors.indices {
      projectors[index].logicAddress =
        (projectors[index].logicAddress ?? anyPort).withPort(projectorPort)
    }
  }
}
