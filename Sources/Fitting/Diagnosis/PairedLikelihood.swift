import Base
import Foundation
import Metrics

/// How much better one prediction of a cell fits its counts than another, on the same bins.
///
/// Formula: with `l = y ln(r + 1e-8) - r`, the sum of `d (l_a - l_b)` over spikes and ln 2; `z` is that sum over its standard
/// error from blocks of a quarter of a second, which are taken as independent. Where trials repeat the same frames, a block
/// is a tenth of a second of the trial, all repeats together, because the repeats are not independent. These are few, and
/// often one of them gains most: up to 16 blocks, `z` is that of `SignFlips` where this is larger.
/// Undefined: no spikes, or fewer than three blocks with a valid bin.
package struct PairedLikelihood: Sendable, Equatable {
  /// Bits per spike.
  package let difference: Double
  package let z: Double

  private static let blockSeconds = 0.25
  private static let repeatedBlockSeconds = 0.1
  private static let fewestBlocks = 3

  /// - Parameters:
  ///   - rows: the rows that count, ascending; a gap between two of them ends a block.
  ///   - places: of each row within a repeated trial; nil where trials do not repeat.
  package init?(_ a: [Float], over b: [Float], of series: MaskedSeries, rows: [Int], places: [Int]? = nil) {
    func frames(_ seconds: Double) -> Int {
      series.rateHz.isFinite ? Int(max(1, min((series.rateHz * seconds).rounded(), 1e6))) : Int(120 * seconds)
    }
    let length = frames(Self.blockSeconds)
    let placeLength = frames(Self.repeatedBlockSeconds)
    var blocks: [Double] = []
    var blockOfPlace: [Int: Int] = [:]
    var spikes = 0.0
    var current = -1
    var filled = 0
    var last: Int?
    for row in rows where series.mask[row] > 0 {
      var block = current
      // Frames outside of the repeats have places below 0.
      if let places, places[row] >= 0 {
        let key = places[row] / placeLength
        block = blockOfPlace[key] ?? blocks.count
        blockOfPlace[key] = block
        current = -1
      } else if current < 0 || filled >= length || last.map({ $0 + 1 != row }) ?? true {
        block = blocks.count
        current = block
        filled = 0
      }
      if block == blocks.count { blocks.append(0) }
      let count = Double(series.counts[row])
      let weight = Double(series.mask[row])
      let gained =
        PoissonLikelihood.loss(rate: Double(b[row]), count: count)
        - PoissonLikelihood.loss(rate: Double(a[row]), count: count)
      blocks[block] += weight * gained
      spikes += weight * count
      filled += 1
      last = row
    }
    guard spikes > 0, blocks.count >= Self.fewestBlocks else { return nil }
    let total = blocks.reduce(0, +)
    guard total.isFinite else { return nil }
    difference = total / (spikes * log(2))
    let mean = total / Double(blocks.count)
    let squares = blocks.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    let error = (squares / Double(blocks.count - 1) * Double(blocks.count)).squareRoot()
    let normal = error > 0 ? total / error : 0
    z = total > 0 && places != nil ? max(normal, SignFlips.z(blocks) ?? normal) : normal
  }
}
