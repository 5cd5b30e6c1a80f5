import Base
import Workspace

/// What `show PREDICTIONS` tells.
enum PredictionsReport {
  static func make(
    _ name: String, _ record: VersionRecord, _ payload: PredictionsPayload, session: Session
  ) throws -> Report {
    var fields = Record([
      ("frames", .int(payload.frames)), ("cells", .int(payload.cids.count)),
      ("cids", .string(payload.cids.idRanges)),
    ])
    if let rate = payload.rateHz { fields["bins_per_second"] = .double(rate) }
    if let text = payload.session { fields["session"] = .string(text) }
    if let text = payload.stimulus { fields["stimulus"] = .string(text) }
    if let text = payload.split { fields["split"] = .string(text) }
    if let text = payload.rates { fields["rates"] = .string(text) }
    if let file = payload.file { fields["file"] = .string(file.path) }
    let predictions = try session.storedPredictions(name, record, payload)
    fields["trials"] = predictions.trials.map { .int(Set($0).count) } ?? .null
    fields["valid_bins"] = .int(predictions.mask.values.count { $0 > 0 })
    fields["spikes"] = .double(
      zip(predictions.counts.values, predictions.mask.values).reduce(0) {
        $0 + ($1.1 > 0 && $1.0.isFinite ? Double($1.0) : 0)
      })
    return Report(name, [.init("predictions", .fields(fields))])
  }
}
