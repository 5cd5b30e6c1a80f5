import Base
import Formats
import Recordings
import Twin

/// Finds problems that keep a twin from running on a recording.
package struct RecordingCheck {
  private let architecture: TwinArchitecture
  private let source: any ArraySource
  private let recording: String
  private let session: String
  private let stimuli: [Stimulus]
  private let head: Result<Int, Failure>

  /// - Parameters:
  ///   - recording: the name of the recording, for messages.
  ///   - head: the head that is to run, or why there is none.
  package init(
    _ architecture: TwinArchitecture, source: any ArraySource, on recording: String, session: String,
    stimuli: [Stimulus], head: Result<Int, Failure>
  ) {
    self.architecture = architecture
    self.source = source
    self.recording = recording
    self.session = session
    self.stimuli = stimuli
    self.head = head
  }

  /// - Parameter refusal: why the inputs of a stimulus do not fit the core, or a head where one is given; nil where they fit.
  /// - Throws: what reading the stimuli throws.
  package func findings(refusal: (_ stimulus: Stimulus, _ head: Int?) -> Failure?) throws -> [Finding] {
    guard let first = stimuli.first else { return [] }
    var findings = rate(first) + stimuli.flatMap { needs($0, refusal) } + filters(first)
    var index = 0
    switch head {
    case .success(let own):
      index = own
      findings += cells(first, head: own)
    case .failure(let failure):
      findings.append(Finding(.error, failure, part: "heads"))
      index = architecture.heads.first { architecture.buildFailure(head: $0.index) == nil }?.index ?? 0
    }
    for stimulus in stimuli {
      let label = "\(recording)/\(stimulus.name)"
      if architecture.readsStimulus {
        guard let lags = stimulus.lags else {
          findings.append(
            Finding(
              .error, "recording", label, "no lags of its stimulus are known",
              remedy: "open the recording with a YAML that has `keys_lags.stim`"))
          continue
        }
        let sizes = [stimulus.channelCount, lags.count, stimulus.height, stimulus.width]
        for finding in TwinWeightCheck(architecture, source: source).shapes(sizes, heads: [index])
        where !findings.contains(finding) {
          findings.append(finding)
        }
      }
      if let remark = try stimulus.scaleRemark() {
        findings.append(
          Finding(
            .warning, "recording", label, remark, remedy: "take `pixelnorm` out of the YAML's transforms"))
      }
      if try stimulus.validFrames().isEmpty {
        findings.append(
          Finding(
            .warning, "recording", label, "it has no valid frame",
            remedy: "`show \(recording)` says how many bins are valid"))
      }
    }
    return findings
  }

  private func rate(_ stimulus: Stimulus) -> [Finding] {
    guard let rate = architecture.samplingRate, abs(rate - stimulus.rateHz) > 1e-6 * rate else { return [] }
    return [
      Finding(
        abs(rate - stimulus.rateHz) > Stimulus.rateTolerance * rate ? .error : .warning, "recording", recording,
        "the twin was made for \(rate) frames a second, the recording has \(stimulus.rateHz)",
        remedy: "open the recording with a YAML whose `sampling` gives it that rate, or with --rate")
    ]
  }

  /// Behaviour and spike history that the recording lacks.
  private func needs(_ stimulus: Stimulus, _ refusal: (Stimulus, Int?) -> Failure?) -> [Finding] {
    guard !rate(stimulus).contains(where: { $0.severity == .error }) else { return [] }
    // The core needs the same inputs for every head.
    if let failure = refusal(stimulus, nil) { return [Finding(.error, failure, part: "modulator")] }
    guard let own = try? head.get(), let failure = refusal(stimulus, own) else { return [] }
    return [Finding(.error, failure, part: "history")]
  }

  private func cells(_ stimulus: Stimulus, head: Int) -> [Finding] {
    let recorded = stimulus.cids
    let own = architecture.heads[head]
    guard own.cellCount == recorded.count else {
      return [
        Finding(
          .error, "heads", own.readoutName,
          "\(session): the recording has \(recorded.count) cells, head \(head) has \(own.cellCount)",
          remedy: "check the cids of the YAML that the recording was opened with")
      ]
    }
    guard let cids = own.cids, cids != recorded else { return [] }
    let extra = recorded.filter { !cids.contains($0) }
    let missing = cids.filter { !recorded.contains($0) }
    let difference =
      extra.isEmpty && missing.isEmpty
      ? "the same ids in another order"
      : "only in the recording: \(extra.idRanges); only in the head: \(missing.idRanges)"
    return [
      Finding(
        .error, "heads", own.readoutName, "\(session): the cids disagree: \(difference)",
        remedy: "open both with the same YAML")
    ]
  }

  private func filters(_ stimulus: Stimulus) -> [Finding] {
    (stimulus.configuration.dataFilters ?? []).filter { $0.parameters["theshold"] != nil }.map { step in
      Finding(
        .warning, "recording", step.place, "`theshold` is misspelt and without effect: the threshold stays 45",
        remedy: "write `threshold`")
    }
  }
}
