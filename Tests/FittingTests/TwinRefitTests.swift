import Base
import Fitting
import Formats
import Foundation
import Layers
import Recordings
import TestSupport
import Testing
import Twin

/// A recording that the fixtures' core has never seen, through the adapter of its first head.
@Suite struct TwinRefitTests {
  @Test("A refit reaches the training loss that the core allows") func reachesTheTrainingLossThatTheCoreAllows() throws
  {
    let checkpoint = try Checkpoint(path: Fixtures.path("twin/twin.ckpt"))
    let network = try TwinNetwork(
      architecture: TwinArchitecture(configuration: try #require(checkpoint.configuration), source: checkpoint),
      source: checkpoint)
    let dataset = try DictDataset(path: Fixtures.path("twin/Nova_2025-02-03/backimage.dset"))
    let stimulus = try Stimulus(
      name: "backimage", source: dataset, metadata: dataset.metadata,
      configuration: try RecordingConfiguration(
        parent: try YAMLDocument.read(path: Fixtures.path("twin/multi_sim_120_all.yaml")),
        session: try YAMLDocument.read(path: Fixtures.path("twin/sessions/Nova_2025-02-03.yaml")),
        sessionName: "Nova_2025-02-03"))
    let train = try stimulus.validFrames(.train)
    let features = try network.coreFeatures(
      TwinInput(stimulus: stimulus.windows(frames: train)), head: 0)
    let counts = try stimulus.counts().gathering(rows: train)
    let mask = try stimulus.mask().gathering(rows: train)

    let readouts = try ReadoutRefit.fit(
      features: FeatureArray(features), counts: counts, mask: mask, trainRows: Array(train.indices), valRows: [])

    var loss = 0.0
    var bins = 0.0
    for (cell, readout) in readouts.enumerated() {
      let weights = mask.column(cell).map(Double.init)
      let valid = weights.reduce(0, +)
      let mean = zip(weights, counts.column(cell)).reduce(0) { $0 + $1.0 * Double($1.1) } / valid
      #expect(readout.nllTrain < mean - mean * log(mean + 1e-8), "cell \(cell) against its constant rate")
      #expect(readout.converged && readout.reason == nil)
      loss += readout.nllTrain * valid
      bins += valid
    }
    // 0.2630 when this was written; 0.2665 is asked for.
    #expect(loss / bins < 0.2635)

    // The twin's own readout, given these numbers, has the loss that was reported.
    let own = GaussianReadout(readouts)
    let pixels = features.shape[2] * features.shape[3]
    let masks = own.masks(height: features.shape[2], width: features.shape[3])
    for (cell, readout) in readouts.enumerated() {
      var sum = 0.0
      var bins = 0.0
      for row in train.indices where mask.values[row * readouts.count + cell] > 0 {
        var preActivation = Double(readout.bias)
        for (channel, weight) in readout.features.enumerated() {
          let start = (row * features.shape[1] + channel) * pixels
          for pixel in 0..<pixels {
            preActivation += Double(weight * masks[cell * pixels + pixel] * features.values[start + pixel])
          }
        }
        sum += PoissonLikelihood.loss(
          rate: Softplus.value(preActivation), count: Double(counts.values[row * readouts.count + cell]))
        bins += 1
      }
      // Masks in float32 against float64.
      #expect(abs(sum / bins - readout.nllTrain) < 1e-5, "cell \(cell)")
    }
  }
}
