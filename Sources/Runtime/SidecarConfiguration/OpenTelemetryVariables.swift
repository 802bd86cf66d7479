import Encodings
import RPC

/// Trace settings from OpenTelemetry's own variables (OpenTelemetry, *Environment Variable
/// Specification* and *OTLP Exporter Configuration*).
///
/// An empty variable counts as unset. An invalid one is ignored with a warning, as the
/// specification demands.
struct OpenTelemetryVariables {
  /// Values of settings, by their keys.
  private(set) var settings: [(key: String, variable: String, text: String)] = []
  private(set) var headers = Metadata()
  private(set) var resource: [ResourceAttribute] = []
  private(set) var warnings: [String] = []
  private let environment: [String: String]

  init(_ environment: [String: String]) {
    self.environment = environment.filter { $0.key.hasPrefix("OTEL_") && !$0.value.isEmpty }
    guard self["OTEL_SDK_DISABLED"]?.lowercased() != "true" else { return }
    readResource()
    if self["OTEL_TRACES_EXPORTER"] != "none" {
      readExporter()
      readSampler()
    }
  }

  private subscript(variable: String) -> String? { environment[variable] }

  private mutating func set(_ key: String, to text: String, by variable: String) {
    settings.append((key, variable, text))
  }

  mutating func warn(_ variable: String, _ what: String) { warnings.append("\(variable) \(what)") }

  /// `service.name` has a variable of its own, which wins.
  private mutating func readResource() {
    let variable = "OTEL_RESOURCE_ATTRIBUTES"
    for (name, value) in list(in: variable) ?? [] {
      if name == "service.name" {
        set("traces.service-name", to: value, by: variable)
      } else {
        resource.removeAll { $0.name == name }
        resource.append(ResourceAttribute(name: name, value: value))
      }
    }
    if let name = self["OTEL_SERVICE_NAME"] {
      set("traces.service-name", to: name, by: "OTEL_SERVICE_NAME")
    }
  }

  private mutating func readExporter() {
    if let (variable, form) = exporting("PROTOCOL"), form != "grpc" {
      return warn(
        variable,
        "is \(quoted(form)), and spans leave by grpc alone: OTEL_ variables name no collector then")
    }
    if let (variable, text) = exporting("ENDPOINT") {
      set("traces.endpoint", to: text, by: variable)
    }
    guard let (variable, _) = exporting("HEADERS"), let pairs = list(in: variable) else { return }
    var headers = Metadata()
    for (name, value) in pairs {
      let name = name.lowercased()
      guard Metadata.isName(name), value.utf8.allSatisfy({ (0x20...0x7e).contains($0) }) else {
        return warn(variable, "is left out: \(quoted(name)) is not a header")
      }
      headers.append(name, value)
    }
    self.headers = headers
  }

  /// A variable for traces wins over the general one.
  private func exporting(_ what: String) -> (variable: String, text: String)? {
    for variable in ["OTEL_EXPORTER_OTLP_TRACES_\(what)", "OTEL_EXPORTER_OTLP_\(what)"] {
      if let text = self[variable] { return (variable, text) }
    }
    return nil
  }

  /// A caller's flag always wins, as with every sampler whose name begins with `parentbased_`.
  private mutating func readSampler() {
    let variable = "OTEL_TRACES_SAMPLER"
    guard let sampler = self[variable] else { return }
    let prefix = "parentbased_"
    switch sampler.hasPrefix(prefix) ? String(sampler.dropFirst(prefix.count)) : sampler {
    case "always_on": set("traces.sample", to: "1", by: variable)
    case "always_off": set("traces.sample", to: "0", by: variable)
    case "traceidratio":
      guard let ratio = self["OTEL_TRACES_SAMPLER_ARG"] else { break }
      set("traces.sample", to: ratio, by: "OTEL_TRACES_SAMPLER_ARG")
    default: warn(variable, "is left out: no sampler is called \(quoted(sampler)) here")
    }
  }

  /// Parses `NAME=VALUE,NAME=VALUE`, values percent-encoded. One error discards the whole list.
  /// The contents may be secret.
  private mutating func list(in variable: String) -> [(name: String, value: String)]? {
    guard let text = self[variable] else { return nil }
    var pairs: [(name: String, value: String)] = []
    for entry in text.split(separator: ",") {
      let parts = entry.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard parts.count == 2, let name = URIEncoding.decode(trimmed(parts[0])), !name.isEmpty,
        let value = URIEncoding.decode(trimmed(parts[1]))
      else {
        warn(variable, "is left out: it must be NAME=VALUE,NAME=VALUE, with %XX for commas")
        return nil
      }
      pairs.append((name, value))
    }
    return pairs
  }

  private func trimmed(_ text: Substring) -> Substring {
    var text = text.drop { $0 == " " }
    while text.last == " " { text.removeLast() }
    return text
  }
}

/// An attribute of the process that spans carry.
public struct ResourceAttribute: Sendable, Equatable {
  public var name: String
  public var value: String
}
