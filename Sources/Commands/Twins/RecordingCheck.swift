import Base
import Language
import Recordings
import Session
import Twin
import Workspace

/// What keeps a twin from running on a recording.
struct RecordingCheck {
  let twin: LoadedTwin
  let stimuli: [LoadedStimulus]
  let session: Session
  private let head: Result<Int, Failure>

  /// - Parameter text: `REC/STIM`, or `REC` for all its stimuli.
  init(_ twin: LoadedTwin, on text: String, head named: String?, session: Session, call: Call) throws {
    self.twin = twin
    self.session = session
    let span = call.span(of: "stimulus")
    if text.contains("/") {
      stimuli = [try session.loadStimulus(text, at: span)]
    } else {
      let record = try session.lookup(text, kinds: [.recording], at: span)
      guard let payload = record.payload as? RecordingPayload else {
        throw Failure(.mismatch, "`\(text)` is no recording", span: span)
      }
      stimuli = try payload.stimuli.map { try session.loadStimulus("\(text)/\($0.name)", at: span) }
    }
    do {
      head = .success(try twin.head(session: stimuli.first?.session, named: named))
    } catch let failure as Failure {
      guard named == nil else { throw failure.located(at: call.span(of: "head")) }
      head = .failure(failure)
    }
  }

  func findings() throws -> [Finding] {
    guard let first = stimuli.first else { return [] }
    var findings = rate(first) + stimuli.flatMap(needs) + filters(first)
    var index = 0
    switch head {
    case .success(let own):
      index = own
      findings += cells(first, head: own)
    case .failure(let failure):
      findings.append(Finding(.error, failure, part: "heads"))
      index = twin.architecture.heads.first { twin.architecture.buildFailure(head: $0.index) == nil }?.index ?? 0
    }
    for stimulus in stimuli {
      let input = InputSize(stimulus)
      if input == nil, twin.architecture.readsStimulus {
        findings.append(
          Finding(
            .error, "recording", stimulus.label, "no lags of its stimulus are known",
            remedy: "open the recording with a YAML that has `keys_lags.stim`"))
        continue
      }
      if let input, twin.architecture.readsStimulus {
        for finding in TwinWeightCheck(twin.architecture, source: twin.source).shapes(input.sizes, heads: [index])
        where !findings.contains(finding) {
          findings.append(finding)
        }
      }
      if try stimulus.stimulus.validFrames().isEmpty {
        findings.append(
          Finding(
            .warning, "recording", stimulus.label, "it has no valid frame",
            remedy: "`show \(stimulus.recordingName)` tells how many bins are valid"))
      }
    }
    return findings
  }

  private func rate(_ loaded: LoadedStimulus) -> [Finding] {
    guard let rate = twin.architecture.samplingRate, abs(rate - loaded.stimulus.rateHz) > 1e-6 * rate else { return [] }
    return [
      Finding(
        .error, "recording", loaded.recordingName,
        "the twin was made for \(rate) frames a second, the recording has \(loaded.stimulus.rateHz)",
        remedy: "open the recording with a YAML whose `sampling` gives it that rate")
    ]
  }

  /// Behaviour and history, in the words of whoever would feed the twin.
  private func needs(_ loaded: LoadedStimulus) -> [Finding] {
    guard rate(loaded).isEmpty else { return [] }
    func failure(head: Int?) -> Failure? {
      do {
        try Predictor(session: session).checkInput(twin, head: head, loaded, for: .rates)
        return nil
      } catch {
        return error as? Failure
      }
    }
    // What the core needs is the same for every head.
    if let failure = failure(head: nil) { return [Finding(.error, failure, part: "modulator")] }
    guard let own = try? head.get(), let failure = failure(head: own) else { return [] }
    return [Finding(.error, failure, part: "history")]
  }

  private func cells(_ loaded: LoadedStimulus, head: Int) -> [Finding] {
    let recorded = loaded.stimulus.cids
    let own = twin.architecture.heads[head]
    let place = own.readoutName
    guard own.cellCount == recorded.count else {
      return [
        Finding(
          .error, "heads", place,
          "\(loaded.session): the recording has \(recorded.count) cells, head \(head) has \(own.cellCount)",
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
        .error, "heads", place, "\(loaded.session): the cids disagree: \(difference)",
        remedy: "open both with the same YAML")
    ]
  }

  private func filters(_ loaded: LoadedStimulus) -> [Finding] {
    (loaded.stimulus.configuration.dataFilters ?? []).filter { $0.parameters["theshold"] != nil }.map { step in
      Finding(
        .warning, "recording", step.place, "`theshold` is misspelt and without effect: the threshold stays 45",
        remedy: "write `threshold`")
    }
  }
}
