import Base
import Foundation
import Training
import Workspace

/// A training as an object of the workspace: what it was asked for, how far it has come, and what it needs to go on.
package struct TrainingRecord: Codable, Equatable, Sendable {
  /// The twin that it began from: its name then, and its version.
  package var start: String
  package var startVersion: Int64
  /// Label of each stimulus, in the order of the data sets.
  package var stimuli: [String]
  /// Every setting with its value.
  package var settings: [String]
  /// The arguments of `train` as a stored value, and the folder from which its paths are taken.
  package var arguments: Data
  package var folder: String?
  /// Digest of each data set with the start twin.
  package var data: [String]
  /// The entry that began it.
  package var entry: Int64
  /// Steps in all.
  package var stepLimit: Int
  /// Epochs that the schedule was fitted to, where `train` had a time budget.
  package var fittedEpochs: Int?
  package var progress = TrainingProgress()
  /// Epoch whose tensors the twin has, from 0.
  package var epoch = 0
  /// Whether the twin is a copy of the best epoch, made beside the last one.
  package var isBest = false
  /// Digest of the npz with the optimiser's state; nil before the first epoch and after the last.
  package var optimiser: String?
  /// Digest of the tensors after the best epoch, as `TwinPayload.overlay`.
  package var bestOverlay: String?

  package init(
    start: LoadedTwin, stimuli: [String], settings: [String], arguments: Data, folder: String?, data: [String],
    entry: Int64, stepLimit: Int, fittedEpochs: Int?
  ) {
    self.start = start.name
    startVersion = start.record.id
    self.stimuli = stimuli
    self.settings = settings
    self.arguments = arguments
    self.folder = folder
    self.data = data
    self.entry = entry
    self.stepLimit = stepLimit
    self.fittedEpochs = fittedEpochs
  }

  package var curve: TrainingCurve { progress.curve }
  /// Mean loss of the batches of the epoch whose tensors the twin has; nil where no epoch is finished.
  package var trainLoss: Double? { progress.epochs.last { $0.number == epoch }?.trainLoss }
  /// Epoch with the best held-out score, from 0; nil where none was validated.
  package var bestEpoch: Int? { progress.best?.epoch }
}

/// Whether a training goes on, and why not.
package enum TrainingState: String, Sendable {
  case running, stopped, interrupted, failed, finished
}

extension Session {
  /// Writes the record to the object store.
  ///
  /// - Returns: the object's digest.
  package func keep(_ record: TrainingRecord) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    encoder.nonConformingFloatEncodingStrategy = TrainingRecord.nonFinite.encoding
    return try workspace.objects.put(encoder.encode(record))
  }

  /// The record of a twin's training.
  ///
  /// - Throws: `missing` for a twin that was not trained here; `format` for an object that can't be read.
  package func trainingRecord(of twin: String, _ payload: TwinPayload, at span: SourceSpan?) throws -> TrainingRecord {
    guard let digest = payload.training else {
      throw Failure(
        .missing, "`\(twin)` was not trained by vcsh: it has no curves", hint: "`runs` lists the twins that were",
        span: span)
    }
    let data = try workspace.objects.data(digest)
    do {
      let decoder = JSONDecoder()
      decoder.nonConformingFloatDecodingStrategy = TrainingRecord.nonFinite.decoding
      return try decoder.decode(TrainingRecord.self, from: data)
    } catch {
      throw Failure(
        .format, "the training record of `\(twin)` is damaged, or an earlier vcsh wrote it", hint: "train it again",
        span: span)
    }
  }

  /// Whether a training goes on, by its record and by the entry that made this version.
  package func trainingState(_ training: TrainingRecord, _ version: VersionRecord) throws -> TrainingState {
    if training.progress.end != nil { return .finished }
    let entry = try workspace.entry(version.entry)
    switch entry.status {
    case .running: return .running
    case .failed: return .failed
    case .ok: return .stopped
    // An entry that Ctrl-C ended has the message of its failure.
    case .interrupted: return entry.error?.hasPrefix(Failure.interrupted.message) == true ? .stopped : .interrupted
    }
  }
}

extension TrainingRecord {
  /// JSON has no word for what is not finite.
  fileprivate static let nonFinite:
    (
      encoding: JSONEncoder.NonConformingFloatEncodingStrategy, decoding: JSONDecoder.NonConformingFloatDecodingStrategy
    ) = (
      .convertToString(positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan"),
      .convertFromString(positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    )
}
