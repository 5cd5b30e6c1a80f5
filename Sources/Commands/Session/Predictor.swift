import Base
import Formats
import Foundation
import Recordings
import Twin
import Workspace

/// A twin's predictions on a stimulus, from the cache where they were made before.
struct Predictor {
  let session: Session

  /// Frames a block: large enough to keep both cores busy, small enough that Ctrl-C answers at once.
  static let blockFrames = 64

  /// Predictions on all valid frames of a split, ascending by frame.
  func predictions(of twin: LoadedTwin, head: Int, on loaded: LoadedStimulus, split: Split) throws -> Predictions {
    let stimulus = loaded.stimulus
    try checkCells(twin, head: head, loaded)
    let frames = try stimulus.validFrames(split)
    guard !frames.isEmpty else {
      throw Failure(
        .undefined, "\(loaded.label) has no valid frame in split `\(split.rawValue)`",
        hint: "`show \(loaded.recordingName)` tells how many bins are valid")
    }
    let rates = try cachedRates(of: twin, head: head, on: loaded, frames: frames, split: split)
    return try stimulus.predictions(frames: frames, rates: rates)
  }

  /// What a twin asks of a recording.
  func checkInput(
    _ twin: LoadedTwin, head: Int?, _ loaded: LoadedStimulus, for purpose: TwinInputs.Purpose
  ) throws {
    if let rate = twin.architecture.samplingRate, abs(rate - loaded.stimulus.rateHz) > 1e-6 * rate {
      throw Failure(
        .mismatch, "`\(twin.name)` was made for \(rate) frames a second, \(loaded.label) has \(loaded.stimulus.rateHz)",
        hint: "open the recording with a YAML whose `sampling` gives it that rate")
    }
    _ = try TwinInputs(twin, head: head, loaded, for: purpose)
  }

  private static func headHint(_ twin: LoadedTwin, head: Int, _ loaded: LoadedStimulus) -> String? {
    guard let own = twin.payload.heads.firstIndex(where: { $0.session == loaded.session }), own != head else {
      return nil
    }
    return "head \(own) is this session's own: leave out --head"
  }

  private func checkCells(_ twin: LoadedTwin, head: Int, _ loaded: LoadedStimulus) throws {
    try checkInput(twin, head: head, loaded, for: .rates)
    let cells = twin.architecture.heads[head].cellCount
    guard cells == loaded.stimulus.cids.count else {
      throw Failure(
        .mismatch,
        "\(loaded.session): the recording has \(loaded.stimulus.cids.count) cells, head \(head) of `\(twin.name)` has \(cells)",
        hint: Self.headHint(twin, head: head, loaded) ?? "check the cids of the YAML that the recording was opened with"
      )
    }
    if let cids = twin.payload.heads.indices.contains(head) ? twin.payload.heads[head].cids : nil,
      cids != loaded.stimulus.cids
    {
      throw Failure(
        .mismatch, "\(loaded.session): the recording's cids are not those of head \(head) of `\(twin.name)`",
        hint: Self.headHint(twin, head: head, loaded) ?? "open both with the same YAML")
    }
  }

  /// The rates of a split. The parts of `all` are cached by themselves, so that `val` after `all` costs nothing.
  private func cachedRates(
    of twin: LoadedTwin, head: Int, on loaded: LoadedStimulus, frames: [Int], split: Split
  ) throws -> Tensor {
    guard split == .all, loaded.stimulus.hasTrials else {
      return try cachedRates(of: twin, head: head, on: loaded, frames: frames)
    }
    let cells = loaded.stimulus.cids.count
    let row = Dictionary(uniqueKeysWithValues: frames.enumerated().map { ($1, $0) })
    var rates = Tensor(zeros: [frames.count, cells])
    for part in [Split.train, .val] {
      let partFrames = try loaded.stimulus.validFrames(part)
      guard !partFrames.isEmpty else { continue }
      let partRates = try cachedRates(of: twin, head: head, on: loaded, frames: partFrames)
      for (index, frame) in partFrames.enumerated() {
        guard let target = row[frame] else { continue }
        rates.values.replaceSubrange(
          target * cells..<(target + 1) * cells, with: partRates.values[index * cells..<(index + 1) * cells])
      }
    }
    return rates
  }

  private func cachedRates(of twin: LoadedTwin, head: Int, on loaded: LoadedStimulus, frames: [Int]) throws -> Tensor {
    let key = Self.key("predictions 2", twin, head: head, loaded, frames: frames)
    let shape = [frames.count, loaded.stimulus.cids.count]
    // A damaged cache is no cache.
    if let digest = try session.workspace.cached(key),
      let rates = try? NpzArchive(path: session.workspace.objects.path(of: digest)).tensor("rhat"), rates.shape == shape
    {
      return rates
    }
    let rates = try computeRates(of: twin, head: head, on: loaded, frames: frames)
    let digest = try session.workspace.objects.putFile { path in
      try NpzWriter.write([NamedArray("rhat", rates)], to: path)
    }
    try session.remember(
      CacheRecord(
        key: key, kind: "predictions", digest: digest,
        detail: "\(twin.name) on \(loaded.label), \(frames.count) frames"))
    return rates
  }

  private func computeRates(of twin: LoadedTwin, head: Int, on loaded: LoadedStimulus, frames: [Int]) throws -> Tensor {
    let network = try twin.network(head: head)
    var values: [Float] = []
    values.reserveCapacity(frames.count * loaded.stimulus.cids.count)
    let inputs = try TwinInputs(twin, head: head, loaded, for: .rates)
    try eachBlock(of: frames, from: inputs, title: "predict \(loaded.label)") { input in
      let output = try network.forward(input, head: head, work: session.work)
      values.append(contentsOf: twin.architecture.outputIsLogRate ? output.rates.values.map(exp) : output.rates.values)
    }
    return Tensor(shape: [frames.count, loaded.stimulus.cids.count], values: values)
  }

  /// Hands what the twin is given for `frames` on, block by block.
  func eachBlock(
    of frames: [Int], from inputs: TwinInputs, title: String, body: (TwinNetwork.Input) throws -> Void
  ) throws {
    let progress = session.work.progress
    progress?.begin(title, total: frames.count, unit: "frames")
    defer { progress?.end() }
    var done = 0
    while done < frames.count {
      try session.work.cancellation.check()
      let block = Array(frames[done..<min(done + Self.blockFrames, frames.count)])
      try body(try inputs.input(frames: block))
      done += block.count
      progress?.advance(to: done)
    }
  }

  /// Digest of all that a twin's answer on these frames depends on.
  static func key(
    _ version: String, _ twin: LoadedTwin, head: Int, _ loaded: LoadedStimulus, frames: [Int]
  ) -> String {
    let configuration = [loaded.payload.parentConfiguration, loaded.payload.sessionConfiguration].map {
      $0?.fingerprint ?? ""
    }
    let overrides = twin.payload.heads.indices.contains(head) ? twin.payload.heads[head].configuration ?? "" : ""
    let text = [
      loaded.withoutBehavior ? version + " without behaviour" : version, twin.weightsDigest, "\(head)", overrides,
      loaded.fingerprint, configuration.joined(separator: ","),
      frames.map(String.init).joined(separator: " "),
    ]
    return Digest.of(text.joined(separator: "\n"))
  }
}
