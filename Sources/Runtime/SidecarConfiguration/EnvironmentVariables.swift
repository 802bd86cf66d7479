import Encodings

extension ConfigurationSources {
  /// The variable with the location of the configuration.
  public static let fileVariable = "OUTRIDER_CONFIG"
  /// Evented's variable that names the configuration's system.
  public static let managementVariable = "CONFIG_MGMT_TYPE"
  /// The variable with the deployment that client commands call.
  public static let contextVariable = "OUTRIDER_CONTEXT"

  /// True if variables name the location of the configuration.
  public static func nameLocation(_ environment: [String: String]) -> Bool {
    environment[fileVariable] != nil || environment[managementVariable]?.isEmpty == false
  }

  /// Variables that look like Outrider's but are unknown: a mistyped name must not go unnoticed.
  func unknownVariables() -> [ConfigurationError.Problem] {
    let known = Set(
      Setting.all.filter { !$0.isList }.map(\.variable) + [Self.fileVariable, Self.contextVariable])
    return environment.keys.sorted().compactMap { name in
      guard name.hasPrefix(Setting<Configuration>.variablePrefix), !known.contains(name),
        !name.hasPrefix("OUTRIDER_TEST_"),
        !isKubernetesServiceLink(name, value: environment[name] ?? "")
      else { return nil }
      return .unknown(name, at: .variable(name), known: known.sorted())
    }
  }

  /// Kubernetes adds the addresses of every service of a namespace to each container. Those of a
  /// service called `outrider` or `outrider-…` are not settings.
  /// https://kubernetes.io/docs/concepts/services-networking/service/#environment-variables
  private func isKubernetesServiceLink(_ name: String, value: String) -> Bool {
    if name.hasSuffix("_SERVICE_HOST") || name.hasSuffix("_SERVICE_PORT") { return true }
    if name.contains("_SERVICE_PORT_") { return true }
    // `OUTRIDER_PORT=tcp://10.0.0.11:1313`, `OUTRIDER_PORT_1313_TCP_ADDR=10.0.0.11`
    if name.hasSuffix("_PORT"), value.contains("://") { return true }
    let words = name.split(separator: "_")
    return words.indices.dropLast(2).contains { index in
      words[index] == "PORT" && Int(digits: words[index + 1].utf8) != nil
        && ["TCP", "UDP", "SCTP"].contains(words[index + 2])
    }
  }
}
