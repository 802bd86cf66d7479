import Testing

@testable import SidecarConfiguration

/// Where a configuration stands, as flags and variables say it.
@Suite struct ConfigurationLocationTests {
  @Test(arguments: [
    ("consul://consul/outrider/bank", "consul://consul:8500/outrider/bank"),
    ("consul://127.0.0.1:18500/a", "consul://127.0.0.1:18500/a"),
    ("consul://[::1]/a/b", "consul://[::1]:8500/a/b"),
    ("consul://[::1]:1/a/b", "consul://[::1]:1/a/b"),
    ("consul+tls://consul/a", "consul+tls://consul:8501/a"),
    ("outrider.yaml", "outrider.yaml"), ("./consul/a.yaml", "./consul/a.yaml"),
    ("consul", "consul"),
  ])
  func locationIsReadAndShown(_ text: String, _ shown: String) {
    #expect(ConfigurationLocation(text)?.description == shown)
    #expect(ConfigurationLocation(shown)?.description == shown)
  }

  @Test(arguments: [
    "consul:", "consul://", "consul:///a", "consul://host", "consul://host/", "consul://host//a",
    "consul://host/a/", "consul://host/a//b", "consul://host/../a", "consul://host/a/.",
    "consul://host/a?dc=x", "consul://host/a#b", "consul://host/a%2Fb", "consul://host/a b",
    "consul://host/ä", "consul://host/a\n", "consul://host:0/a", "consul://host:65536/a",
    "consul://host:x/a", "consul://:8500/a", "consul://me:secret@host/a", "consul://ho st/a",
    "consul+tls://", "consul:host/a", "consul://host/\(String(repeating: "a", count: 513))",
  ])
  func whatIsNoKeyIsRefused(_ text: String) {
    #expect(ConfigurationLocation(text) == nil)
    #expect(throws: ConfigurationError.self) {
      try ConfigurationLocation.choose(flag: text, environment: [:])
    }
  }

  private func choice(
    flag: String? = nil, _ environment: [String: String]
  ) throws -> String? {
    try ConfigurationLocation.choose(flag: flag, environment: environment)?.location.description
  }

  private let evented = [
    "CONFIG_MGMT_TYPE": "consul", "CONSUL_HOST": "consul:18500", "CONSUL_KEY": "outrider/bank",
  ]

  @Test func flagWinsOverVariablesAndOutridersOverEventeds() throws {
    let both = evented.merging(["OUTRIDER_CONFIG": "b.yaml"]) { $1 }
    #expect(try choice(flag: "a.yaml", both) == "a.yaml")
    #expect(try choice(both) == "b.yaml")
    #expect(try choice(evented) == "consul://consul:18500/outrider/bank")
    #expect(try choice(["OUTRIDER_CONFIG": "consul://c/k"]) == "consul://c:8500/k")
  }

  @Test func eventedsVariablesHaveDefaults() throws {
    var environment = evented
    environment["CONSUL_HOST"] = nil
    environment["CONSUL_KEY"] = "/a/b"
    #expect(try choice(environment) == "consul://127.0.0.1:8500/a/b")
    for (value, scheme) in [("true", "consul+tls"), ("1", "consul+tls"), ("0", "consul")] {
      environment["CONSUL_HTTP_SSL"] = value
      #expect(try choice(environment)?.hasPrefix("\(scheme)://127.0.0.1:850") == true)
    }
    environment["CONFIG_MGMT_TYPE"] = ""
    #expect(try choice(environment) == nil)
  }

  @Test(arguments: [
    ("CONFIG_MGMT_TYPE", "etcd", "allowed: consul"),
    ("CONSUL_KEY", "", "allowed: a key, such as outrider/bank"),
    ("CONSUL_KEY", "a//b", "allowed: a key, such as outrider/bank"),
    ("CONSUL_HOST", "http://consul", "allowed: HOST or HOST:PORT"),
    ("CONSUL_HOST", "consul/a", "allowed: HOST or HOST:PORT"),
    ("CONSUL_HOST", "consul:x", "allowed: HOST or HOST:PORT"),
    ("CONSUL_HTTP_SSL", "yes", "allowed: true or false"),
  ])
  func mistakeInEventedsVariablesIsNamed(_ name: String, _ value: String, _ allowed: String) {
    let environment = evented.merging([name: value]) { $1 }
    let error = #expect(throws: ConfigurationError.self) {
      try ConfigurationLocation.choose(flag: nil, environment: environment)
    }
    #expect(
      error?.description
        == "config (environment variable \(name)): \"\(value)\" is refused; \(allowed)")
  }

  @Test func mistakesNameTheKeyAndTheLine() throws {
    var sources = ConfigurationSources()
    let location = try #require(ConfigurationLocation("consul://consul/outrider/bank"))
    sources.file = ConfigurationFile(at: location, bytes: Array("host: a\nthreads: x\n".utf8))
    let error = #expect(throws: ConfigurationError.self) { try sources.resolve() }
    #expect(
      error?.description.hasPrefix(
        "threads (consul://consul:8500/outrider/bank:2): \"x\" is refused")
        == true)
  }

  @Test func agentOnTheNetworkWithoutTLSIsAnExposure() throws {
    for (text, isExposed) in [
      ("consul://consul/a", true), ("consul+tls://consul/a", false),
      ("consul://127.0.0.1/a", false),
    ] {
      var sources = ConfigurationSources()
      let location = try #require(ConfigurationLocation(text))
      sources.file = ConfigurationFile(at: location, bytes: [])
      let exposures = try sources.resolve().exposures
      #expect(exposures.contains { $0.contains("the Consul agent at consul:8500") } == isExposed)
    }
  }
}
