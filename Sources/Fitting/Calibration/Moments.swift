import Base

/// The moments of a set of predictions in the order of time. A moment is one bin, or all repeats of one bin.
struct Moments: Sendable {
  /// The moment of each row.
  let ofRow: [Int]
  /// When each moment was, in bins; ascending.
  let times: [Int]
  /// Moments that follow each other in the same trial.
  let runs: [Range<Int>]
  /// Whether some moment stands for several rows that show the same frame.
  let areRepeated: Bool

  var count: Int { times.count }

  /// Frames further apart count as that far apart, so that no sum overflows.
  private static let longestStep = 1 << 20

  init(_ predictions: Predictions) {
    let rows = predictions.frameCount
    if let places = Self.places(predictions) {
      // Rows outside of the repeats come behind them, each a moment of its own.
      let known = Set(places.compactMap { $0 }).sorted()
      let index = Dictionary(uniqueKeysWithValues: known.enumerated().map { ($1, $0) })
      let others = Self.ordered(predictions).filter { places[$0] == nil }
      var moment = [Int](repeating: 0, count: rows)
      for row in 0..<rows { if let place = places[row] { moment[row] = index[place] ?? 0 } }
      for (place, row) in others.enumerated() { moment[row] = known.count + place }
      ofRow = moment
      let first = known.first ?? 0
      let span = (known.last ?? 0) - first + 1
      times = known.map { $0 - first } + others.indices.map { span + $0 }
      runs = [0..<known.count, known.count..<known.count + others.count].filter { !$0.isEmpty }
      areRepeated = true
      return
    }
    let order = Self.ordered(predictions)
    var moment = [Int](repeating: 0, count: rows)
    for (place, row) in order.enumerated() { moment[row] = place }
    ofRow = moment
    let frames = order.map { predictions.frames[$0] }
    let ascend = zip(frames, frames.dropFirst()).allSatisfy { $0 < $1 }
    var now = 0
    times = frames.indices.map { place in
      if place > 0 {
        let (step, overflow) = frames[place].subtractingReportingOverflow(frames[place - 1])
        now += !ascend ? 1 : overflow ? Self.longestStep : min(step, Self.longestStep)
      }
      return now
    }
    var found: [Range<Int>] = []
    var start = 0
    for place in 1..<max(1, rows) where predictions.trials.map({ $0[order[place]] != $0[order[place - 1]] }) ?? false {
      found.append(start..<place)
      start = place
    }
    runs = rows > 0 ? found + [start..<rows] : []
    areRepeated = false
  }

  /// Rows by frame; as they are where several rows have the same frame.
  private static func ordered(_ predictions: Predictions) -> [Int] {
    let rows = Array(predictions.frames.indices)
    let frames = predictions.frames
    if zip(frames, frames.dropFirst()).allSatisfy({ $0 < $1 }) { return rows }
    return Set(frames).count == rows.count ? rows.sorted { frames[$0] < frames[$1] } : rows
  }

  /// The position of each row within a repeated trial, nil for rows outside of the repeats; nil where nothing repeats.
  ///
  /// Where no positions are known, trials repeat if at least half of them have the same predicted rates as the first, bin by
  /// bin.
  private static func places(_ predictions: Predictions) -> [Int?]? {
    if let bins = predictions.trialBins {
      let inTrial = bins.filter { $0 >= 0 }
      return Set(inTrial).count < inTrial.count ? bins.map { $0 >= 0 ? $0 : nil } : nil
    }
    guard let trials = predictions.trials else { return nil }
    var runs: [Range<Int>] = []
    for row in trials.indices {
      if let last = runs.last, trials[row] == trials[row - 1] {
        runs[runs.count - 1] = last.lowerBound..<row + 1
      } else {
        runs.append(row..<row + 1)
      }
    }
    guard let longest = runs.max(by: { $0.count < $1.count }), runs.count >= 2, longest.count >= 2 else { return nil }
    let width = predictions.cellCount
    let rates = predictions.rates.values
    func rate(_ row: Int) -> ArraySlice<Float> { rates[row * width..<(row + 1) * width] }
    guard longest.contains(where: { rate($0) != rate(longest.lowerBound) }) else { return nil }
    let alike = runs.filter { run in
      run.count >= 2
        && run.indices.allSatisfy { rate($0) == rate(longest.lowerBound + $0 - run.lowerBound) }
    }
    guard alike.count >= 2, alike.count * 2 >= runs.count else { return nil }
    var places = [Int?](repeating: nil, count: trials.count)
    for run in alike { for row in run { places[row] = row - run.lowerBound } }
    return places
  }
}
