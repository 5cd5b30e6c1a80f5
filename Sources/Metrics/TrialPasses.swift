import Base

/// The pass through a repeated sequence to which each row belongs.
///
/// A pass is a trial, unless trial numbers begin again: two blocks that are both numbered 0 to 9 are twenty passes. Where each
/// trial has each position once, trial numbers tell passes. Otherwise rows are taken in the order of frames, and a new pass
/// begins where the trial changes or the position steps back; a trial that goes on at the next position stays in its pass. Where
/// trials are interleaved row by row, the n-th row with the same trial and position belongs to the trial's n-th pass.
package struct TrialPasses: Sendable, Equatable {
  /// Nil for rows outside of the repeats.
  package let ofRow: [Int?]
  package let count: Int
  /// Distinct trial numbers; nil where trials are not known.
  package let trialCount: Int?
  /// Rows that share pass and position with an earlier row.
  package let duplicates: Int

  /// What a user should know; nil where each trial number is one pass.
  package var note: String? {
    var parts: [String] = []
    if let trialCount, trialCount < count {
      parts.append("trial numbers begin again: \(count) repeats have \(trialCount) numbers")
    }
    if duplicates > 0 {
      parts.append(
        "\(duplicates) \(duplicates == 1 ? "bin has" : "bins have") the trial and the position of another bin: the first valid one counts"
      )
    }
    return parts.isEmpty ? nil : parts.joined(separator: "; ")
  }

  /// - Returns: nil where the predictions have no positions within trials.
  package init?(_ predictions: Predictions) {
    guard let bins = predictions.trialBins else { return nil }
    var order = bins.indices.filter { bins[$0] >= 0 }
    let frames = predictions.frames
    if Set(frames).count == frames.count { order.sort { frames[$0] < frames[$1] } }
    var passes = [Int?](repeating: nil, count: bins.count)
    if let trials = predictions.trials {
      let pairs = Set(order.map { Pair(trial: trials[$0], bin: bins[$0]) })
      let ids = Set(order.map { trials[$0] }).sorted()
      trialCount = ids.count
      if pairs.count == order.count {
        let rank = Dictionary(uniqueKeysWithValues: ids.enumerated().map { ($1, $0) })
        for row in order { passes[row] = rank[trials[row]] }
      } else if let found = Self.byRuns(order, trials, bins) {
        for (row, pass) in zip(order, found) { passes[row] = pass }
      } else {
        for (row, pass) in zip(order, Self.byOccurrence(order, trials, bins)) { passes[row] = pass }
      }
    } else {
      trialCount = nil
      var pass = 0
      for (place, row) in order.enumerated() {
        if place > 0, bins[row] <= bins[order[place - 1]] { pass += 1 }
        passes[row] = pass
      }
    }
    ofRow = passes
    count = Set(passes.compactMap { $0 }).count
    duplicates =
      order.count - Set(order.map { Pair(trial: passes[$0] ?? 0, bin: bins[$0]) }).count
  }

  private struct Pair: Hashable {
    var trial: Int
    var bin: Int
  }

  /// The pass of each row of `order`; nil where the rows of a trial do not follow each other.
  private static func byRuns(_ order: [Int], _ trials: [Int], _ bins: [Int]) -> [Int]? {
    var passes: [Int] = []
    var runs = 0
    var count = 0
    // The newest pass of each trial, and the last position in it.
    var newest: [Int: (pass: Int, last: Int)] = [:]
    for (place, row) in order.enumerated() {
      let previous = place > 0 ? order[place - 1] : nil
      let follows = previous.map { trials[$0] == trials[row] && bins[$0] <= bins[row] } ?? false
      if !follows { runs += 1 }
      let known = newest[trials[row]]
      let goesOn = known.map { follows || bins[row] == $0.last &+ 1 } ?? false
      let pass = goesOn ? known?.pass ?? count : count
      if !goesOn { count += 1 }
      newest[trials[row]] = (pass, bins[row])
      passes.append(pass)
    }
    return runs * 2 <= order.count ? passes : nil
  }

  private static func byOccurrence(_ order: [Int], _ trials: [Int], _ bins: [Int]) -> [Int] {
    var seen: [Pair: Int] = [:]
    var numbers: [Pair: Int] = [:]
    return order.map { row in
      let occurrence = seen[Pair(trial: trials[row], bin: bins[row]), default: 0]
      seen[Pair(trial: trials[row], bin: bins[row])] = occurrence + 1
      let key = Pair(trial: trials[row], bin: occurrence)
      let number = numbers[key] ?? numbers.count
      numbers[key] = number
      return number
    }
  }
}
