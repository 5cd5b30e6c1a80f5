import Base
import Formats
import Metrics
import Training
import Twin

/// A training set on whose stimulus receptive fields can be measured.
package protocol MeasurableSet: TrainingSet {
  /// Of the set's stimulus.
  var fieldMeasurement: FieldMeasurement { get }
  /// Frames from which the fields of the recorded cells are read, ascending.
  var fieldFrames: [Int] { get }

  /// Correlation of the pixels of neighbouring frames; nil for a stimulus without contrast.
  ///
  /// - Throws: what reading the stimulus throws.
  func frameCorrelation() throws -> Double?
}

/// Peak lags of a twin's receptive fields beside those of the recorded cells, on stimuli whose frames are all new.
///
/// The recorded cells' fields are read from all valid frames, as in `sta`. Those of a twin are read from at most `mostFrames` of
/// them: rates have no noise of counts, so that fewer frames suffice.
struct LatencyMeasurement {
  /// Neighbouring frames that are more alike smear the lags of a receptive field.
  private static let largestCorrelation = 0.5
  private static let mostFrames = 10_000

  private let sets: [any MeasurableSet]
  /// Types of the stimuli, `gaborium`.
  let stimulus: String
  /// Of each recorded cell; nil where its field is not clear.
  let recordedMs: [Double?]

  /// Nil where no set has new frames.
  ///
  /// - Parameter sets: of each session the first one is taken whose frames are new.
  /// - Throws: what reading throws; `interrupted`.
  init?(_ sets: [any TrainingSet], work: Work) throws {
    var chosen: [any MeasurableSet] = []
    for set in sets.compactMap({ $0 as? any MeasurableSet })
    where !chosen.contains(where: { $0.session == set.session }) {
      if let correlation = try set.frameCorrelation(), abs(correlation) <= Self.largestCorrelation {
        chosen.append(set)
      }
    }
    guard !chosen.isEmpty else { return nil }
    self.sets = chosen
    stimulus = chosen.map(\.stimulusType).reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }.joined(
      separator: ", ")
    recordedMs = try chosen.flatMap { set in
      let silent = [Float](repeating: 0, count: set.meanCounts.count)
      return try Self.milliseconds(set, .data, set.fieldFrames, work) { frames in frames.flatMap { _ in silent } }
    }
  }

  /// Of each cell of the twin; nil where its field is not clear.
  ///
  /// - Throws: as `TwinNetwork`; `interrupted`.
  func modelMs(_ architecture: TwinArchitecture, _ source: any ArraySource, work: Work) throws -> [Double?] {
    let network = try TwinNetwork(
      architecture: architecture, source: source, heads: Array(Set(sets.map(\.head))).sorted())
    return try sets.flatMap { set in
      try Self.milliseconds(set, .model, Array(set.fieldFrames.prefix(Self.mostFrames)), work) { frames in
        try Validation.rates(of: set, frames, network: network, work: work).values
      }
    }
  }

  private static func milliseconds(
    _ set: any MeasurableSet, _ side: FieldSource, _ frames: [Int], _ work: Work,
    rates: @escaping ([Int]) throws -> [Float]
  ) throws -> [Double?] {
    let none = [Double?](repeating: nil, count: set.meanCounts.count)
    guard !frames.isEmpty else { return none }
    let fields: MeasuredFields
    do {
      fields = try set.fieldMeasurement.measure(split: .all, work: Work(cancellation: work.cancellation)) {
        FieldMeasurement.Rates(frames: frames, rows: rates)
      }
    } catch let failure as Failure where failure.kind == .undefined {
      // No frame has a whole window before it.
      return none
    }
    return FieldTable.rows(fields, map: nil).map { row in
      let (numbers, isClear) =
        side == .data ? (row.numbers, row.isClear) : (row.modelNumbers, row.modelIsClear)
      return isClear ? numbers.map(row.scale.peakLagMilliseconds) : nil
    }
  }
}

extension TrainingSet {
  /// The type of its stimulus: `gaborium` of `sim/gaborium`.
  var stimulusType: String { String(label.split(separator: "/").last ?? Substring(label)) }
}
