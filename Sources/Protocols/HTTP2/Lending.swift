/// Calls with an object that nghttp2 points back to. It is lent: others hold it for as long as a
/// callback takes, and references that every callback counts add up, to a tenth of a call.
@inline(__always)
func lend<Object: AnyObject, Result>(
  _ pointer: UnsafeMutableRawPointer?, _ body: (Object) -> Result
) -> Result {
  guard let pointer else {
    preconditionFailure("nghttp2 always hands back the pointer that it was given")
  }
  return Unmanaged<Object>.fromOpaque(pointer)._withUnsafeGuaranteedRef(body)
}
