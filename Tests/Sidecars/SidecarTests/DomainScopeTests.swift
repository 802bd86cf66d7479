import EventModel
import RPC
import Sidecars
import Testing

@Suite struct DomainScopeTests {
  private struct Foreign: Authority {}

  private func refused(_ domain: Name, with authority: (any Authority)?) -> RPCStatus.Code? {
    Admission.$authority.withValue(authority) {
      do throws(RPCStatus) {
        try DomainScope.require(domain)
        return nil
      } catch {
        return error.code
      }
    }
  }

  @Test func callIsHeldToTheDomainsOfItsAuthority() {
    #expect(refused("order", with: DomainScope.only(["order"])) == nil)
    #expect(refused("cart", with: DomainScope.only(["order"])) == .permissionDenied)
    #expect(refused("cart", with: DomainScope.all) == nil)
  }

  @Test func callWithoutAnAuthorityAccessesEverything() {
    #expect(refused("cart", with: nil) == nil)
  }

  @Test func authorityOfAnotherKindAllowsNothing() {
    #expect(refused("cart", with: Foreign()) == .permissionDenied)
  }
}
