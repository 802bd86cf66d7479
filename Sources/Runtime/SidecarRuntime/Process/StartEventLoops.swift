import RPCTransport
import SidecarConfiguration
import Threads

extension EventLoops {
  /// Starts this many threads, until `shutdown`. Throws where the system does not give them, which
  /// NIO takes for a broken invariant.
  public static func starting(threads count: Int) throws(SidecarError) -> EventLoops {
    do throws(ThreadFailure) { try requireThreads(count) } catch {
      throw SidecarError("\(error)")
    }
    return EventLoops(threads: count)
  }
}
