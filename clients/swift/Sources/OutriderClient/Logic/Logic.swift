internal import Logging
package import RPC

/// Logic that `serve` offers to the sidecars: an `Aggregate`, a `Projector`, or a `Saga`.
public protocol Logic: Sendable {
  /// Its address and calls. `Aggregate`, `Projector` and `Saga` define it.
  static var served: ServedLogic { get }
}

/// The address and calls of a role's logic.
public struct ServedLogic: Sendable {
  typealias Answer = @Sendable ([UInt8]) throws -> [UInt8]

  /// The environment variable in which `outrider run` passes the chosen address.
  let variable: String
  /// The address that a sidecar calls by default.
  let address: String
  package let services: [RPC.Service]
}

extension Aggregate {
  /// Serves both styles; the domain's setting `logic.style` selects the one called.
  public static var served: ServedLogic {
    ServedLogic(
      variable: "OUTRIDER_LOGIC_ADDRESS", address: "127.0.0.1:1737",
      services: [
        Service("evented.BusinessLogic", ["Handle": answering(decide)]),
        Service("outrider.v1.Entity", ["Handle": answering(handle), "Apply": answering(apply)]),
      ])
  }
}

extension Projector {
  public static var served: ServedLogic {
    ServedLogic(
      variable: "OUTRIDER_PROJECTOR_ADDRESS", address: "127.0.0.1:1738",
      services: [Service("evented.Projector", ["HandleSync": answering(project)])])
  }
}

extension Saga {
  public static var served: ServedLogic {
    ServedLogic(
      variable: "OUTRIDER_SAGA_ADDRESS", address: "127.0.0.1:1739",
      services: [Service("outrider.v1.Saga", ["React": answering(react)])])
  }
}

extension Logic {
  /// Refusals reach the caller unchanged. Any other error is a bug of the program: INTERNAL, and
  /// logged.
  fileprivate static func answering(_ answer: @escaping ServedLogic.Answer) -> Handler {
    .unary { request, _ in
      do { return try answer(request) } catch let refusal as Refused where refusal.code != .ok {
        throw RPCStatus(refusal.code, refusal.message)
      } catch {
        let reason = "\(Self.self): \(type(of: error)): \(error)"
        Logger(label: "outrider").error("\(reason)")
        throw RPCStatus(.internal, reason)
      }
    }
  }
}
