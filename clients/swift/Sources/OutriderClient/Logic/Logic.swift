internal import Logging
package import RPC

/// What a team writes and `serve` offers to the sidecars: an `Aggregate`, a `Projector`, or a
/// `Saga`.
public protocol Logic: Sendable {
  /// Where it is served, and which calls it answers. `Aggregate`, `Projector` and `Saga` have it.
  static var served: ServedLogic { get }
}

/// Where the logic of a role is served, and what it answers.
public struct ServedLogic: Sendable {
  typealias Answer = @Sendable ([UInt8]) throws -> [UInt8]

  /// The environment variable by which `outrider run` tells the address that it chose.
  let variable: String
  /// Where a sidecar looks by default.
  let address: String
  package let services: [RPC.Service]
}

extension Aggregate {
  /// Both styles; which one is called is the domain's setting, `logic.style`.
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
  /// Refusals reach the caller as they are. Anything else is the program's failure: INTERNAL, and
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
