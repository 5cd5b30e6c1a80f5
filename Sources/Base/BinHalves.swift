/// Which half of a fit each bin belongs to, so that every bin can be scored with numbers that were fitted to other bins.
///
/// It is made once, by the fit, stored with it, and read wherever the fit is applied.
public struct BinHalves: Codable, Sendable, Equatable {
  /// What the numbers of a run count: frames of the stimulus, or rows where a file gives one frame to several rows.
  public enum Unit: String, Codable, Sendable { case frame, row }

  /// Consecutive bins of the same half; stored as three numbers.
  public struct Run: Codable, Sendable, Equatable {
    public var start: Int
    public var count: Int
    /// 0 or 1.
    public var half: Int

    public init(start: Int, count: Int, half: Int) {
      self.start = start
      self.count = count
      self.half = half
    }

    public init(from decoder: any Decoder) throws {
      var numbers = try decoder.unkeyedContainer()
      start = try numbers.decode(Int.self)
      count = try numbers.decode(Int.self)
      half = try numbers.decode(Int.self)
    }

    public func encode(to encoder: any Encoder) throws {
      var numbers = encoder.unkeyedContainer()
      for number in [start, count, half] { try numbers.encode(number) }
    }
  }

  public var unit: Unit
  /// The bins that took part in the fit, ascending.
  public var runs: [Run]
  /// Positions within a repeated trial, ascending, where the fit was split by them: all repeats of a position belong to the
  /// same half, also those that took no part themselves.
  public var places: [Run]?

  /// - Parameters:
  ///   - halves: 0 or 1 for each row of `predictions`.
  ///   - byPlace: whether all rows with the same position within a repeated trial have the same half.
  public init(_ predictions: Predictions, halves: [Int], byPlace: Bool) {
    precondition(halves.count == predictions.frameCount, "\(halves.count) halves for \(predictions.frameCount) rows")
    unit = Self.unit(of: predictions)
    runs = Self.runs(unit == .row ? Array(halves.indices) : predictions.frames, halves)
    if byPlace, let bins = predictions.trialBins {
      let inTrial = bins.indices.filter { bins[$0] >= 0 }
      places = Self.runs(inTrial.map { bins[$0] }, inTrial.map { halves[$0] })
    }
  }

  /// The half of each row; nil for a row that took no part in the fit and repeats no frame of it.
  public func of(_ predictions: Predictions) -> [Int?] {
    let numbers = unit == .row ? Array(predictions.frames.indices) : predictions.frames
    return numbers.indices.map { row in
      if let half = Self.half(of: numbers[row], in: runs) { return half }
      guard let places, let bins = predictions.trialBins, bins[row] >= 0 else { return nil }
      return Self.half(of: bins[row], in: places)
    }
  }

  private static func unit(of predictions: Predictions) -> Unit {
    Set(predictions.frames).count == predictions.frameCount ? .frame : .row
  }

  private static func runs(_ numbers: [Int], _ halves: [Int]) -> [Run] {
    var runs: [Run] = []
    for index in numbers.indices.sorted(by: { numbers[$0] < numbers[$1] }) {
      let (number, half) = (numbers[index], halves[index])
      if let last = runs.last, number < last.start &+ last.count { continue }
      if let last = runs.last, last.half == half, number == last.start &+ last.count {
        runs[runs.count - 1].count += 1
      } else {
        runs.append(Run(start: number, count: 1, half: half))
      }
    }
    return runs
  }

  /// The half of the run that holds `number`, by bisection.
  private static func half(of number: Int, in runs: [Run]) -> Int? {
    var (low, high) = (0, runs.count)
    while low < high {
      let middle = (low + high) / 2
      if runs[middle].start <= number { low = middle + 1 } else { high = middle }
    }
    guard low > 0 else { return nil }
    let run = runs[low - 1]
    // A difference that overflows lies beyond every run.
    let (distance, overflow) = number.subtractingReportingOverflow(run.start)
    return !overflow && distance < run.count ? run.half : nil
  }
}
