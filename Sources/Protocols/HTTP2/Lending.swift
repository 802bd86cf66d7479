/// Borrows without retaining: retain and release cost 10 % of a call. The session keeps the object
/// alive for the callback.
@inline(__always)
func lend<Object: AnyObject, Result>(
  _ pointer: UnsafeMutableRawPointer?, _ body: (Object) -> Result
) -> Result {
  guard let pointer else {
    preconditionFailure("nghttp2 always hands back the pointer that it was given")
  }
  return Unmanaged<Object>.fromOpaque(pointer)._withUnsafeGuaranteedRef(body)
}
