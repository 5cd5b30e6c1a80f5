import Analysis
import Base
import Metrics
import Recordings
import Session

/// The trials of a session that repeat, on which a noise ceiling is known.
struct TransferCeiling {
  let source: LoadedStimulus
  /// All valid frames.
  let frames: [Int]
  let features: CachedFeatures

  /// Correlation of mean rate and mean count over trials for each model, and CC_max.
  ///
  /// - Parameters:
  ///   - rates: by model, `[cell][frame]`, of the chosen cells.
  ///   - cells: positions of the chosen cells in the recording.
  func scores(_ rates: [String: [[Float]?]], cells: [Int]) throws -> TransferScores.Repeated {
    let names = rates.keys.sorted()
    var ceiling = [Double?](repeating: nil, count: cells.count)
    var correlations: [String: [Double?]] = [:]
    for name in names {
      var all = Tensor(zeros: [frames.count, source.stimulus.cellCount])
      for (place, cell) in cells.enumerated() {
        guard let own = rates[name]?[place] else { continue }
        for row in own.indices { all.values[row * source.stimulus.cellCount + cell] = own[row] }
      }
      let predictions = try source.stimulus.predictions(frames: frames, rates: all)
      guard let layout = try? RepeatLayout(predictions) else { continue }
      correlations[name] = try cells.indices.map { place in
        let repeats = try layout.repeats(of: predictions, cell: cells[place], options: .init(splits: 0))
        ceiling[place] = MaximumCorrelation.score(repeats).value
        return rates[name]?[place] == nil ? nil : TrialAverageCorrelation.score(repeats).value
      }
    }
    return .init(correlations: correlations, ceiling: ceiling)
  }
}

extension TransferArm {
  /// Another stimulus of the recording whose trials repeat; nil where there is none, or where the twin can't run on it.
  ///
  /// - Throws: `interrupted`.
  func ceiling(in session: Session) throws -> TransferCeiling? {
    let names = data.source.payload.stimuli.map { "\(data.source.recordingName)/\($0.name)" }
    for name in names where name != data.source.label {
      let other = try session.loadStimulus(name)
      guard other.stimulus.repeats else { continue }
      do {
        try Predictor(session: session).checkInput(
          twin, head: head.isOwn ? head.index : head.adapter, other, for: head.isOwn ? .rates : .coreFeatures)
        let frames = try other.stimulus.validFrames()
        guard !frames.isEmpty else { continue }
        return TransferCeiling(
          source: other, frames: frames,
          features: try CoreFeatures(session: session).features(
            of: twin, adapter: head.adapter, on: other, frames: frames, among: frames))
      } catch let failure as Failure where failure.kind != .interrupted {
        session.note("no noise ceiling from \(name): \(failure.message)")
      }
    }
    return nil
  }

  /// Rates of the twin's own readouts on these trials, `[cell][frame]`.
  func ownRates(_ repeats: TransferCeiling, in session: Session) throws -> [[Float]?] {
    let predictions = try Predictor(session: session).predictions(
      of: twin, head: head.index, on: repeats.source, split: .all)
    let places = Dictionary(uniqueKeysWithValues: predictions.frames.enumerated().map { ($1, $0) })
    let rates = predictions.rates.gathering(rows: repeats.frames.compactMap { places[$0] })
    return cells.map { rates.column($0) }
  }
}
