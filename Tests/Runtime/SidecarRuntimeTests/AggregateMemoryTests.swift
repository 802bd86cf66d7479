import EventSourcing
import SidecarConfiguration
import Testing

@testable import SidecarRuntime

/// `limit.cache-size` bounds the process, whatever it has to remember.
@Suite struct AggregateMemoryTests {
  private func bytes(
    _ cacheSize: Int, _ roles: Set<Role>, sagas: Int = 0
  ) -> (aggregates: Int, instances: Int) {
    var configuration = Configuration()
    configuration.limit.cacheSize = cacheSize
    configuration.sagas = (0..<sagas).map { number in
      var saga = SagaConfiguration()
      saga.name = "saga-\(number)"
      return saga
    }
    let memory = configuration.memory(
      withInstances: LocalRoles(Composition.types(of: roles)).needs.contains(.instances))
    return (memory.aggregates.bytesMax, memory.instances.bytesMax)
  }

  @Test func aggregatesHaveAllOfItWhereNoInstancesAreKept() {
    #expect(bytes(64 << 20, [.commandHandler]) == (64 << 20, 0))
    #expect(bytes(64 << 20, [.commandHandler], sagas: 1) == (64 << 20, 0))
    #expect(bytes(64 << 20, [.commandHandler, .saga]) == (64 << 20, 0))
  }

  @Test(arguments: [0, 1, 3, 1 << 20, 64 << 20, 1 << 30])
  func sagasShareAQuarterAndNoMoreThanTheirBound(cacheSize: Int) {
    let (aggregates, instances) = bytes(cacheSize, [.commandHandler, .saga], sagas: 1000)
    #expect(aggregates + instances == cacheSize)
    #expect(instances == min(cacheSize / 4, 8 << 20))
  }
}
