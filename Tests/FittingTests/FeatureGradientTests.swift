import Base
import Fitting
import Formats
import Foundation
import Layers
import Recordings
import TestSupport
import Testing
import Training
import Twin

@Suite("The gradient of readouts' loss by what is in front of the core")
struct FeatureGradientTests {
  @Test("Through the core's features it is that of the whole twin in evaluation") func throughFeatures() throws {
    let checkpoint = try Checkpoint(path: Fixtures.path("twin/twin.ckpt"))
    let architecture = try TwinArchitecture(
      configuration: try #require(checkpoint.configuration), source: checkpoint)
    let dataset = try DictDataset(path: Fixtures.path("twin/Sim_2025-01-17/backimage.dset"))
    let stimulus = try Stimulus(
      name: "backimage", source: dataset, metadata: dataset.metadata,
      configuration: try RecordingConfiguration(
        parent: try YAMLDocument.read(path: Fixtures.path("twin/multi_sim_120_all.yaml")),
        session: try YAMLDocument.read(path: Fixtures.path("twin/sessions/Sim_2025-01-17.yaml")),
        sessionName: "Sim_2025-01-17"))
    let frames = Array(try stimulus.validFrames(.train).prefix(20))
    let input = TwinInput(stimulus: try stimulus.windows(frames: frames))
    let (counts, mask) = (
      try stimulus.counts().gathering(rows: frames), try stimulus.mask().gathering(rows: frames)
    )
    let names = try TwinNetwork(architecture: architecture, source: checkpoint, heads: [1])
      .movableAdapterNames(head: 1)
    #expect(!names.isEmpty && names.allSatisfy { $0.hasPrefix("adapters.1.") && !$0.hasSuffix("log_sigma") })
    let twin = try TrainableTwin(
      architecture: architecture, source: checkpoint, heads: [1], trained: Set(names), reachesInputs: false)
    let poisson = try MaskedPoisson(counts: counts, mask: mask)
    let whole = try twin.gradients(input, head: 1, mode: .eval) { try poisson($0) }

    let objective = ReadoutRefit.objective(
      counts, mask, rows: Array(frames.indices),
      features: FeatureArray(
        try TwinNetwork(architecture: architecture, source: checkpoint, heads: [1]).coreFeatures(input, head: 1)),
      model: ReadoutModel())
    let readouts = CellReadout.cells(of: try GaussianReadout(stored: checkpoint, head: 1))
    let items = readouts.enumerated().map {
      ReadoutObjective.Item(cell: $0.offset, parameters: ReadoutParameters($0.element))
    }
    let bins = Double(mask.values.reduce(0, +)) * (mask.shape[1] == 1 ? Double(counts.shape[1]) : 1)
    let parts = try twin.coreGradients(input, head: 1) { samples, features in
      objective.featureGradient(
        items, factors: items.map { _ in 1 / bins }, features: features, rows: Array(samples))
    }
    for name in names {
      let (a, b) = (try #require(whole.parameters[name]), try #require(parts[name]))
      #expect(a.shape == b.shape && a.values.contains { $0 != 0 })
      for (a, b) in zip(a.values, b.values) { #expect(abs(a - b) < 1e-3 * max(abs(a), 1e-3)) }
    }
  }
}
