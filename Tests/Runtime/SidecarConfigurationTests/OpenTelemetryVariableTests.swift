import OutriderTesting
import RPC
import Testing

@testable import SidecarConfiguration

@Suite struct OpenTelemetryVariableTests {
  private let endpoint = ["OTEL_EXPORTER_OTLP_ENDPOINT": "http://localhost:4317/"]

  private func resolved(
    _ environment: [String: String], yaml: String? = nil
  ) throws -> Configuration { try resolve(environment: environment, yaml: yaml) }

  @Test func everyVariableIsHeeded() throws {
    let configuration = try resolved([
      "OTEL_EXPORTER_OTLP_ENDPOINT": "https://collector:4317",
      "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc",
      "OTEL_EXPORTER_OTLP_HEADERS": "X-Key=a%2Cb, tenant = blue",
      "OTEL_SERVICE_NAME": "bank",
      "OTEL_RESOURCE_ATTRIBUTES": "service.name=other,deployment.environment=test%20one,a=1,a=2",
      "OTEL_TRACES_SAMPLER": "parentbased_traceidratio",
      "OTEL_TRACES_SAMPLER_ARG": "0.25",
      "OTEL_SDK_DISABLED": "false",
    ])
    let traces = configuration.traces
    #expect(traces.endpoint?.description == "https://collector:4317")
    #expect(traces.headers == ["x-key": "a,b", "tenant": "blue"])
    #expect(traces.serviceName == "bank")
    #expect(
      traces.resource == [
        ResourceAttribute(name: "deployment.environment", value: "test one"),
        ResourceAttribute(name: "a", value: "2"),
      ])
    #expect(traces.sample == 0.25)
    #expect(configuration.warnings.isEmpty)
  }

  @Test func ownSettingsWinWhereverTheyAre() throws {
    let variables = endpoint.merging(["OTEL_SERVICE_NAME": "theirs"]) { $1 }
    let ofFile = try resolved(
      variables, yaml: "traces:\n  endpoint: http://127.0.0.1:1\n  service-name: ours")
    #expect(ofFile.traces.endpoint?.description == "http://127.0.0.1:1")
    #expect(ofFile.traces.serviceName == "ours")
    let ofVariable = try resolved(
      variables.merging(["OUTRIDER_TRACES_SERVICE_NAME": "ours"]) { $1 })
    #expect(ofVariable.traces.serviceName == "ours")
    #expect(ofVariable.traces.endpoint?.description == "http://localhost:4317")
  }

  @Test func whatIsSaidOfTracesAloneWins() throws {
    let configuration = try resolved([
      "OTEL_EXPORTER_OTLP_ENDPOINT": "http://localhost:1",
      "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://localhost:2",
      "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf",
      "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL": "grpc",
      "OTEL_EXPORTER_OTLP_HEADERS": "a=1",
      "OTEL_EXPORTER_OTLP_TRACES_HEADERS": "b=2",
    ])
    #expect(configuration.traces.endpoint?.description == "http://localhost:2")
    #expect(configuration.traces.headers == ["b": "2"])
    #expect(configuration.warnings.isEmpty)
  }

  @Test(arguments: [
    ("always_on", 1), ("always_off", 0), ("parentbased_always_on", 1),
    ("parentbased_always_off", 0), ("traceidratio", 0.5), ("parentbased_traceidratio", 0.5),
  ])
  func samplersAreRates(_ sampler: String, _ rate: Double) throws {
    let configuration = try resolved([
      "OTEL_TRACES_SAMPLER": sampler, "OTEL_TRACES_SAMPLER_ARG": "0.5",
    ])
    #expect(configuration.traces.sample == rate)
    #expect(configuration.warnings.isEmpty)
  }

  @Test(arguments: [
    ["OTEL_SDK_DISABLED": "True"], ["OTEL_TRACES_EXPORTER": "none"],
  ])
  func tracesCanBeOff(_ off: [String: String]) throws {
    let configuration = try resolved(endpoint.merging(off) { $1 })
    #expect(configuration.traces.endpoint == nil)
    #expect(configuration.warnings.isEmpty)
  }

  @Test func emptyIsUnset() throws {
    let configuration = try resolved([
      "OTEL_EXPORTER_OTLP_ENDPOINT": "", "OTEL_TRACES_SAMPLER": "", "OTEL_SERVICE_NAME": "",
    ])
    #expect(configuration == (try resolve()))
  }

  @Test(arguments: [
    ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf", #"is "http/protobuf", and"#),
    ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://kim:secret@collector", "http://kim:***@collector"),
    ("OTEL_EXPORTER_OTLP_HEADERS", "key", "NAME=VALUE"),
    ("OTEL_EXPORTER_OTLP_HEADERS", "a key=1", #""a key" is not a header"#),
    ("OTEL_EXPORTER_OTLP_HEADERS", "key=%0A", #""key" is not a header"#),
    ("OTEL_RESOURCE_ATTRIBUTES", "a=%zz", "NAME=VALUE"),
    ("OTEL_TRACES_SAMPLER", "jaeger_remote", #"no sampler is called "jaeger_remote""#),
  ])
  func whatIsNotUnderstoodIsLeftOutAndTold(
    _ variable: String, _ value: String, _ told: String
  ) throws {
    let configuration = try resolved([variable: value])
    #expect(configuration.traces == Configuration.Traces())
    #expect(configuration.warnings.count == 1)
    let warning = try #require(configuration.warnings.first)
    #expect(warning.hasPrefix("\(variable) "))
    #expect(warning.contains(told))
  }

  @Test func ratioThatIsNoneIsToldAndIsOne() throws {
    let configuration = try resolved([
      "OTEL_TRACES_SAMPLER": "traceidratio", "OTEL_TRACES_SAMPLER_ARG": "2",
    ])
    #expect(configuration.traces.sample == 1)
    #expect(configuration.warnings.map { $0.contains("OTEL_TRACES_SAMPLER_ARG") } == [true])
  }

  @Test func aCollectorOfAnotherProtocolIsNotTakenButOurOwnIs() throws {
    let variables = endpoint.merging(["OTEL_EXPORTER_OTLP_PROTOCOL": "http/json"]) { $1 }
    #expect(try resolved(variables).traces.endpoint == nil)
    let ours = try resolved(variables, yaml: "traces:\n  endpoint: http://127.0.0.1:1")
    #expect(ours.traces.endpoint?.description == "http://127.0.0.1:1")
  }

  @Test func headersDoNotCrossTheNetworkInTheClear() throws {
    let headers = ["OTEL_EXPORTER_OTLP_HEADERS": "key=secret"]
    let clear = try resolved(headers, yaml: "traces:\n  endpoint: http://collector")
    #expect(clear.traces.headers.isEmpty)
    #expect(clear.warnings.count == 1)
    #expect(!clear.warnings[0].contains("secret"))
    let secure = try resolved(headers, yaml: "traces:\n  endpoint: https://collector")
    #expect(secure.traces.headers == ["key": "secret"])
  }

  @Test func theVariableIsToldAsTheSource() throws {
    var sources = ConfigurationSources()
    sources.environment = endpoint
    let setting = try #require(
      try sources.effectiveSettings().first { $0.key == "traces.endpoint" })
    #expect(setting.value == "http://localhost:4317")
    #expect(setting.source == .variable("OTEL_EXPORTER_OTLP_ENDPOINT"))
  }
}
