import Base
import Training

/// What `show` shows of a trained twin's training.
enum TrainingReport {
  static func sections(of twin: LoadedTwin, in session: Session) throws -> [Report.Section] {
    let record = try session.trainingRecord(of: twin.name, twin.payload, at: nil)
    let state = record.isBest ? .finished : try session.trainingState(record, twin.record)
    return [
      Report.Section("training", .fields(fields(record, state, name: twin.name))),
      Report.Section("epochs", .table(epochs(record))),
    ]
  }

  private static func fields(_ record: TrainingRecord, _ state: TrainingState, name: String) -> Record {
    let progress = record.progress
    var fields = Record([
      ("start", .string(record.start)), ("data", .string(record.stimuli.joined(separator: ", "))),
      ("settings", .string(record.settings.joined(separator: ", "))),
    ])
    if record.isBest {
      fields["selected"] = .string("epoch \(record.epoch), the best on the validation trials")
    } else {
      fields["state"] = .string(
        state.rawValue
          + (progress.end.map { ": \($0.text)" } ?? (state == .running ? "" : "; `resume \(name)` goes on with it")))
    }
    fields["steps"] = .string("\(progress.stepsDone) of \(record.stepLimit)")
    fields["batches"] = .string(
      progress.orderDigest.isEmpty ? "none yet" : "digest \(progress.orderDigest.prefix(16))")
    if let loss = record.trainLoss { fields["train_loss"] = .double(loss) }
    if let best = progress.best {
      fields["best_val_bits_per_spike"] = .double(best.bitsPerSpike)
      fields["best_epoch"] = .int(best.epoch)
    }
    if let row = progress.curve.rows.last(where: { $0.metric == "test_bits_per_spike" }), let score = row.value {
      fields["test_bits_per_spike"] = .double(score)
      fields["test_epoch"] = .int(row.epoch)
    }
    return fields
  }

  private static func epochs(_ record: TrainingRecord) -> Table {
    let epochs = record.progress.epochs
    let best = record.progress.best?.place
    return Table([
      Column("epoch", epochs.map { Optional($0.number) }),
      Column("steps", epochs.map { Optional($0.steps) }),
      Column("train_loss", epochs.map { Optional($0.trainLoss) }),
      Column("val_loss", epochs.map { $0.validation.mean(\.loss) }),
      Column("val_bits_per_spike", epochs.map { $0.validation.mean(\.bitsPerSpike) }),
      Column(
        "kept",
        epochs.indices.map { place in
          let names = [place == best ? "best" : nil, place == epochs.count - 1 ? "last" : nil].compactMap(\.self)
          return names.isEmpty ? nil : names.joined(separator: ", ")
        }),
    ])
  }
}
