import Base
import Fitting
import Formats
import Foundation
import Layers
import Recordings
import TestSupport
import Testing
import Twin

/// Losses, weights and readout gradients of a minibatch as PyTorch has them.
@Suite(.enabled(if: Fixtures.hasShared)) struct TrainReferenceTests {
  private let reference: NpzArchive
  private let stimulus: Stimulus
  private let readouts: [CellReadout]
  private let gradients: LossGradients
  private let twin: TrainableTwin
  private let input: TwinInput

  init() throws {
    reference = try NpzArchive(path: Fixtures.shared("twin/train_reference.npz"))
    let session = "Sim_2025-01-10"
    let dataset = try DictDataset(path: Fixtures.shared("twin/\(session)/backimage.dset"))
    stimulus = try Stimulus(
      name: "backimage", source: dataset, metadata: dataset.metadata,
      configuration: try RecordingConfiguration(
        parent: try YAMLDocument.read(path: Fixtures.path("twin/multi_sim_120_all.yaml")),
        session: try YAMLDocument.read(path: Fixtures.path("twin/sessions/\(session).yaml")), sessionName: session))
    let checkpoint = try Checkpoint(path: Fixtures.path("twin/twin.ckpt"))
    let architecture = try TwinArchitecture(
      configuration: try #require(checkpoint.configuration), source: checkpoint)
    let network = try TwinNetwork(architecture: architecture, source: checkpoint, heads: [0])
    twin = try TrainableTwin(architecture: architecture, source: ParameterStore(checkpoint), heads: [0])
    readouts = CellReadout.cells(of: try GaussianReadout(stored: checkpoint, head: 0))
    input = TwinInput(stimulus: try stimulus.windows(frames: reference.integers("idx")))
    let features = try network.coreFeatures(input, head: 0)
    gradients = try LossGradients(
      features: FeatureArray(features), counts: reference.tensor("robs"), mask: reference.tensor("dfs"),
      readouts: readouts)
  }

  @Test("Weights are those of the masked mean counts in training") func weightsAreThoseOfTheMaskedMeanCountsInTraining()
    throws
  {
    let train = try stimulus.validFrames(.train)
    let counts = try stimulus.counts().gathering(rows: train)
    let mask = try stimulus.mask().gathering(rows: train)
    let means = readouts.indices.map { cell -> Double in
      let pairs = zip(mask.column(cell), counts.column(cell)).map { (Double($0), Double($1)) }
      return pairs.reduce(0) { $0 + $1.0 * $1.1 } / pairs.reduce(0) { $0 + $1.0 }
    }
    let (counted, weights) = (try reference.doubles("mean_count_train"), try reference.doubles("inv_rate_weights"))
    try #require(!means.isEmpty && counted.count == means.count && weights.count == means.count)
    for (ours, theirs) in zip(means, counted) { #expect(abs(ours - theirs) < 1e-9) }
    for (ours, theirs) in zip(InverseRateWeights.of(means), weights) {
      #expect(abs((ours ?? 0) - theirs) < 1e-9)
    }
  }

  @Test("Losses are those of the minibatch", arguments: ["plain", "invrate"]) func lossesAreThoseOfTheMinibatch(
    kind: String
  ) throws {
    let weights = try weights(kind)
    let loss = zip(gradients.cells, weights).reduce(0) { $0 + $1.0.loss * $1.1 }
    // Rates in float32 by another order of sums.
    #expect(abs(loss - (try reference.doubles("\(kind)/loss")[0])) < 1e-6)
  }

  @Test("The readouts' gradients are those of the minibatch", arguments: ["plain", "invrate"])
  func readoutsGradientsAreThoseOfTheMinibatch(kind: String) throws {
    let weights = try weights(kind)
    let channels = readouts[0].features.count
    // Where the numbers of one cell's gradient stand: name, place in it, numbers a cell.
    for (name, place, width) in [
      ("features.weight", 0, channels), ("bias", channels, 1), ("mean", channels + 1, 2), ("std", channels + 3, 2),
      ("theta", channels + 5, 1),
    ] {
      let theirs = try reference.tensor("\(kind)/grad/readouts.0.\(name)").values
      let ours = gradients.cells.indices.flatMap { cell in
        gradients.cells[cell].readout[place..<place + width].map { Float($0 * weights[cell]) }
      }
      try #require(ours.count == theirs.count)
      let peak = theirs.reduce(0) { max($0, abs($1)) }
      let difference = zip(ours, theirs).reduce(0) { max($0, abs($1.0 - $1.1)) }
      // Single entries of float32 lose digits to cancellation (SEMANTICS 20).
      #expect(difference < 2e-4 * peak, "\(name)")
    }
  }

  @Test("Gradients of the whole twin are those of the minibatch", arguments: ["plain", "invrate"])
  func gradientsOfTheWholeTwinAreThoseOfTheMinibatch(kind: String) throws {
    let result = try twin.gradients(
      input, head: 0,
      objective: MaskedPoisson(
        counts: reference.tensor("robs"), mask: reference.tensor("dfs"), cellWeights: weights(kind), clampsOutputs: true
      ).callAsFunction)
    #expect(abs(result.loss - (try reference.doubles("\(kind)/loss")[0])) < 1e-6)
    let prefix = "\(kind)/grad/"
    let names = reference.arrayNames.filter { $0.hasPrefix(prefix) }
    try #require(names.count == 40)
    var compared = 0
    for name in names {
      let theirs = try reference.tensor(name).values
      let peak = theirs.reduce(0) { max($0, abs($1)) }
      let ours = result.parameters[String(name.dropFirst(prefix.count))]?.values
      // What no gradient reaches is stored as zeros.
      guard let ours else {
        #expect(peak == 0, "\(name)")
        continue
      }
      compared += 1
      let difference = zip(ours, theirs).reduce(0) { max($0, abs($1.0 - $1.1)) }
      // Float32 sums over 32 windows in another order; centres and widths cancel (SEMANTICS 20).
      #expect(difference <= (name.contains("readouts") ? 2e-3 : 1e-4) * peak, "\(name)")
    }
    // In the reference, 23 of the 40 gradients are not 0.
    #expect(compared >= 23)
  }

  private func weights(_ kind: String) throws -> [Double] {
    kind == "plain" ? readouts.map { _ in 1 } : try reference.doubles("inv_rate_weights")
  }
}
