import Logging
import OutriderTesting
import Testing

@testable import CallSecurity
@testable import SidecarConfiguration

@Suite struct ExposureTests {
  @Test(arguments: ["127.0.0.1", "127.8.8.8", "localhost", "::1"])
  func loopbackIsOpen(_ host: String) throws {
    let configuration = try resolve(flags: ["host": host, "security.strict": "true"])
    #expect(configuration.exposures.isEmpty)
    #expect(throws: Never.self) { try Security(configuration, Logger(label: "test")) }
  }

  @Test func openServerIsWarnedOf() throws {
    let exposures = try resolve(flags: ["host": "0.0.0.0"]).exposures
    #expect(exposures.count == 2)
    #expect(exposures.first?.contains("tls.client-authorities") == true)
  }

  @Test func tokensWithoutTLSCanBeRead() throws {
    let exposures = try resolve(flags: ["host": "0.0.0.0", "tokens.keys": "k"]).exposures
    #expect(exposures.count == 1)
    #expect(exposures.first?.contains("tls.certificate") == true)
  }

  @Test func encryptedServerThatAsksNobodyIsOpen() throws {
    let exposures = try resolve(
      flags: ["host": "0.0.0.0", "tls.certificate": "c", "tls.key": "k"]
    ).exposures
    #expect(exposures.count == 1)
    #expect(exposures.first?.contains("everything") == true)
  }

  @Test func strictSecurityRefusesToStart() throws {
    let configuration = try resolve(flags: ["host": "0.0.0.0", "security.strict": "true"])
    let error = #expect(throws: SidecarError.self) {
      try Security(configuration, Logger(label: "test"))
    }
    #expect(error?.description.contains("strict security forbids") == true)
  }

  @Test func whatSagasSendMayBeReadOnItsWay() throws {
    let saga = "sagas:\n  - name: ship\n"
    let route = "routes:\n  - domain: stock\n    address: \"stock.shop:1313\"\n"
    #expect(try resolve(yaml: saga).exposures.isEmpty)
    #expect(try resolve(yaml: route).exposures.isEmpty)
    let exposures = try resolve(yaml: saga + route).exposures
    #expect(exposures.count == 1)
    #expect(exposures.first?.contains("the sidecar at stock.shop:1313") == true)
    let logic = try resolve(yaml: saga + "    logic: {address: \"saga.shop:1739\"}\n").exposures
    #expect(logic.first?.contains("the logic at saga.shop:1739") == true)
  }

  @Test func metricsBeyondThisMachineAreAnExposure() throws {
    func exposures(_ flags: [String: String]) throws -> [String] {
      try resolve(flags: flags.merging(["metrics.listen": "0.0.0.0:9464"]) { $1 }).exposures
    }
    let tls = ["tls.certificate": "c", "tls.key": "k"]
    #expect(try exposures([:]).first?.contains("0.0.0.0:9464 may read the metrics") == true)
    #expect(try exposures(tls.merging(["tokens.keys": "k"]) { $1 }).count == 1)
    #expect(try exposures(tls.merging(["tls.client-authorities": "ca"]) { $1 }).isEmpty)
    for local in ["127.0.0.1:9464", "localhost:9464", "[::1]:9464"] {
      #expect(try resolve(flags: ["metrics.listen": local]).exposures.isEmpty)
    }
  }

  @Test(arguments: [
    ["logic.address": "logic.shop:1737"], ["projector.address": "10.0.0.1:1738"],
    ["logic.address": "http://logic.shop/functions", "logic.style": "functions"],
    ["projector.coordinator": "projector:1315", "projector.synchronous": "true"],
    ["store": "mongodb://db.shop/bank"], ["store": "mongodb://localhost,db.shop/bank"],
    ["store": "mongodb://db.shop/bank?tls=false"],
    ["store": "mongodb+srv://db.shop/bank?ssl=false"],
    ["store": "mongodb://db.shop/bank?tls=true&tlsInsecure=true"],
  ])
  func whatGoesToAnotherMachineInTheClearIsAnExposure(_ flags: [String: String]) throws {
    let configuration = try resolve(flags: flags.merging(["security.strict": "true"]) { $1 })
    #expect(configuration.exposures.count == 1)
    #expect(configuration.exposures.first?.contains("there is no TLS") == true)
    #expect(throws: SidecarError.self) { try Security(configuration, Logger(label: "test")) }
  }

  @Test(arguments: [
    ["logic.address": "unix:/run/logic"], ["projector.address": "[::1]:1738"],
    ["logic.address": "https://logic.shop/functions", "logic.style": "functions"],
    ["logic.address": "http://127.0.0.1:1737", "logic.style": "functions"],
    ["projector.address": "10.0.0.1:1738", "projector.enabled": "false"],
    ["projector.coordinator": "projector:1315"],
    ["projector.coordinator": "p:1", "projector.synchronous": "true", "tls.peer-authorities": "c"],
    ["store": "mongodb://127.0.0.1:27017,[::1]:1/bank"],
    ["store": "mongodb://%2Frun%2Fdb.sock/bank"],
    ["store": "mongodb://ann:pw@db.shop/bank?w=1&tls=true"],
    ["store": "mongodb+srv://db.shop/bank"],
  ])
  func whatStaysHereOrIsSecuredIsNoExposure(_ flags: [String: String]) throws {
    #expect(try resolve(flags: flags).exposures.isEmpty)
  }

  @Test func fileThatIsNotThereIsNamed() throws {
    let tokens = try resolve(flags: ["tokens.keys": "/nowhere/keys.json"])
    let error = #expect(throws: SidecarError.self) {
      try Security(tokens, Logger(label: "test"))
    }
    #expect(error?.description.contains("/nowhere/keys.json") == true)
    let tls = try resolve(flags: ["tls.certificate": "/nowhere/c.pem", "tls.key": "/nowhere/k"])
    let other = #expect(throws: SidecarError.self) { try Security(tls, Logger(label: "test")) }
    #expect(other?.description.contains("/nowhere/c.pem") == true)
  }
}
