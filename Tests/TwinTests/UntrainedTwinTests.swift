import Base
import Formats
import TestSupport
import Testing
import Twin

@Suite("Untrained twins")
struct UntrainedTwinTests {
  @Test("Names, order, shapes and element types are those of VisionCore's checkpoints", arguments: ZooCase.withNumbers)
  func layout(_ zoo: ZooCase) throws {
    let stored = try zoo.checkpoint()
    let twin = try UntrainedTwin(configuration: zoo.configuration(), heads: zoo.heads(), seed: 1)
    #expect(twin.tensors.map(\.name) == stored.arrayNames)
    for tensor in twin.tensors {
      let info = try #require(stored.info(tensor.name))
      #expect(tensor.shape == info.shape, "\(tensor.name)")
      if case .int64 = tensor.values { #expect(info.scalar == .int64) } else { #expect(info.scalar.isFloatingPoint) }
    }
  }
}
