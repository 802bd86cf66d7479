/// What is asked before every call of the channel that it is put on, and told how it ended: to add
/// metadata, log, measure, or trace.
public protocol ClientInterceptor: Sendable {
  /// A call is about to be made: its options may be changed, or it is refused by throwing. What is
  /// returned hears once how the call ended; nil if that is of no interest.
  func begin(
    _ method: Method, _ options: inout CallOptions
  ) async throws(RPCStatus) -> (@Sendable (RPCStatus) -> Void)?
}

/// A channel whose calls go through interceptors: the first is asked first, and told last.
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

  /// The options to call with, and who hears of the call's end; nil: nobody does.
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
