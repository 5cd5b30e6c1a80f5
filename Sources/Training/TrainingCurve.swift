import Layers

/// Numbers that a training leaves, one row each: what `curves` shows.
public struct TrainingCurve: Sendable, Equatable, Codable {
  public struct Row: Sendable, Equatable, Codable {
    /// `train_loss`, `grad_norm`, `lr`, `val_loss`, `val_bits_per_spike`, `test_…`, or one of them with `/session`; `weight_rms/part`.
    public var metric: String
    /// Steps that were taken when the number was known, from 1.
    public var step: Int
    /// From 0.
    public var epoch: Int
    /// Nil where it is undefined.
    public var value: Double?
  }

  public private(set) var rows: [Row] = []

  public init() {}

  mutating func add(_ metric: String, _ value: Double?, step: Int, epoch: Int) {
    rows.append(Row(metric: metric, step: step, epoch: epoch, value: value.flatMap { $0.isFinite ? $0 : nil }))
  }

  mutating func add(_ record: Trainer.StepRecord, groups: [ParameterGroup], step: Int, epoch: Int) {
    add("train_loss", record.loss, step: step, epoch: epoch)
    add("grad_norm", record.gradientNorm, step: step, epoch: epoch)
    for penalty in record.penalties { add("penalty/\(penalty.name)", penalty.value, step: step, epoch: epoch) }
    for (name, isCore) in [("lr_core", true), ("lr", false)] {
      guard let index = groups.firstIndex(where: { $0.kind.isCore == isCore }) else { continue }
      add(name, record.rates[index], step: step, epoch: epoch)
    }
  }

  /// Root mean square of the trained values of each part of the twin.
  mutating func addWeights(of trainer: Trainer, step: Int, epoch: Int) throws {
    let trained = Set(trainer.trainedNames)
    for part in Part.allCases {
      let names = trainer.architecture.parameters.filter { $0.part == part && trained.contains($0.name) }.map(\.name)
      guard !names.isEmpty else { continue }
      var (sum, count) = (0.0, 0)
      for name in names {
        let values = try trainer.store.tensor(name).values
        sum += values.reduce(0.0) { $0 + Double($1) * Double($1) }
        count += values.count
      }
      add("weight_rms/\(part.rawValue)", (sum / Double(count)).squareRoot(), step: step, epoch: epoch)
    }
  }

  mutating func add(_ scores: [Validation.Score], as split: String = "val", step: Int, epoch: Int) {
    for score in scores {
      add("\(split)_loss/\(score.session)", score.loss, step: step, epoch: epoch)
      add("\(split)_bits_per_spike/\(score.session)", score.bitsPerSpike, step: step, epoch: epoch)
    }
    add("\(split)_loss", scores.mean(\.loss), step: step, epoch: epoch)
    add("\(split)_bits_per_spike", scores.mean(\.bitsPerSpike), step: step, epoch: epoch)
  }
}

extension [Validation.Score] {
  /// Plain mean over sessions that have the number.
  public func mean(_ value: (Validation.Score) -> Double?) -> Double? {
    let known = compactMap(value)
    return known.isEmpty ? nil : known.reduce(0, +) / Double(known.count)
  }
}
