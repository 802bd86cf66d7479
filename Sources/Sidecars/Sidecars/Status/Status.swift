import RPC
import Wire

extension Service {
  /// `outrider.v1.Status`, on every port.
  ///
  /// - Parameter status: gathers the state of this process, without findings.
  public static func status(
    beyond limits: StatusLimits, _ status: @escaping @Sendable () async -> OutriderV1.ProcessStatus
  ) -> Service {
    Service(
      "outrider.v1.Status",
      [
        "Get": .unary { request, _ in
          try await answering {
            _ = try OutriderV1.GetStatusRequest(wireBytes: request)
            var answer = await status().within(DomainScope.current)
            answer.findings = answer.findings(beyond: limits)
            return answer.wireBytes
          }
        }
      ])
  }
}

extension OutriderV1.ProcessStatus {
  /// The status without domains that the caller may not access.
  package func within(_ scope: DomainScope) -> Self {
    var status = self
    status.followers.removeAll { !scope.contains($0.domain) }
    status.histories.removeAll { !scope.contains($0.domain) }
    return status
  }
}
