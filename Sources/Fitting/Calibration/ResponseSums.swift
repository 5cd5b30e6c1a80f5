import Base
import Kernels

/// All that a calibration needs of a set of predictions: sums over the bins without spikes, and the bins with spikes.
///
/// The Poisson likelihood of `g r + b` sees a bin without spikes only through `g r + b` itself, which is linear: their
/// number and the sum of their rates say it all. Only bins with spikes are kept one by one.
package struct ResponseSums: Sendable {
  /// Sums over the valid bins of one cell in one slot.
  package struct Entry: Sendable, Equatable {
    /// Sum of the mask.
    package var bins = 0.0
    package var rateSum = 0.0
    package var spikes = 0.0
    package var smallest = Double.infinity
    package var largest = -Double.infinity
    /// Where the bins with spikes lie in `spikeRates` and `spikeCounts`.
    package var range = 0..<0

    /// Both sets of bins, which must lie side by side.
    package func union(_ next: Entry) -> Entry {
      Entry(
        bins: bins + next.bins, rateSum: rateSum + next.rateSum, spikes: spikes + next.spikes,
        smallest: min(smallest, next.smallest), largest: max(largest, next.largest),
        range: range.lowerBound..<next.range.upperBound)
    }

    package var isFinite: Bool { bins.isFinite && rateSum.isFinite && spikes.isFinite }
  }

  package let cellCount: Int
  /// Rates and masked counts of the bins with spikes: by cell, then slot.
  package private(set) var spikeRates: [Float] = []
  package private(set) var spikeCounts: [Float] = []
  /// Cells with a valid bin whose count is negative or not a number.
  package private(set) var hasBadCounts: [Bool]
  private var entries: [Entry]

  /// Slots of one cell: the bins of the first half that are fitted, its other bins, and the same of the second half.
  private static let slots = 4

  /// Sums of a cell over the bins of a half that are scored: all of them.
  package subscript(cell: Int, half half: Int) -> Entry {
    self[cell, fittedHalf: half].union(entries[cell * Self.slots + 2 * half + 1])
  }

  /// Sums of a cell over the bins of a half that are fitted.
  package subscript(cell: Int, fittedHalf half: Int) -> Entry { entries[cell * Self.slots + 2 * half] }

  /// Sums of a cell over both halves.
  package subscript(cell: Int) -> Entry { self[cell, half: 0].union(self[cell, half: 1]) }

  /// Rows that one task takes: small enough that Ctrl-C is noticed at once.
  private static let rowsPerTask = 1024

  /// Reads rates, counts and mask once, in memory order.
  ///
  /// - Parameter slots: for each row twice its half, plus 1 where it is scored but not fitted.
  /// - Throws: `Failure.interrupted`.
  package init(_ predictions: Predictions, slots: [UInt8], work: Work) throws {
    let width = predictions.cellCount
    let rows = predictions.frameCount
    precondition(slots.count == rows && slots.allSatisfy { $0 < Self.slots }, "one slot a row")
    let tasks = (rows + Self.rowsPerTask - 1) / Self.rowsPerTask
    let parts = try Parallel.map(tasks, work: work) { task in
      var part = PartialSums(width: width, slots: Self.slots)
      for row in task * Self.rowsPerTask..<min(rows, (task + 1) * Self.rowsPerTask) {
        part.add(predictions, row: row, slot: Int(slots[row]), of: Self.slots)
      }
      return part
    }

    cellCount = width
    entries = [Entry](repeating: Entry(), count: Self.slots * width)
    hasBadCounts = [Bool](repeating: false, count: width)
    for part in parts {
      for (place, sums) in part.sums.enumerated() {
        for cell in 0..<width {
          let slot = cell * Self.slots + place
          entries[slot].bins += sums.bins[cell]
          entries[slot].rateSum += sums.rates[cell]
          entries[slot].smallest = min(entries[slot].smallest, Double(sums.smallest[cell]))
          entries[slot].largest = max(entries[slot].largest, Double(sums.largest[cell]))
        }
      }
    }
    collectSpikes(of: parts)
  }

  /// Sorts the bins with spikes of all parts by cell and slot (counting sort).
  private mutating func collectSpikes(of parts: [PartialSums]) {
    var next = [Int](repeating: 0, count: entries.count)
    for part in parts { for slot in part.spikeSlots { next[Int(slot)] += 1 } }
    var start = 0
    for slot in entries.indices {
      entries[slot].range = start..<start + next[slot]
      start += next[slot]
      next[slot] = entries[slot].range.lowerBound
    }
    spikeRates = [Float](repeating: 0, count: start)
    spikeCounts = spikeRates
    for part in parts {
      for (index, slot) in part.spikeSlots.enumerated() {
        let slot = Int(slot)
        let place = next[slot]
        let count = part.spikeCounts[index]
        next[slot] = place + 1
        spikeRates[place] = part.spikeRates[index]
        spikeCounts[place] = count
        entries[slot].spikes += Double(count)
        if !(count >= 0 && count < .infinity) { hasBadCounts[slot / Self.slots] = true }
      }
    }
  }
}

/// The sums of some rows, by slot. The bins with spikes keep their cell too: `cell * slots + slot`.
private struct PartialSums: Sendable {
  /// By slot, then cell.
  var sums: [SlotSums]
  var spikeSlots: [Int32] = []
  var spikeRates: [Float] = []
  var spikeCounts: [Float] = []

  struct SlotSums: Sendable {
    var bins: [Double]
    var rates: [Double]
    var smallest: [Float]
    var largest: [Float]

    mutating func add(_ rates: Span<Float>, _ mask: Span<Float>) {
      Self.add(rates, mask, &bins, &self.rates, &smallest, &largest)
    }

    /// No branches, so that the compiler takes several cells at once.
    private static func add(
      _ rates: Span<Float>, _ mask: Span<Float>, _ bins: inout [Double], _ sums: inout [Double],
      _ smallest: inout [Float], _ largest: inout [Float]
    ) {
      let width = rates.count
      var bins = bins.mutableSpan
      var sums = sums.mutableSpan
      var smallest = smallest.mutableSpan
      var largest = largest.mutableSpan
      guard mask.count == width, bins.count == width, sums.count == width, smallest.count == width,
        largest.count == width
      else { return }
      for cell in 0..<width {
        let isValid = mask[cell] > 0
        let weight = isValid ? mask[cell] : 0
        let rate = isValid ? rates[cell] : 0
        bins[cell] += Double(weight)
        sums[cell] += Double(rate) * Double(weight)
        let low = isValid ? rates[cell] : .infinity
        let high = isValid ? rates[cell] : -.infinity
        smallest[cell] = low < smallest[cell] ? low : smallest[cell]
        largest[cell] = high > largest[cell] ? high : largest[cell]
      }
    }
  }

  init(width: Int, slots: Int) {
    let zeros = [Double](repeating: 0, count: width)
    let high = [Float](repeating: .infinity, count: width)
    sums = Array(
      repeating: SlotSums(bins: zeros, rates: zeros, smallest: high, largest: high.map { -$0 }), count: slots)
  }

  mutating func add(_ predictions: Predictions, row: Int, slot: Int, of slots: Int) {
    let width = predictions.cellCount
    let start = row * width
    let rates = predictions.rates.values.span.extracting(start..<start + width)
    let counts = predictions.counts.values.span.extracting(start..<start + width)
    let mask = predictions.mask.values.span.extracting(start..<start + width)
    sums[slot].add(rates, mask)
    for cell in 0..<width where counts[cell] != 0 {
      let weight = mask[cell]
      if weight > 0 {
        spikeSlots.append(Int32(truncatingIfNeeded: cell * slots + slot))
        spikeRates.append(rates[cell])
        spikeCounts.append(counts[cell] * weight)
      }
    }
  }
}
