import Base
import Foundation
import Training
import Workspace

/// What a trained twin keeps of its training, as an object of the workspace.
package struct TrainingRecord: Codable, Equatable, Sendable {
  /// The twin that it began from.
  package var start: String
  /// Label of each stimulus, in the order of the data sets.
  package var stimuli: [String]
  /// Every setting with its value.
  package var settings: [String]
  /// Epoch whose tensors the twin has, from 0.
  package var epoch: Int
  /// Epoch with the best held-out score, from 0; nil where none was validated.
  package var bestEpoch: Int?
  package var curve: TrainingCurve

  package init(
    start: String, stimuli: [String], settings: [String], epoch: Int, bestEpoch: Int?, curve: TrainingCurve
  ) {
    self.start = start
    self.stimuli = stimuli
    self.settings = settings
    self.epoch = epoch
    self.bestEpoch = bestEpoch
    self.curve = curve
  }
}

extension Session {
  /// Writes the record to the object store.
  ///
  /// - Returns: the object's digest.
  package func keep(_ record: TrainingRecord) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
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
    let data = try RegularFile(path: workspace.objects.path(of: digest)).contents()
    do {
      return try JSONDecoder().decode(TrainingRecord.self, from: data)
    } catch {
      throw Failure(.format, "the training record of `\(twin)` is damaged", hint: "train it again", span: span)
    }
  }
}
