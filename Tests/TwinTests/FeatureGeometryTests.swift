import Formats
import TestSupport
import Testing
import Twin

@Suite("Where a feature pixel lies on the stimulus")
struct FeatureGeometryTests {
  @Test("The trained twin's feature map lies where its gradients do")
  func trainedTwin() throws {
    let checkpoint = try Checkpoint(path: Fixtures.path("twin/twin.ckpt"))
    let architecture = try TwinArchitecture(
      configuration: try #require(checkpoint.configuration), source: checkpoint)
    let size = try architecture.featureSize(input: [1, 18, 25, 25], head: 1)
    #expect(size == (4, 4))
    let geometry = try #require(
      FeatureGeometry(
        architecture: architecture, source: checkpoint, head: 1, features: size, stimulus: (height: 25, width: 25)))
    // Centroids of the squared gradient of each feature row's output on natural frames, worked out in PyTorch.
    let measured = [-2.98, -0.76, 1.24, 2.84]
    for (row, place) in measured.enumerated() {
      let own = geometry.centerY + (Double(row) - 1.5) * geometry.stepY
      #expect(abs(own - place) < 0.4, "row \(row): \(own) px for \(place) px")
    }
  }

}
