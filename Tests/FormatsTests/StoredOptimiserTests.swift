import Formats
import TestSupport
import Testing

@Suite("The optimiser's state in a checkpoint")
struct StoredOptimiserTests {
  @Test("Groups, steps and moments of twin.ckpt; parameters without a gradient have none")
  func twin() throws {
    let checkpoint = try Checkpoint(path: Fixtures.path("twin/twin.ckpt"))
    let state = try #require(try StoredOptimiser(checkpoint))
    #expect(state.groups.map(\.parameters.count) == [1, 13, 5, 15])
    #expect(state.groups.flatMap(\.parameters) == Array(0..<34))
    #expect(state.moments(of: 0)?.steps == 4250)
    #expect(state.moments(of: 17)?.first.info.shape == [24, 16, 1, 1] && state.moments(of: 17)?.steps == 2134)
    #expect(state.moments(of: 2) == nil && state.moments(of: 34) == nil)
    let square = try state.tensor(try #require(state.moments(of: 0)).second)
    #expect(
      square.shape == [32, 8, 1, 1, 1] && square.values.allSatisfy { $0 >= 0 } && square.values.contains { $0 > 0 })
  }
}
