import Base
import Formats
import Foundation
import Metrics
import Twin

/// Scores on held-out frames, which no step has seen.
public enum Validation {
  /// One session's scores.
  public struct Score: Sendable, Equatable, Codable {
    public var session: String
    /// Masked mean over all cells, in nats a bin; nil where no bin is valid.
    public var loss: Double?
    /// Mean over the cells that have one.
    public var bitsPerSpike: Double?
    /// Cells with a score.
    public var cells: Int
  }

  /// Frames that go through the twin together.
  private static let stretch = 256

  /// Scores each set on its held-out frames; sets of one session are scored together.
  ///
  /// - Throws: what reading throws; `interrupted`.
  public static func scores(
    _ architecture: TwinArchitecture, _ source: any ArraySource, on sets: [any TrainingSet], work: Work = .silent
  ) throws -> [Score] {
    let network = try TwinNetwork(
      architecture: architecture, source: source, heads: Array(Set(sets.map(\.head))).sorted())
    var sums: [(session: String, cells: [MaskedSums])] = []
    for set in sets {
      let cells = set.meanCounts.count
      let place = sums.firstIndex { $0.session == set.session && $0.cells.count == cells } ?? sums.count
      if place == sums.count { sums.append((set.session, [MaskedSums](repeating: MaskedSums(), count: cells))) }
      try add(set, of: network, to: &sums[place].cells, work: work)
    }
    return sums.map { session, cells in
      let scores = cells.compactMap { BitsPerSpike.score($0).value }
      let weight = cells.reduce(0) { $0 + $1.weight }
      let losses = cells.compactMap { cell in NegativeLogLikelihood.score(cell).value.map { $0 * cell.weight } }
      return Score(
        session: session, loss: weight > 0 && losses.count > 0 ? losses.reduce(0, +) / weight : nil,
        bitsPerSpike: scores.isEmpty ? nil : scores.reduce(0, +) / Double(scores.count), cells: scores.count)
    }
  }

  /// Adds a set's held-out bins to the sums of its cells.
  package static func add(
    _ set: any TrainingSet, of network: TwinNetwork, to sums: inout [MaskedSums], work: Work
  ) throws {
    let frames = set.validationFrames
    for start in stride(from: 0, to: frames.count, by: stretch) {
      let batch = try set.batch(Array(frames[start..<min(start + stretch, frames.count)]))
      MaskedSums.add(
        rates: try rates(of: set, batch, network, work), counts: batch.counts, mask: batch.wholeMask, to: &sums)
    }
  }

  /// Expected counts of a set's frames, `[frame, cell]`.
  ///
  /// - Throws: what reading throws; `interrupted`.
  package static func rates(
    of set: any TrainingSet, _ frames: [Int], network: TwinNetwork, work: Work
  ) throws -> Tensor {
    var rates: [Float] = []
    for start in stride(from: 0, to: frames.count, by: stretch) {
      let batch = try set.batch(Array(frames[start..<min(start + stretch, frames.count)]))
      rates += try self.rates(of: set, batch, network, work).values
    }
    return Tensor(shape: [frames.count, set.meanCounts.count], values: rates)
  }

  private static func rates(
    of set: any TrainingSet, _ batch: TrainingBatch, _ network: TwinNetwork, _ work: Work
  ) throws -> Tensor {
    let outputs = try network.forward(batch.input, head: set.head, work: Work(cancellation: work.cancellation)).rates
    guard network.architecture.outputIsLogRate else { return outputs }
    return Tensor(shape: outputs.shape, values: outputs.values.map(exp))
  }
}
