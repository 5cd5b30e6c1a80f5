import Base
import Fitting
import Testing

@Suite("Where fits of readouts begin, and what they may not fall behind")
struct ReadoutStartTests {
  private let data = SimulatedFeatures(rows: 500)

  private func fit(_ model: ReadoutModel, _ options: ReadoutRefitOptions = ReadoutRefitOptions(starts: 1)) throws
    -> [CellReadout]
  {
    try ReadoutRefit.fit(
      features: FeatureArray(data.features), counts: data.counts, mask: data.mask, trainRows: Array(0..<500),
      valRows: [], options: options, model: model)
  }

  /// Loss of readouts on all rows, nats per bin.
  private func losses(_ readouts: [CellReadout]) throws -> [Double] {
    let objective = ReadoutObjective(
      channels: 3, height: 6, width: 7, counts: [0, 1].map { data.counts.column($0) },
      mask: [[Float]](repeating: [Float](repeating: 1, count: 500), count: 2))
    var blocks = FeatureBlocks(FeatureArray(data.features), rows: Array(0..<500), memoryLimit: 0)
    let sums = try objective.evaluate(
      readouts.enumerated().map { .init(cell: $0.offset, parameters: ReadoutParameters($0.element)) }, on: &blocks,
      derivatives: false, work: .silent)
    return sums.map { $0.loss / $0.bins }
  }

  @Test("An offset that spike history adds to every bin moves the bias alone", arguments: [-25, 25] as [Float])
  func offset(_ offset: Float) throws {
    var shifted = ReadoutModel()
    shifted.history = Tensor(shape: [500, 2], values: [Float](repeating: offset, count: 1000))
    for (plain, shifted) in zip(try fit(ReadoutModel()), try fit(shifted)) {
      #expect(abs(plain.nllTrain - shifted.nllTrain) < 1e-4)
      #expect(abs(plain.bias - shifted.bias - offset) < 0.02)
    }
  }

  @Test(
    "A fit from readouts that training left outside the map, or narrower than a fit would, is not worse than they are")
  func fromOutside() throws {
    var current = data.truth.map(\.readout)
    current[0].stdY = 0.04
    current[1].meanX = 5
    var model = ReadoutModel()
    model.current = current
    for part in [ReadoutRefitOptions.Part.both, .place, .features] {
      var options = ReadoutRefitOptions(starts: 1)
      options.part = part
      for (readout, before) in zip(try fit(model, options), try losses(current)) {
        #expect(readout.nllTrain <= before + 1e-7, "\(part)")
      }
    }
  }
}
