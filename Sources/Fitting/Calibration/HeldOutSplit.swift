import Base

/// The two halves of a set of predictions: each is scored with numbers that were fitted to the other.
///
/// Bins are taken in the order of time and cut into blocks, which belong to the halves in turn, so that slow drift falls on
/// both alike. Bins near the border of two blocks are scored but not fitted, so that there is a gap between what is fitted and
/// what is scored.
///
/// - A block lasts a second (`unknownSecond` bins where the rate is not known), at most a quarter of the bins, and at least
///   twice as long as rates and counts vary together (`IndependentLength`), at most half of the bins.
/// - Trials are not cut where they are shorter than two blocks: short ones are joined, in the order of time, until they are as
///   long as a block.
/// - Where trials repeat the same frames, blocks are cut within the trial, and all repeats of a frame belong to the same half:
///   the counts of other repeats tell what a frame evokes.
package struct HeldOutSplit: Sendable {
  /// 0 or 1 for each row.
  package let halves: [UInt8]
  /// Whether a row takes part in the fit of its half.
  package let isFitted: [Bool]
  /// Bins of a block; shorter trials that were joined, and longer ones, differ from it.
  package let blockLength: Int
  /// Whether repeats of the same frames share a half.
  package let isByPlace: Bool
  /// Whether both halves have a bin.
  package var isPossible: Bool { halves.contains(0) && halves.contains(1) }

  /// Bins of a block where bins per second are not known.
  package static let unknownSecond = 120
  /// A block has this many times the bins of the gap at each of its ends.
  private static let blocksPerGap = 8

  package init(_ predictions: Predictions) {
    let moments = Moments(predictions)
    isByPlace = moments.areRepeated
    let count = moments.count
    let second =
      predictions.rateHz.isFinite
      ? Int(max(1, min(predictions.rateHz.rounded(), 1e6))) : Self.unknownSecond
    let measured = IndependentLength.bins(predictions, moments)
    let length = max(1, min(second, count / 4), min(2 * measured, count / 2))
    blockLength = length

    let blocks = Self.blocks(moments.runs, length: length)
    var half = [UInt8](repeating: 0, count: count)
    for (place, block) in blocks.enumerated() {
      for moment in block { half[moment] = UInt8(place % 2) }
    }
    var isInner = [Bool](repeating: true, count: count)
    let gap = length / Self.blocksPerGap
    for border in blocks.dropFirst().map(\.lowerBound) {
      let (last, first) = (moments.times[border - 1], moments.times[border])
      var moment = border - 1
      while moment >= 0, first - moments.times[moment] <= gap {
        isInner[moment] = false
        moment -= 1
      }
      moment = border
      while moment < count, moments.times[moment] - last <= gap {
        isInner[moment] = false
        moment += 1
      }
    }
    halves = moments.ofRow.map { half[$0] }
    isFitted = moments.ofRow.map { isInner[$0] }
  }

  /// Where each half of the bins lies in `ResponseSums`.
  var slots: [UInt8] { zip(halves, isFitted).map { $0 * 2 + ($1 ? 0 : 1) } }

  package func bins(of predictions: Predictions) -> BinHalves {
    BinHalves(predictions, halves: halves.map { Int($0) }, byPlace: isByPlace)
  }

  /// Runs of one trial, joined or cut to about `length` moments.
  private static func blocks(_ runs: [Range<Int>], length: Int) -> [Range<Int>] {
    var blocks: [Range<Int>] = []
    var open: Range<Int>?
    for run in runs {
      let joined = (open?.lowerBound ?? run.lowerBound)..<run.upperBound
      if joined.count < length {
        open = joined
        continue
      }
      // What was joined so far stays whole where the run is long enough to stand alone.
      if let open, open.count * 2 >= length, run.count >= length {
        blocks.append(open)
        blocks += pieces(run, length: length)
      } else {
        blocks += pieces(joined, length: length)
      }
      open = nil
    }
    if let rest = open {
      if let last = blocks.last, rest.count * 2 < length {
        blocks[blocks.count - 1] = last.lowerBound..<rest.upperBound
      } else {
        blocks.append(rest)
      }
    }
    if blocks.count == 1, let whole = blocks.first, whole.count >= 2 {
      return pieces(whole, length: max(1, whole.count / 2))
    }
    return blocks
  }

  /// Equal parts of a run that holds two blocks or more.
  private static func pieces(_ run: Range<Int>, length: Int) -> [Range<Int>] {
    let count = max(1, run.count / length)
    return (0..<count).map { piece in
      run.lowerBound + piece * run.count / count..<run.lowerBound + (piece + 1) * run.count / count
    }
  }
}
