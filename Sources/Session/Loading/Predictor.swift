import Base
import Formats
import Foundation
import Metrics
import Recordings
import Twin
import Workspace

/// A twin's predictions on a stimulus, from the cache where they were made before.
package struct Predictor {
  package let session: Session

  package init(session: Session) { self.session = session }

  /// Predictions on all valid frames of a split, ascending by frame.
  package func predictions(of twin: LoadedTwin, head: Int, on loaded: LoadedStimulus, split: Split) throws
    -> Predictions
  {
    let (frames, kept) = try rates(of: twin, head: head, on: loaded, split: split)
    let rates = Tensor(shape: [frames.count, loaded.stimulus.cellCount], values: try kept.rows(frames))
    return try loaded.stimulus.predictions(frames: frames, rates: rates)
  }

  /// The sums that scores are made of, over the same frames; a stretch of them at a time is in memory.
  package func sums(
    of twin: LoadedTwin, head: Int, on loaded: LoadedStimulus, split: Split
  ) throws -> (sums: [MaskedSums], frameCount: Int) {
    let stimulus = loaded.stimulus
    let (frames, kept) = try rates(of: twin, head: head, on: loaded, split: split)
    var sums = [MaskedSums](repeating: MaskedSums(rateHz: stimulus.rateHz), count: stimulus.cellCount)
    try stimulus.eachSpan(of: frames) { span in
      try session.work.cancellation.check()
      let rates = Tensor(shape: span.counts.shape, values: try kept.rows(span.frames))
      MaskedSums.add(rates: rates, counts: span.counts, mask: span.mask, to: &sums)
    }
    return (sums, frames.count)
  }

  /// What a twin asks of a recording.
  package func checkInput(
    _ twin: LoadedTwin, head: Int?, _ loaded: LoadedStimulus, for purpose: TwinInputs.Purpose
  ) throws {
    if let rate = twin.architecture.samplingRate, abs(rate - loaded.stimulus.rateHz) > Stimulus.rateTolerance * rate {
      throw Failure(
        .mismatch, "`\(twin.name)` was made for \(rate) frames a second, \(loaded.label) has \(loaded.stimulus.rateHz)",
        hint: "open the recording with a YAML whose `sampling` gives it that rate")
    }
    _ = try TwinInputs(twin, head: head, loaded, for: purpose)
  }

  private static func headHint(_ twin: LoadedTwin, head: Int, _ loaded: LoadedStimulus) -> String? {
    guard let own = twin.payload.heads.firstIndex(where: { $0.session == loaded.session }), own != head else {
      let session = twin.payload.heads.indices.contains(head) ? twin.payload.heads[head].session : nil
      guard let session, session != loaded.session else { return nil }
      return
        "head \(head) belongs to \(session): fit one for \(loaded.session) with `refit \(twin.name) readout on \(loaded.label) as NAME`"
    }
    return "head \(own) is this session's own: leave out --head"
  }

  /// The recording's cells must be those of the head.
  func checkCells(_ twin: LoadedTwin, head: Int, _ loaded: LoadedStimulus) throws {
    try checkInput(twin, head: head, loaded, for: .rates)
    let cells = twin.architecture.heads[head].cellCount
    guard cells == loaded.stimulus.cids.count else {
      throw Failure(
        .mismatch,
        "\(loaded.session): the recording has \(loaded.stimulus.cids.count) cells, head \(head) of `\(twin.name)` has \(cells)",
        hint: Self.headHint(twin, head: head, loaded)
          ?? "check the cids of the YAML that the recording was opened with"
      )
    }
    if let cids = twin.payload.heads.indices.contains(head) ? twin.payload.heads[head].cids : nil,
      cids != loaded.stimulus.cids
    {
      throw Failure(
        .mismatch, "\(loaded.session): the recording's cids are not those of head \(head) of `\(twin.name)`",
        hint: Self.headHint(twin, head: head, loaded)
          ?? "open both with the same YAML; where a recording's files name no cells, `open … --cells CIDS` does")
    }
  }

  /// The valid frames of a split, and their rates in the workspace.
  package func rates(
    of twin: LoadedTwin, head: Int, on loaded: LoadedStimulus, split: Split
  ) throws -> (frames: [Int], kept: KeptRows) {
    try checkCells(twin, head: head, loaded)
    let valid = try loaded.stimulus.validFrames()
    let frames = try loaded.stimulus.frames(split, among: valid)
    guard !frames.isEmpty else {
      throw Failure(
        .undefined, "\(loaded.label) has no valid frame in split `\(split.rawValue)`",
        hint: "`show \(loaded.recordingName)` shows how many bins are valid")
    }
    let blocks = FrameBlocks(
      session: session, kind: .predictions, answer: Self.key("predictions", twin, head: head, loaded),
      twin: twin.name, stimulus: loaded.label)
    let inputs = try TwinInputs(twin, head: head, loaded, for: .rates)
    let kept = try blocks.complete(frames, among: valid, rowShape: [loaded.stimulus.cellCount, 1, 1]) {
      try compute($0, in: $1, of: twin, head: head, from: inputs)
    }
    return (frames, kept)
  }

  /// Rates of a few frames, from the stimulus: `[frame, cell, 1, 1]`.
  private func compute(
    _ frames: [Int], in groups: [Range<Int>], of twin: LoadedTwin, head: Int, from inputs: TwinInputs
  ) throws -> Tensor {
    let input = try inputs.input(frames: frames, groups: groups)
    let output = try twin.network(head: head).forward(input, head: head, work: session.work)
    let rates = twin.architecture.outputIsLogRate ? output.rates.values.map(exp) : output.rates.values
    return Tensor(shape: output.rates.shape + [1, 1], values: rates)
  }

  /// Digest of all that a twin's answer on a stimulus depends on, the frames left out.
  ///
  /// - Parameter what: what is answered.
  package static func key(_ what: String, _ twin: LoadedTwin, head: Int, _ loaded: LoadedStimulus) -> String {
    let configuration = [loaded.payload.parentConfiguration, loaded.payload.sessionConfiguration].map {
      $0?.fingerprint ?? ""
    }
    let given = [loaded.payload.givenRate.map { "\($0) Hz" }, loaded.payload.givenCells.map { "cells \($0)" }]
    let overrides = twin.payload.heads.indices.contains(head) ? twin.payload.heads[head].configuration ?? "" : ""
    // A new readout leaves the features what they are.
    let core = what == CachedKind.features.answerName ? twin.coreDigest(head: head) : nil
    let text = [
      "\(what) \(TwinNetwork.numericsVersion)\(loaded.withoutBehavior ? " without behaviour" : "")",
      core ?? twin.weightsDigest, core == nil ? "\(head)" : "", overrides,
      loaded.fingerprint, configuration.joined(separator: ","), given.compactMap(\.self).joined(separator: " "),
    ]
    return Digest.of(text.joined(separator: "\n"))
  }
}
