import Base
import Formats
import Recordings
import Workspace

/// What `show RECORDING` tells: counts and masks are read, frames are not.
enum RecordingReport {
  static func make(_ name: String, _ payload: RecordingPayload, session: Session) throws -> Report {
    var rows: [(name: String, summary: StimulusSummary, train: Int?, val: Int?)] = []
    var lags: [Int]?
    for stimulus in payload.stimuli {
      let loaded = try session.loadStimulus("\(name)/\(stimulus.name)")
      lags = loaded.stimulus.lags
      let summary = try loaded.stimulus.summary()
      let hasTrials = summary.trials != nil
      let valid = hasTrials ? try loaded.stimulus.validFrames() : []
      rows.append(
        (
          stimulus.name, summary, hasTrials ? try loaded.stimulus.frames(.train, among: valid).count : nil,
          hasTrials ? try loaded.stimulus.frames(.val, among: valid).count : nil
        ))
    }
    var fields = Record([
      ("session", .string(payload.session)), ("cells", .int(payload.cids.count)),
      ("cids", .string(payload.cids.idRanges)), ("bins_per_second", .double(payload.rateHz)),
    ])
    if let note = payload.note { fields["change"] = .string(note) }
    if let lags { fields["lags"] = .string(lags.idRanges) }
    let configuration = try session.configuration(of: payload)
    fields["transforms"] = .string(
      configuration.transforms.map { entry in
        let steps = entry.steps.isEmpty ? "as it is" : entry.steps.map(text).joined(separator: ", ")
        return (entry.source == entry.target ? "" : "\(entry.source) as ") + "\(entry.target): \(steps)"
      }.joined(separator: "; "))
    if let filters = configuration.dataFilters {
      fields["data_filters"] = .string(filters.map(text).joined(separator: ", "))
    }
    fields["split"] = .string("train \(configuration.trainFraction) of the trials, seed \(configuration.seed)")
    if let file = payload.parentConfiguration { fields["configuration"] = .string(file.path) }
    if let file = payload.sessionConfiguration { fields["session_configuration"] = .string(file.path) }
    let seconds = rows.map { Double($0.summary.validBins) / payload.rateHz }
    let table = Table([
      Column("stimulus", rows.map(\.name)),
      Column("frames", rows.map { Optional($0.summary.frames) }),
      Column("pixels", rows.map { "\($0.summary.height)x\($0.summary.width)" }),
      Column("trials", rows.map(\.summary.trials)),
      Column("bins_per_trial", rows.map(\.summary.trialBins)),
      Column("train_frames", rows.map(\.train)),
      Column("val_frames", rows.map(\.val)),
      Column("spikes", collecting: rows.map { Value.whole($0.summary.validSpikes) }),
      Column("valid_bins", rows.map { Optional($0.summary.validBins) }),
      Column("mean_rate_hz", zip(rows, seconds).map { $1 > 0 ? $0.summary.validSpikes / $1 : nil }, unit: "Hz"),
    ])
    return Report(name, [.init("recording", .fields(fields)), .init("stimuli", .table(table))])
  }
}

extension RecordingReport {
  /// `valid_nlags n_lags=18`
  private static func text(_ step: PipelineStep) -> String {
    let options = step.parameters.mapValue?.map { "\($0.key)=\(text($0.value))" }
    return ([step.name] + (options ?? (step.parameters.isNull ? [] : [text(step.parameters)]))).joined(separator: " ")
  }

  /// A value as YAML has it; of a long list its length.
  private static func text(_ value: ConfigNode) -> String {
    switch value {
    case .string(let text): text.shortened
    case .bool(let truth): "\(truth)"
    case .list(let items):
      items.count > 6 ? "(\(items.count) items)" : "[\(items.map(text).joined(separator: ", "))]"
    default: value.intValue.map(String.init) ?? value.doubleValue.map { "\($0)" } ?? value.kindName
    }
  }
}
