/// Runs before each call on a channel, and hears how the call ended. Adds metadata, logs, measures
/// or traces.
public protocol ClientInterceptor: Sendable {
  /// Called before a call: may change its options, or refuse it by throwing. The returned closure
  /// is called once with the call's status; nil: not called.
  func begin(
    _ method: Method, _ options: inout CallOptions
  ) async throws(RPCStatus) -> (@Sendable (RPCStatus) -> Void)?
}

/// A channel with interceptors: the first runs outermost.
public struct InterceptedChannel: RPCChannel {
  private let channel: any RPCChannel
  private let interceptors: [any ClientInterceptor]

  public init(_ channel: any RPCChannel, _ interceptors: [any ClientInterceptor]) {
    self.channel = channel
    self.interceptors = interceptors
  }

  public func unary(
    _ method: Method, _ request: Message, _ options: CallOptions
  ) async throws(RPCStatus) -> Message {
    let (options, end) = try await begin(method, options)
    do throws(RPCStatus) {
      let response = try await channel.unary(method, request, options)
      end?.happen(.ok)
      return response
    } catch {
      end?.happen(error)
      throw error
    }
  }

  public func stream(
    _ method: Method, _ options: CallOptions
  ) async throws(RPCStatus) -> ClientCall {
    let (options, end) = try await begin(method, options)
    do throws(RPCStatus) {
      let call = try await channel.stream(method, options)
      return end.map { ClientCall(ObservedCall(call, $0)) } ?? call
    } catch {
      end?.happen(error)
      throw error
    }
  }

  public func close() async { await channel.close() }

  /// The options of the call, and the closure for its end, if any.
  private func begin(
    _ method: Method, _ options: CallOptions
  ) async throws(RPCStatus) -> (CallOptions, CallEnd?) {
    var options = options
    var observers: [@Sendable (RPCStatus) -> Void] = []
    for interceptor in interceptors {
      do throws(RPCStatus) {
        if let observer = try await interceptor.begin(method, &options) {
          observers.append(observer)
        }
      } catch {
        CallEnd(observers).happen(error)
        throw error
      }
    }
    return (options, observers.isEmpty ? nil : CallEnd(observers))
  }
}
