import Base
import Fitting
import Kernels
import Testing

@Suite("Places that fits start from")
struct ReadoutPlacementTests {
  private let data = SimulatedFeatures(rows: 1400)

  private func objective(counts: [[Float]]) -> ReadoutObjective {
    ReadoutObjective(
      channels: 3, height: 6, width: 7, counts: counts, mask: counts.map { $0.map { _ in 1 } })
  }

  private func moved(_ starts: [ReadoutPlacement.Start], counts: [[Float]]) throws -> [ReadoutPlacement.Start] {
    var blocks = FeatureBlocks(FeatureArray(data.features), rows: Array(0..<1400), memoryLimit: 0)
    return try ReadoutPlacement(objective(counts: counts)).moved(
      starts, &blocks, bounds: { _ in ReadoutParameters.bounds(channels: 3, height: 6, width: 7) }, work: .silent)
  }

  @Test("Weights of the wrong size at the wrong place find theirs") func finds() throws {
    let starts = data.truth.enumerated().map { cell, truth in
      var start = truth
      for channel in 0..<3 { start.vector[channel] *= 0.6 }
      start.vector[4] += 0.9
      start.vector[6] = 0.6
      start.vector[7] = 0.6
      return ReadoutPlacement.Start(cell: cell, readout: start)
    }
    let found = try moved(starts, counts: (0..<2).map { data.counts.column($0) })
    #expect(found.count == 2)
    for ((found, start), truth) in zip(zip(found, starts), data.truth) {
      #expect(found.cell == start.cell)
      let distances = [found.readout, start.readout].map { abs($0.mask.meanY - truth.mask.meanY) }
      #expect(distances[0] < 0.3 && distances[1] > 0.8, "\(distances)")
      // One gain of all weights.
      let gains = zip(found.readout.weights, start.readout.weights).map { $0 / $1 }
      #expect(gains.allSatisfy { abs($0 - gains[0]) < 1e-9 } && gains[0] > 1.1)
    }
  }

  @Test("A cell without spikes starts where it was") func silent() throws {
    let start = ReadoutPlacement.Start(cell: 0, readout: data.truth[0])
    let found = try moved([start], counts: [[Float](repeating: 0, count: 1400)])
    #expect(found.map(\.readout) == [data.truth[0]])
  }
}
